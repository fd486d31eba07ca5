"""Measures from text: ``count``, ``share(SEX)``, ``rate(1000)``, ``mean(AGE)``, ``quantile(AGE; 0.9)``."""

import re
from collections.abc import Iterable
from fractions import Fraction

from migstat.read.expression import parse_expression
from migstat.read.mappings.faults import Faults, nearest
from migstat.words.expression_text import print_expression
from migstat.words.finding import MigstatError, Place
from migstat.words.measure import COUNT, QUANTILES, RATES, Measure

KINDS = ("count", "share", "rate", "mean", "median", "quantile")
_FORM = re.compile(r"\s*(\w+)\s*(?:\((.*)\))?\s*", re.DOTALL)
EXAMPLES = "count, share(SEX), rate(1000), mean(AGE), median(AGE) or quantile(AGE; 0.9)"


def split_measures(text: str) -> list[str]:
    """Split a list at its commas, those in brackets excepted.

    >>> split_measures("count, share(SEX, AGE)")
    ['count', 'share(SEX, AGE)']
    """
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def parse_measures(texts: Iterable[str], place: Place) -> tuple[Measure, ...]:
    """Parse measures, each once; raise MigstatError with everything that is wrong.

    >>> [measure.code for measure in parse_measures(["count", "median(AGE)", "quantile(AGE; 0.9)"], Place("x"))]
    ['COUNT', 'MEDIAN', 'P90']
    """
    faults = Faults(component="measures")
    found = []
    for text in texts:
        try:
            found.append(parse_measure(text, place))
        except MigstatError as error:
            faults.take(error)
    faults.settle()
    return tuple(dict.fromkeys(found))


def parse_measure(text: str, place: Place) -> Measure:
    """Parse one measure; raise MigstatError that says what to write."""
    faults = Faults(component="measures")
    form = _FORM.fullmatch(text)
    kind, inside = (form[1].lower(), (form[2] or "").strip()) if form else ("", "")
    if form is None or kind not in KINDS:
        known = nearest(kind or text, KINDS)
        mend = f"write {EXAMPLES}" if known.startswith("one of") else known
        faults.add(place, f"there is no measure '{text.strip()}'", mend)
        faults.settle()
    match kind:
        case "count":
            found = COUNT
            if inside:
                faults.add(place, f"'{text}': a count is of nothing else", "write count")
        case "share":
            across = tuple(part.strip() for part in re.split(r"[,+]", inside) if part.strip())
            found = Measure("share", f"share({', '.join(across)})", across)
            if not across:
                faults.add(place, "a share is across dimensions, and none is named", "write share(SEX)")
        case "rate":
            per = inside.replace("_", "").replace(" ", "")
            found = Measure("rate", f"rate({per})", per=int(per) if per.isdecimal() else 0)
            if found.per not in RATES:
                listed = ", ".join(map(str, RATES))
                faults.add(
                    place, f"a rate per '{inside}' has no unit of measure", f"write rate(n) with one of {listed}"
                )
        case _:
            found = _of_number(kind, inside, place, faults)
    faults.settle()
    return found


def _of_number(kind: str, inside: str, place: Place, faults: Faults) -> Measure:
    text, _, share = inside.partition(";")
    if not text.strip():
        faults.add(place, f"a {kind} is of a number, and none is named", f"write {kind}(AGE)")
        faults.settle()
    of = parse_expression(text, place, "measures")
    name = print_expression(of)
    if kind in ("mean", "median"):
        if share:
            faults.add(place, f"a {kind} takes no share", f"write {kind}({name})")
        made: Measure = Measure("mean" if kind == "mean" else "quantile", f"{kind}({name})", of=of)
        return made
    listed = ", ".join(f"{one / 100:g}" for one in QUANTILES)
    try:
        wanted = Fraction(share.strip())
    except (ValueError, ZeroDivisionError):
        wanted = Fraction(0)
    if wanted * 100 not in QUANTILES:
        faults.add(place, f"'quantile({inside})' names no quantile that has a code", f"write {name}; one of {listed}")
        faults.settle()
    if wanted == Fraction(1, 2):
        return Measure("quantile", f"median({name})", of=of)
    return Measure("quantile", f"quantile({name}; {float(wanted):g})", of=of, share=wanted)
