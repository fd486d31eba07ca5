"""Check a mapping without data: its grammar, its codes, its cases, and the examples it brings."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from migstat.read.codelists import codelist
from migstat.read.mappings import document
from migstat.read.packs.found import pack_mapping
from migstat.read.structure_paths import codelists_of, is_path, structure_at
from migstat.read.structures import structure
from migstat.words.finding import Finding, MigstatError, Severity
from migstat.words.mapping import Example, Mapping
from migstat.words.missing import MISSING_SUFFIX
from migstat.words.published import STATUS
from migstat.words.structure import Structure


def read_mapping(path: str | os.PathLike[str]) -> Mapping:
    """Read a mapping and its recode tables: a file, the folder that holds it, or the id of a pack.

    A path goes before an id. Raises MigstatError with everything that is wrong, each with its line.
    """
    place = Path(path)
    if not place.exists():
        place = pack_mapping(str(path)) or place
    found = document.read_mapping(place, structure, codelist)
    return _with_structure(found, place) if is_path(found.into) else found


def _with_structure(mapping: Mapping, path: Path) -> Mapping:
    """Return a mapping whose ``into`` names a file of its folder, with the structure that is in it."""
    folder = path if path.is_dir() else path.parent
    file = folder / mapping.into
    if Path(mapping.into).is_absolute() or not file.resolve().is_relative_to(folder.resolve()):
        what, mend = f"{mapping.into} lies outside the folder of the mapping", "copy the structure into the folder"
        raise MigstatError([Finding(mapping.place, "into", what, mend)])
    if not file.is_file():
        what, mend = f"there is no file {mapping.into}", "name a structure that ships, or a file of the folder"
        raise MigstatError([Finding(mapping.place, "into", what, mend)])
    found = structure_at(file)
    files = {**mapping.files, mapping.into: hashlib.sha256(file.read_bytes()).hexdigest()}
    return replace(mapping, into=found.id, structure=found, files=dict(sorted(files.items())))


def check(mapping: str | os.PathLike[str] | Mapping) -> tuple[Finding, ...]:
    """Check a mapping without data, and run its examples.

    Returns every finding; none means that the mapping can be used. Raises MigstatError where the file cannot even be
    read as a mapping.
    """
    mapping = mapping if isinstance(mapping, Mapping) else read_mapping(mapping)
    found = lint_mapping(mapping)
    if any(finding.severity == Severity.ERROR for finding in found):
        return found
    return (*found, *_examples(mapping))


def explain(mapping: str | os.PathLike[str] | Mapping) -> str:
    """Tell a mapping in plain sentences, for a methodologist."""
    from migstat.work.explain import explain as tell

    mapping = mapping if isinstance(mapping, Mapping) else read_mapping(mapping)
    found = structure_of(mapping)
    return tell(mapping, found, codelists_of(found))


def lint_mapping(mapping: Mapping) -> tuple[Finding, ...]:
    """Return what is wrong with a mapping that was read, against its structure and codelists."""
    from migstat.work.lint import lint

    found = structure_of(mapping)
    return tuple(lint(mapping, found, codelists_of(found)))


def structure_of(mapping: Mapping) -> Structure:
    """Return the structure that a mapping fills, of tables for a published one; raise MigstatError for another."""
    try:
        found = mapping.structure or structure(mapping.into)
    except MigstatError as error:
        raise MigstatError(
            replace(finding, place=mapping.place, component="into") for finding in error.findings
        ) from None
    if found.kind != "record" and mapping.table is None:
        what = f"{mapping.into} describes tables, not records"
        raise MigstatError([Finding(mapping.place, "into", what, "name a record structure, such as CENSUS_PERSON")])
    return found


def _examples(mapping: Mapping) -> Iterator[Finding]:
    import narwhals as nw
    import polars as pl

    from migstat.api.pseudonymising import pseudonymised, with_example_keys
    from migstat.work.harmonize.make_plan import make_plan
    from migstat.work.harmonize.rows import fill_beside, rejects_of

    for example in mapping.examples:
        wave = example.wave or (mapping.waves[0].id if mapping.waves else None)
        found = structure_of(mapping)
        plan = with_example_keys(make_plan(mapping, found, codelists_of(found), wave))
        given = {name: example.given.get(name) or None for name in plan.columns}
        given |= {plan.aliases.get(name, name): value or None for name, value in example.given.items()}
        weight = mapping.source.weight
        if weight and given.get(weight) is None:
            given[weight] = "1"
        if mapping.table is not None:
            given[STATUS] = given.get(STATUS) or "A"
        for name in mapping.source.replicates:
            given[name] = given.get(name) or "1"
        frame = pl.DataFrame({name: [value] for name, value in given.items()}, schema=dict.fromkeys(given, pl.String))
        frame = pseudonymised(frame, plan)
        filled = fill_beside(nw.from_native(frame, eager_only=True), plan)
        row = filled.to_native().row(0, named=True)
        why = rejects_of(filled, plan, ()).to_native()
        yield from _compared(example, row, "" if why.is_empty() else why["_why"][0])


def _compared(example: Example, row: dict[str, object], why: str) -> Iterator[Finding]:
    from migstat.work.harmonize.plan import BESIDE, STATE

    state = row[STATE]
    if example.gives is None:
        wanted = "rejected" if example.reject else "excluded"
        if state != wanted:
            yield _differs(example, "", f"the row is {'a record' if state == 'record' else state}, not {wanted}")
        return
    if state != "record":
        reason = f" ({why})" if why else ""
        yield _differs(example, "", f"the row is {state}{reason}, and should be a record")
        return
    for component, expected in example.gives.items():
        value = row.get(BESIDE + component)
        got = row.get(BESIDE + component + MISSING_SUFFIX) if value is None else value
        text = f"{got:g}" if isinstance(got, float) else str(got)
        if text != expected:
            yield _differs(example, component, f"gives {text}, and the example says {expected}")


def _differs(example: Example, component: str, what: str) -> Finding:
    return Finding(example.place, component, f"example: {what}", "mend the rule, or the example", rule="example")
