"""Spans: the lowest and highest age, or time, that a label says in words."""

import re
from dataclasses import dataclass

from migstat.words.plain_words import listed, plain

LESS = listed(
    "under; less than; below; younger; moins de; menos de; menor de; menores de; unter; weniger als; до; младше; "
    "менее; أقل من; اقل من; 不满; 以下; menor que; up to"
)
MORE = listed(
    "and over; or over; and older; or older; or more; and more; and above; or above; plus; over; et plus; ou "
    "plus; y mas; o mas; ou mais; e mais; und mehr; und alter; und daruber; mehr als; и старше; и более; старше; "
    "фأكثر; فأكثر; فاكثر; فما فوق; 以上; 及以上; at least"
)
BETWEEN = re.compile(
    r"(?<!\d)(\d{1,3})\s*(?:years?|yrs?|months?|ans|anos|años|jahre?n?|лет|سنة|سنوات|岁)?\s*"
    r"(?:-|–|—|~|to|a|à|al|bis|до|по|至|到|إلى|الى|and|y|et|und)\s*(?:less than\s+)?(\d{1,3})(?!\d)",
    re.I,
)
YEARS = re.compile(r"\b(?:1[89]|20)\d{2}\b")
EARLIER = frozenset(listed("before; earlier; antes; anterior; avant; vor; prima; for; fore; до; قبل; antes de; until"))
MONTHS = ("month", "mois", "mes", "meses", "monat", "monate", "месяц", "месяцев", "شهر", "أشهر", "个月")
OF_AGES = frozenset(
    plain("years year yrs old of age aged de ans an anos ano edad idade jahre jahren alt лет года").split()
)
"""Words that stand beside an age."""
NUMBER = re.compile(r"(?<!\d)(\d{1,3})(?!\d)")
OPEN = re.compile(r"(?<!\d)(\d{1,3})\s*\+")


@dataclass(frozen=True, slots=True)
class Span:
    """From ``low`` to ``high``, both included; open where ``high`` is None. ``unit`` is Y for years, M for months."""

    low: int
    high: int | None
    unit: str = "Y"


def is_under(label: str) -> bool:
    """Say whether a label says no more than that somebody is younger than an age.

    >>> is_under("Menor de 10 años"), is_under("10 to 14 years")
    (True, False)
    """
    said = span(label)
    text = f" {plain(label)} "
    under = said is not None and said.low == 0 and any(f" {word} " in text for word in LESS)
    return under and not set(text.split()) - OF_AGES - {word for one in LESS for word in one.split()} - _digits(text)


def years_of(label: str) -> tuple[str, str] | None:
    """Return the first year of the span of years that a label says, and whether it is one, or all before it.

    >>> years_of("Arrived 1951 to 1960"), years_of("Before 1950"), years_of("2016"), years_of("Born in the UK")
    (('1951', 'span'), ('1949', 'before'), ('2016', ''), None)
    """
    found = YEARS.findall(label)
    said = set(plain(label).split())
    if len(found) == 1 and said & EARLIER:
        return str(int(found[0]) - 1), "before"
    if len(found) == 2 and found[0] < found[1]:
        return found[0], "span"
    if len(found) == 1:
        return found[0], "" if len(said) <= 2 else "span"
    return None


def _digits(text: str) -> set[str]:
    return {word for word in text.split() if word.isdecimal()}


def span(label: str) -> Span | None:
    """Return the span that a label says, or None where it says none.

    >>> span("12 To 14 Years"), span("80 años y más"), span("Under 5"), span("no answer")
    (Span(low=12, high=14, unit='Y'), Span(low=80, high=None, unit='Y'), Span(low=0, high=4, unit='Y'), None)
    """
    text = f" {plain(label)} "
    unit = "M" if any(f" {word}" in text for word in MONTHS) else "Y"
    numbers = [int(one) for one in NUMBER.findall(label)]
    for word in ("one", "un", "une", "uno", "una", "um", "ein", "eine"):
        if not numbers and f" {word} " in text:
            numbers = [1]  # "Menos de un año" is under one year.
    if not numbers or len(numbers) > 2:
        return None
    both = BETWEEN.search(label)
    if both and len(numbers) == 2:
        low, high = int(both[1]), int(both[2])
        high = high - 1 if "less than" in text else high
        return Span(low, high, unit) if low <= high else None
    if len(numbers) != 1:
        return None
    number = numbers[0]
    if OPEN.search(label) or any(f" {word} " in text or text.strip().endswith(word) for word in MORE):
        return Span(number, None, unit)
    if any(f" {word} " in text for word in LESS):
        return Span(0, number - 1, unit) if number else None
    bare = re.sub(
        r"\d+|years?|yrs?|ans?|anos?|jahre?n?|лет|года?|سنوات|سنة|岁|months?|old|age|of|edad|de", "", plain(label)
    )
    return Span(number, number, unit) if not bare.strip() else None
