"""References followed: what was parsed from one file or folder becomes artefacts, each component with its codelist."""

import math
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import get_args

from migstat.read.codelists import codelist, codelist_ids
from migstat.read.expression import parse_expression
from migstat.read.sdmx.parsed import Extension, Parsed, Part, Parts, Representation
from migstat.words.artefacts import Artefacts
from migstat.words.codelist import Code, Codelist
from migstat.words.concept import Concept, ConceptScheme
from migstat.words.constraint import Constraint
from migstat.words.expression import Expression
from migstat.words.finding import Finding, MigstatError, Place
from migstat.words.reference import Reference, reference
from migstat.words.structure import TIME, Component, Dataflow, FilledBy, Role, Structure, Type

TYPES: dict[str, Type] = {
    **dict.fromkeys(("Integer", "Long", "Short", "BigInteger", "Count", "Incremental"), "integer"),
    **dict.fromkeys(("Decimal", "Float", "Double", "InclusiveValueRange", "ExclusiveValueRange"), "number"),
    "GregorianYear": "year",
    "GregorianDay": "date",
}
"""Our type of each text type; of the rest it is text, and the format says more."""
LARGEST = 1_000_000
"""Codes that one codelist may take over from others."""


def assemble(parsed: Parsed, where: str, *, alone: bool = False) -> Artefacts:
    """Return the artefacts, with references followed among them; raise MigstatError with all that lead nowhere.

    ``alone`` leaves the structures out, whose codelists may then lie elsewhere.
    """
    faults: list[Finding] = []
    made: dict[Reference, Codelist | None] = {}
    codelists = {one: _extended(one, parsed, faults, where, (), made) for one in parsed.codelists}
    seeker = _Seeker(parsed, {key: one for key, one in codelists.items() if one}, where, faults)
    structures = () if alone else tuple(seeker.structure(parts) for parts in parsed.structures.values())
    if faults:
        raise MigstatError(dict.fromkeys(faults))
    return Artefacts(
        tuple(seeker.codelists.values()),
        tuple(parsed.schemes.values()),
        structures,
        tuple(parsed.dataflows.values()),
        tuple(parsed.constraints.values()),
        tuple(parsed.hierarchies.values()),
        tuple(parsed.agencies.values()),
    )


class _Seeker:
    def __init__(self, parsed: Parsed, codelists: dict[Reference, Codelist], where: str, faults: list[Finding]) -> None:
        self.parsed, self.codelists, self.where, self.faults = parsed, codelists, where, faults

    def structure(self, parts: Parts) -> Structure:
        """Return the structure of parts."""
        used: dict[str, Reference] = {}
        components = tuple(self._component(part, used) for part in sorted(parts.parts, key=_position))
        ids = {part.id for part in parts.parts}
        for part in parts.parts:
            for id in part.attached or ():
                if id not in ids:
                    self._fault(
                        part.place, part.id, f"is attached to {id}, which is no component", "ask for the right file"
                    )
            if part.group and part.group not in parts.groups:
                self._fault(part.place, part.id, f"is attached to the group {part.group}, which is not there", "add it")
        own = parts.reference
        flows = tuple(flow for flow in self.parsed.dataflows.values() if _same(flow.structure, own))
        said = dict(parts.descriptions)
        return Structure(
            id=own.id,
            kind="record" if parts.annotations.get("KIND") == "record" else "table",
            version=own.version,
            names=parts.names or {"en": own.id},
            description=said.pop("en", "") or next(iter(parts.descriptions.values()), ""),
            unit=parts.annotations.get("UNIT", "cell"),
            key=tuple(part.id for part in sorted(parts.parts, key=_position) if part.role == "dimension"),
            components=components,
            agency=own.agency,
            codelists={name: self.codelists[found] for name, found in used.items() if found in self.codelists},
            dataflows=flows,
            constraints=self._constraints(own, flows),
            groups=parts.groups,
            descriptions=said,
        )

    def _constraints(self, own: Reference, flows: tuple[Dataflow, ...]) -> tuple[Constraint, ...]:
        names = [own, *(reference(flow) for flow in flows)]
        return tuple(
            one
            for one in self.parsed.constraints.values()
            if any(_same(attached, name) and attached.kind == name.kind for attached in one.attached for name in names)
        )

    def _component(self, part: Part, used: dict[str, Reference]) -> Component:
        concept = self._concept(part)
        said = part.representation or self._core(part)
        facets = said.facets
        listed = "" if said.enumeration is None else self._codelist(said.enumeration, part, used)
        format = facets.get("textType") or facets.get("dataType") or (TIME if part.is_time else "")
        type: Type = "code" if listed else "text" if part.is_time else TYPES.get(format, "text")
        exclusive = format == "ExclusiveValueRange"
        lowest, highest = (_number(facets.get(name)) for name in ("minValue", "maxValue"))
        ours = part.annotations
        return Component(
            id=part.id,
            concept=part.concept.item or part.id,
            role=_role(ours.get("ROLE", ""), part.role),
            type=type,
            codelist=listed,
            required=part.required and ours.get("REQUIRED") != "false",
            minimum=None if exclusive else lowest,
            maximum=None if exclusive else highest,
            names=concept.names if concept else {"en": part.id},
            description=ours.get("DESCRIPTION") or _one(concept),
            source=ours.get("SOURCE") or (concept.source if concept else ""),
            filled_by=_filled_by(ours.get("FILLED_BY", "")),
            derived_from=ours.get("DERIVED_FROM", ""),
            universe=ours.get("UNIVERSE", ""),
            repeats=ours.get("REPEATS") == "true",
            applies=self._applies(part),
            format="" if listed else format or "String",
            shortest=_whole(facets.get("minLength")),
            longest=_whole(facets.get("maxLength")),
            pattern=facets.get("pattern", ""),
            decimals=_whole(facets.get("decimals")),
            above=lowest if exclusive else None,
            below=highest if exclusive else None,
            attached=part.attached,
            measures=part.measures,
            most=said.most,
            scheme=str(part.concept.whole),
            descriptions={} if concept is None else {k: v for k, v in concept.descriptions.items() if k != "en"},
        )

    def _applies(self, part: Part) -> Expression | None:
        said = part.annotations.get("UNIVERSE", "")
        try:
            return parse_expression(said, part.place, part.id) if said else None
        except MigstatError as error:
            self.faults.extend(error.findings)
            return None

    def _concept(self, part: Part) -> Concept | None:
        scheme = _found(part.concept.whole, self.parsed.schemes)
        if scheme is None or part.concept.item not in self.parsed.schemes[scheme]:
            return None
        return self.parsed.schemes[scheme][part.concept.item]

    def _core(self, part: Part) -> Representation:
        scheme = _found(part.concept.whole, self.parsed.schemes)
        if scheme is None:
            scheme_urn = part.concept.whole.urn
            what = f"has no representation of its own, and the concept scheme {scheme_urn} is not in {self.where}"
            self._fault(
                part.place, part.id, what, "fetch the structure with references=all, or put the scheme beside it"
            )
            return Representation()
        return self.parsed.representations.get(scheme.of("Concept", part.concept.item), Representation())

    def _codelist(self, wanted: Reference, part: Part, used: dict[str, Reference]) -> str:
        found = _found(wanted, self.codelists)
        if found is None and wanted.kind == "ConceptScheme" and (scheme := _found(wanted, self.parsed.schemes)):
            found = scheme.of("Codelist")
            self.codelists[found] = _as_codelist(self.parsed.schemes[scheme])
        if found is None and (shipped := _shipped(wanted)) is not None:
            found = reference(shipped)
            self.codelists[found] = shipped
        if found is None:
            self._missing(wanted, part)
            return wanted.id
        taken = used.get(found.id)
        name = found.id if taken in (None, found) else str(found)
        used[name] = found
        return name

    def _missing(self, wanted: Reference, part: Part) -> None:
        near = sorted(str(one) for one in self.codelists if one.id == wanted.id)
        there = f"; there is {', '.join(near)}" if near else ""
        stub = " (only a stub of it, without codes)" if _found(wanted, dict.fromkeys(self.parsed.external)) else ""
        self._fault(
            part.place,
            part.id,
            f"the codelist {wanted.urn} is not in {self.where}{stub}{there}",
            "fetch the structure with references=all, or put the file of the codelist into the same folder",
        )

    def _fault(self, place: Place, component: str, what: str, mend: str) -> None:
        self.faults.append(Finding(place, component, what, mend))


def _found(wanted: Reference, there: Iterable[Reference]) -> Reference | None:
    """Return the address that a reference means among others: the very version, or the highest it allows for."""
    exact = wanted if wanted.kind == "ConceptScheme" else wanted.of("Codelist")
    fitting = [
        one
        for one in there
        if (one.kind, one.agency, one.id) == (exact.kind, exact.agency, exact.id) and fits(one.version, exact.version)
    ]
    return max(fitting, key=lambda one: (one.version == exact.version, ordered(one.version)), default=None)


def _shipped(wanted: Reference) -> Codelist | None:
    """Return the codelist that ships, where it is the one meant: of the same agency, and a version that fits."""
    if wanted.id not in codelist_ids():
        return None
    ours = codelist(wanted.id)
    return ours if ours.agency == wanted.agency and fits(ours.version, wanted.version) else None


def _same(wanted: Reference, there: Reference) -> bool:
    return (wanted.agency, wanted.id) == (there.agency, there.id) and fits(there.version, wanted.version)


def fits(version: str, wanted: str) -> bool:
    """Say whether a version is one that a reference allows for: ``1.0``, ``1.0+``, ``1+.0``, ``*``, ``latest``.

    >>> fits("2.1", "2.0+"), fits("1.9", "2.0+"), fits("2.1", "*"), fits("1.0", "1.0.0")
    (True, False, True, True)
    """
    if wanted in ("*", "latest", "~"):
        return True
    if "+" in wanted:
        fixed = wanted[: wanted.index("+")].split(".")[:-1]
        parts = version.split(".")
        return parts[: len(fixed)] == fixed and ordered(version) >= ordered(wanted.replace("+", ""))
    return ordered(version) == ordered(wanted)


def ordered(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, by which versions are put in order; zeros at its end do not count."""
    numbers = [_whole(part) or 0 for part in version.partition("-")[0].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _extended(
    own: Reference,
    parsed: Parsed,
    faults: list[Finding],
    where: str,
    above: tuple[Reference, ...],
    made: dict[Reference, Codelist | None],
) -> Codelist | None:
    """Return a codelist with the codes that it takes over from others, before its own; ``made`` are those done."""
    if own not in made:
        made[own] = _extend(own, parsed, faults, where, above, made)
    return made[own]


def _extend(
    own: Reference,
    parsed: Parsed,
    faults: list[Finding],
    where: str,
    above: tuple[Reference, ...],
    made: dict[Reference, Codelist | None],
) -> Codelist | None:
    codelist = parsed.codelists[own]
    taken: dict[str, Code] = {}
    for extension in parsed.extensions.get(own, ()):
        base = _found(extension.base, parsed.codelists)
        place = parsed.places[own]
        if base is None:
            what = f"extends {extension.base.urn}, which is not in {where}"
            faults.append(Finding(place, own.id, what, "put the file of that codelist into the same folder"))
            return None
        if base in (*above, own):
            faults.append(Finding(place, own.id, f"extends itself, by way of {base}", "cut the circle"))
            return None
        whole = _extended(base, parsed, faults, where, (*above, own), made)
        if whole is None:
            return None
        taken |= {code.id: code for code in _taken(extension, whole)}
        if len(taken) > LARGEST:
            what = f"takes over more than {LARGEST:,} codes: it is made to fill the machine"
            faults.append(Finding(place, own.id, what, "ask the sender for the codelist without extensions"))
            return None
    return replace(codelist, codes=tuple((taken | {code.id: code for code in codelist.codes}).values()))


def _taken(extension: Extension, base: Codelist) -> list[Code]:
    chosen = set(base.ids)
    if extension.members:
        named: set[str] = set()
        for pattern, cascade in extension.members:
            start = pattern.removesuffix("%")
            roots = [id for id in base.ids if (id.startswith(start) if start != pattern else id == pattern)]
            below = {one for id in roots for one in base.descendants(id)} if cascade not in ("false", "0") else set()
            named |= below if cascade == "excluderoot" else below | set(roots)
        chosen = named if extension.include else chosen - named
    prefix = extension.prefix
    return [
        replace(
            code, id=prefix + code.id, parent=prefix + code.parent if code.parent in chosen and code.parent else None
        )
        for code in base
        if code.id in chosen
    ]


def _as_codelist(scheme: ConceptScheme) -> Codelist:
    """Return the concepts of a scheme as codes: what a measure dimension of SDMX 2.1 lists."""
    codes = (Code(one.id, one.names, one.parent, descriptions=one.descriptions) for one in scheme)
    return Codelist(scheme.id, tuple(codes), scheme.agency, scheme.version, scheme.names, standing="standard")


def _position(part: Part) -> int:
    """Return the place of a component that one of our structures gives it; others keep the order of the message."""
    said = part.annotations.get("POSITION", "")
    return _whole(said) or 0


def _role(said: str, role: Role) -> Role:
    return next((one for one in get_args(Role) if one == said), role)


def _filled_by(said: str) -> FilledBy:
    return next((one for one in get_args(FilledBy) if one == said), "")


def _one(concept: Concept | None) -> str:
    said = concept.descriptions if concept else {}
    return said.get("en") or next(iter(said.values()), "")


def _number(text: str | None) -> float | None:
    try:
        found = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"[0-9]{1,9}", text) else None
