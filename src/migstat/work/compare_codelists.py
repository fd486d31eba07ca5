"""Compare two versions of a codelist, and say which codes of a mapping the newer one does not have."""

from collections.abc import Iterable, Iterator

from migstat.words.change import Change
from migstat.words.codelist import Code, Codelist
from migstat.words.correspondence import Correspondence
from migstat.words.finding import Finding, Place, Severity
from migstat.words.mapping import Mapping
from migstat.words.mapping_rule import Band, Cases, Fixed, Rule
from migstat.words.missing import KINDS
from migstat.words.structure import Structure


def changes(old: Codelist, new: Codelist) -> Iterator[Change]:
    """Yield the changes: codes removed and added, then names, parents and validity of those in both."""
    for code in old:
        if code.id not in new:
            yield Change("removed", code.id, old.label(code.id) if "en" in code.names else code.id)
    for code in new:
        if code.id not in old:
            yield Change("added", code.id, after=code.names.get("en", code.id))
    for code in old:
        if code.id in new:
            yield from _changed(code, new[code.id])


def _changed(one: Code, other: Code) -> Iterator[Change]:
    for language in dict.fromkeys((*one.names, *other.names)):
        before, after = one.names.get(language, ""), other.names.get(language, "")
        if before != after:
            yield Change("renamed", one.id, before, after, language)
    if one.parent != other.parent:
        yield Change("moved", one.id, one.parent or "", other.parent or "")
    if (one.valid_from, one.valid_to) != (other.valid_from, other.valid_to):
        yield Change("validity", one.id, _span(one), _span(other))


def _span(code: Code) -> str:
    return f"{code.valid_from or ''}..{code.valid_to or ''}".removeprefix("..").removesuffix("..") or "always"


def broken(mapping: Mapping, structure: Structure, old: Codelist, new: Codelist) -> Iterator[Finding]:
    """Yield each place of a mapping that gives a code which the newer version has no more, or ends."""
    for target in mapping.targets:
        if target.component in structure and _is(structure[target.component].codelist, old):
            for place, code in _codes(target.rule):
                yield from _fault(place, target.component, code, old, new)


def broken_pairs(found: Correspondence, old: Codelist, new: Codelist) -> Iterator[Finding]:
    """Yield each pair of a correspondence that gives a code which the newer version has no more, or ends."""
    if _is(found.target, old):
        for pair in found.pairs:
            if pair.code:
                yield from _fault(pair.place, found.id, pair.code, old, new)


def _is(name: str, codelist: Codelist) -> bool:
    """Say whether a component's codelist is this one, by its id alone or as AGENCY:ID(VERSION)."""
    return name.rpartition(":")[2].partition("(")[0] == codelist.id


def _fault(place: Place, component: str, code: str, old: Codelist, new: Codelist) -> Iterator[Finding]:
    if code not in old or (code in KINDS and code not in new):
        return
    if code not in new:
        what = f"{new.id} {new.version} has no code '{code}' any more"
        yield Finding(place, component, what, _instead(old[code], old, new), rule="removed")
    elif new[code].valid_to is not None and old[code].valid_to is None:
        what = f"'{code}' ends on {new[code].valid_to} in {new.id} {new.version}"
        mend = f"give the line valid_to: {new[code].valid_to}, or write its successor"
        yield Finding(place, component, what, mend, Severity.WARNING, rule="ended")


def _instead(code: Code, old: Codelist, new: Codelist) -> str:
    """Return what to write: the new code that bears the name, the successors, or the nearest."""
    names = {name.casefold() for name in code.names.values()}
    same = [one for one in new if one.id not in old and names & {name.casefold() for name in one.names.values()}]
    later = [id for id in (code.attributes.get("successors") or "").replace("|", " ").split() if id in new]
    found = [one.id for one in same] or later or [id for id in new.nearest(code.names.get("en", code.id)) if id in new]
    if not found:
        return "give it another code, or a kind of missing such as _U"
    return "write " + ", or ".join(f"{id} ({new[id].names.get('en', id)})" for id in found[:3])


def _codes(rule: Rule) -> Iterator[tuple[Place, str]]:
    """Yield the codes that a rule gives, with their places."""
    match rule:
        case Fixed():
            yield rule.place, rule.value
        case Band():
            yield from ((rule.place, code) for code in rule.codes)
        case Cases():
            for arm in rule.arms:
                yield from _codes(arm.rule)
            if rule.otherwise is not None:
                yield from _codes(rule.otherwise)
    yield from _of_lines(getattr(rule, "lines", ()))
    rest = getattr(rule, "otherwise", None)
    if rest is not None and not isinstance(rule, Cases):
        yield rest.place, rest.code


def _of_lines(lines: Iterable[object]) -> Iterator[tuple[Place, str]]:
    for line in lines:
        yield line.place, line.code  # type: ignore[attr-defined]
