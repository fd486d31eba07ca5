"""A name taken apart: what stands first, and what is added in brackets, after a comma, or as an exclusion."""

import re
from dataclasses import dataclass

BRACKETS = re.compile(r"[(\[{（【]([^)\]}）】]*)[)\]}）】]?")
PARTS = re.compile(r"\s*[,;:/|，；：、]\s*|\s+[-–—]+\s+")
WITHOUT = re.compile(
    r"\b(excluding|excludes|excl|without|except|exc|other than|not including|sans|sauf|hors|à l.exclusion de|"
    r"non compris|excluyendo|excluido|excluida|excepto|sin|exclusive|sem|exceto|excluindo|ohne|außer|ausgenommen|"
    r"без|кроме|за исключением)\b\.?|باستثناء|بدون|不包括|不含|除外",
    re.IGNORECASE,
)
WITH = re.compile(
    r"\+|\b(including|incl|inc|y compris|avec|incluido|incluida|incluyendo|incluindo|inclusive|einschließlich|inkl|"
    r"включая)\b\.?|بما في ذلك|بما فيها|包括|包含",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Parts:
    """The head of a text and its remarks; ``bound`` says what a remark does: nothing, "with" or "without" others."""

    head: str
    remarks: tuple[str, ...]
    bound: str = ""


def apart(text: str) -> list[Parts]:
    """Return the ways in which a text can be taken apart, the surest first; none where it is of one piece.

    >>> apart("China excluding Taiwan")
    [Parts(head='China', remarks=('Taiwan',), bound='without')]
    >>> apart("Georgia (country)")[0].head
    'Georgia'
    """
    for bound, pattern in (("without", WITHOUT), ("with", WITH)):
        if (found := pattern.search(text)) and found.start() > 0:
            head = text[: found.start()].strip(" ,;:-–([（")
            rest = text[found.end() :].strip(" ,;:-–)]）")
            return [Parts(head, (rest,), bound)] if head and rest else []
    ways = []
    if (closed := text.rfind(")")) > 0 and (after := text[closed + 1 :].strip(" ,;:-–")):
        ways.append(Parts(text[: closed + 1], (after,)))
    remarks = [one.strip() for one in BRACKETS.findall(text)]
    bare = BRACKETS.sub(" ", text).strip()
    if remarks and bare:
        ways.append(Parts(bare, tuple(one for one in remarks if one)))
    pieces = [one for one in PARTS.split(bare) if one]
    if len(pieces) > 1:
        ways.append(Parts(pieces[0], (*pieces[1:], *remarks)))
    return ways
