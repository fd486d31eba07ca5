"""Compare two mappings, two waves of one, two codebooks, or the values of two extracts; and say what that breaks."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from migstat.api.checking import read_mapping, structure_of
from migstat.read.codebooks import read_codebook
from migstat.read.extracts import read_extract
from migstat.read.extracts.sniffed import sniff
from migstat.words.address import is_address, told
from migstat.words.codebook import Codebook, ValueLabel, Variable
from migstat.words.difference import Difference, Differences
from migstat.words.finding import Finding, Place, Severity, misuse
from migstat.words.how_many import how_many
from migstat.words.mapping import Mapping
from migstat.words.mapping_rule import Recode, leaves
from migstat.work.compare_codebooks import alone, broken
from migstat.work.compare_codebooks import changes as codebook_changes
from migstat.work.compare_mappings.differences import differences
from migstat.work.compare_mappings.wave import at_wave
from migstat.work.draft.facts import MOST_VALUES, Facts, facts
from migstat.work.harmonize.own_words import untold

Pathlike = str | os.PathLike[str]
Given = Pathlike | Mapping | Codebook


def diff(old: Given, new: Given, mappings: Iterable[Pathlike | Mapping] = ()) -> Differences:
    """Return what changed from one mapping, codebook or extract to another of its kind, and what that breaks.

    Of two mappings: structure, source, who is kept, the columns that are made, and each rule with its lines; a wave is
    named as ``mapping.yaml@wave``. What does not compare is a finding: another code for the same value, a rule or a
    line that is gone, another population. Of two codebooks: variables and values added, removed and renamed, labels
    that mean another thing under the same code, values that are no answers. Of two extracts: the values of the columns
    that the ``mappings`` recode. With ``mappings``, the findings are of the rules that the newer codebook or extract
    breaks.

    >>> import migstat as ms
    >>> found = ms.diff("examples/can_cchs/mapping.yaml@cchs2003_p", "examples/can_cchs/mapping.yaml@cchs2005_p")
    >>> [(one.value, one.before, one.after) for one in found.changes if one.kind == "code"][0]
    ('2', 'Y15T19', 'Y15T17')
    """
    known = [_mapping(one) for one in mappings]
    first, second = _opened(old), _opened(new)
    names = (_name(old), _name(new))
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        if known:
            raise misuse("two mappings are compared, and a third one is named", "leave it out", component="mappings")
        return _of_mappings(first, second, names)
    if isinstance(first, Codebook) and isinstance(second, Codebook):
        return _of_codebooks(first, second, names, known)
    if isinstance(first, Path) and isinstance(second, Path):
        return _of_extracts(first, second, names, known)
    kinds = [_kind(one) for one in (first, second)]
    mend = "name two mappings, two codebooks or two extracts"
    raise misuse(f"{names[0]} is {kinds[0]}, and {names[1]} is {kinds[1]}", mend)


def _name(given: Given) -> str:
    if isinstance(given, Mapping):
        return given.id
    return given.name if isinstance(given, Codebook) else str(given)


def _kind(opened: Mapping | Codebook | Path) -> str:
    if isinstance(opened, Mapping):
        return "a mapping"
    return "a codebook" if isinstance(opened, Codebook) else "an extract"


def _opened(given: Given) -> Mapping | Codebook | Path:
    """Open a mapping, one wave of it, or a codebook; a file that is neither is an extract."""
    if isinstance(given, Mapping | Codebook):
        return given
    text = os.fspath(given)
    if is_address(text):
        what, mend = "files are compared, and this is a database", "write the table as Parquet, and name that file"
        raise misuse(what, mend, place=told(text))
    name, at, wave = text.rpartition("@")
    if at and not Path(text).exists() and Path(name).exists():
        return _wave(read_mapping(name), wave)
    path = Path(text)
    if not path.exists():
        raise misuse("there is no such file", "check the path", place=text)
    if path.is_dir() or path.suffix in {".yaml", ".yml"}:
        return read_mapping(path)
    return read_codebook(path) if _is_codebook(path) else path


def _mapping(given: Pathlike | Mapping) -> Mapping:
    opened = _opened(given)
    if not isinstance(opened, Mapping):
        raise misuse(f"{_name(given)} is {_kind(opened)}, not a mapping", "name a mapping file", component="mappings")
    return opened


def _is_codebook(path: Path) -> bool:
    from migstat.read.codebooks.opened import KINDS, SNIFFED

    with path.open("rb") as file:
        start = file.read(SNIFFED)
    return any(kind.recognised(path, start) for kind in KINDS)


def _wave(mapping: Mapping, id: str) -> Mapping:
    wave = next((one for one in mapping.waves if one.id == id), None)
    if wave is None:
        known = ", ".join(one.id for one in mapping.waves) or "none"
        raise misuse(f"{mapping.id} has no wave {id}", f"one of {known}", component="wave")
    return at_wave(mapping, wave)


def _of_mappings(old: Mapping, new: Mapping, names: tuple[str, str]) -> Differences:
    found = list(differences(old, new, structure_of(new)))
    changes = tuple(one for one in found if isinstance(one, Difference))
    return Differences("mappings", *names, changes, tuple(one for one in found if isinstance(one, Finding)))


def _of_codebooks(old: Codebook, new: Codebook, names: tuple[str, str], known: list[Mapping]) -> Differences:
    found = tuple(codebook_changes(old, new))
    findings = [one for mapping in known for one in broken(mapping, found, new)]
    if not known:
        findings = list(alone(found, Place(Path(names[1]).name)))
    return Differences("codebooks", *names, found, tuple(dict.fromkeys(findings)), tuple(one.id for one in known))


def _of_extracts(old: Path, new: Path, names: tuple[str, str], known: list[Mapping]) -> Differences:
    if not known:
        mend = "add --mapping FILE: only the columns that it recodes are compared"
        raise misuse("two extracts are compared by a mapping, and none is named", mend)
    unseen: list[Finding] = []
    frames = [_code_frame(path, known, unseen) for path in (old, new)]
    if not any(one.values for frame in frames for one in frame.variables):
        mend = "name the mapping of these files, or one wave of it: mapping.yaml@wave"
        raise misuse("no mapping recodes a column of these files", mend)
    found = tuple(codebook_changes(*frames))
    findings = [one for mapping in known for one in broken(mapping, found, frames[1])]
    # A value that does not occur in the newer file may still be in use.
    findings = [replace(one, severity=Severity.NOTE) if one.rule == "unused" else one for one in findings]
    findings += unseen
    return Differences("extracts", *names, found, tuple(dict.fromkeys(findings)), tuple(one.id for one in known))


def _code_frame(path: Path, known: list[Mapping], findings: list[Finding]) -> Codebook:
    """Return the values that occur in the columns which the mappings recode, and say of which they are not shown."""
    format = known[0].source.format
    if format.kind == "csv" and not format.record:
        format = sniff(path, said={"member": format.member} if format.member else {}).format
    extract = read_extract(path, format, ())
    coded: dict[str, set[str]] = {}
    every = (target for mapping in known for target in (*mapping.columns, *mapping.targets))
    for rule in (rule for target in every for rule in leaves(target.rule)):
        if isinstance(rule, Recode):
            for at, name in enumerate(rule.columns):
                coded.setdefault(name, set()).update(line.values[at] for line in rule.lines)
    columns = [name for name in extract.columns if name in coded]
    counted = facts(columns, (part for _, part in extract.parts))
    variables = []
    for name in extract.columns:
        shown = _shown(counted[name], coded[name], path, findings) if name in counted else []
        variables.append(Variable(name, name, tuple(ValueLabel(value, "") for value in shown)))
    return Codebook(path.name, tuple(variables))


def _shown(seen: Facts, named: set[str], path: Path, findings: list[Finding]) -> list[str]:
    """Return the values of a column that may be shown: those that a line names, and no words of people's own."""
    place = Place(path.name)
    if seen.counts is None:
        what = f"has more than {MOST_VALUES:,} different values: they are not compared"
        findings.append(Finding(place, seen.name, what, "check that the column is a coded one", Severity.WARNING))
        return []
    met: dict[tuple[str, ...], int] = {(value,): rows for value, rows in seen.counts.items()}
    gone = {value for (value,) in untold(met, [values for values in met if values[0] not in named])}
    if gone:
        noun = how_many(len(gone), "value is", "values are")
        what = f"{noun} not shown and not compared: names or words of people's own, or rare among many"
        mend = "harmonize the file: rows without a rule are its rejects"
        findings.append(Finding(place, seen.name, what, mend, Severity.WARNING))
    return sorted(value for value in seen.counts if value not in gone)
