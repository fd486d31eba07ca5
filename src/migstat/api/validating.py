"""Validate: records, a table or an extract against the rules of its structure, of the field, and of the caller."""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from migstat import __version__
from migstat.api.ceiling import Ceiling, ceiling_of
from migstat.api.engines import Engine, kept, refuse_unknown
from migstat.api.flow import behind
from migstat.api.messages import Asked, coded_columns, is_message, key_tables, open_message
from migstat.api.naming import unknown_pairs
from migstat.api.plain_columns import check_kind, check_plain
from migstat.api.rule_sets import RuleFiles, check_columns, inspected, own_rules, rules_for
from migstat.api.sources import Opened, open_file, open_frame, streams
from migstat.api.validation_parts import known_structure, reference_of, weight_of, with_page
from migstat.read.damage import undamaged
from migstat.read.footer import is_folder_of_ours, read_provenance, scan_parquet
from migstat.read.structure_paths import codelists_of, is_path, structure_at
from migstat.words.address import is_address
from migstat.words.address import told as told_name
from migstat.words.finding import misuse
from migstat.words.mapping import Mapping as MappingFile
from migstat.words.rule import RuleSet
from migstat.words.run import Harmonized
from migstat.words.structure import Structure
from migstat.words.validated import Validated
from migstat.work.validate.confront import Confrontation
from migstat.work.validate.reads import columns_read
from migstat.work.validate.seating import Surroundings


def validate(
    source: Any,
    *,
    structure: str | Structure | None = None,
    dsd: str | os.PathLike[str] | Structure | None = None,
    mapping: str | os.PathLike[str] | MappingFile | None = None,
    rules: RuleFiles | None = None,
    only: bool = False,
    references: Mapping[str, Any] | None = None,
    key: Sequence[str] | None = None,
    weight: str | None = None,
    sample: int = 10,
    wave: str | None = None,
    compound: Sequence[str] = (),
    tolerance: float | None = None,
    engine: Engine = "polars",
    progress: Callable[[int, float], None] | None = None,
    memory: str | int | None = None,
    companions: Mapping[str, Any] | None = None,
) -> Validated:
    """Judge every row by every rule in one pass: pass, fail, or could not be judged.

    ``source`` is the path of an extract with its ``mapping`` (rows that the mapping rejects are findings, and not
    judged); or the path of records or a table, Parquet or CSV; or a pandas, Polars, PyArrow, DuckDB, Ibis or PySpark
    frame; or a run of ``harmonize``. The ``structure`` of Parquet files that migstat wrote is known. The rules are
    those of the structure and its codelists, those that ship for it, and ``rules`` of your own (which replace others of
    the same id; with ``only`` they are yours alone). ``references`` names other files that rules look into. ``key``
    names a failing row; ``weight`` is ``WEIGHT`` where there is one.

    An SDMX data message (CSV, XML, JSON) is judged by the rules SS01 to SS13, against its ``structure`` or the ``dsd``
    in a file: so is a plain CSV file with a ``dsd``. ``compound`` names attributes in which several codes are joined;
    with a ``tolerance``, totals must equal their parts. ``memory`` is the most that the run may take, such as ``4G``:
    what rules over keys and groups would hold beyond their share goes into a temporary file. ``companions`` names the
    other files of the mapping's source, as in ``harmonize``. Sums of weights are the same whatever holds the rows; for
    that, text and extracts whose weights have many decimal places are gone through once more.

    With ``engine="spark"`` the path is of an extract with its mapping, or of records, on any file system that Spark
    knows: rows stay there, and only counts come back. Rules that Spark cannot judge are left open, and named; there are
    no samples and no list of failing rows.

    The result has a ``Judged`` a rule, with up to ``sample`` failing rows each (0 for none; the counts are always
    whole), ``findings``, ``split()`` into good rows and bad, and ``failures()`` with every failing row of every rule.
    Raises MigstatError where a rule file cannot be used, or reads a column that is not there, and where the run takes
    more than ``memory``.

    >>> import polars as pl
    >>> people = pl.DataFrame({"SEX": ["F", "f"], "AGE": [34, 7]})
    >>> run = validate(people, structure="CENSUS_PERSON")
    >>> run["SEX.CODE"].failed, run["SEX.CODE"].sample
    (1, ({'_row': 2, 'SEX': 'f'},))
    """
    if isinstance(source, Harmonized):
        structure, source = structure or source.structure, source.records
    if tolerance is not None and not 0 <= tolerance < math.inf:
        mend = "write such as 0.5, in the unit of the figures"
        raise misuse(f"a tolerance of {tolerance:g}", mend, place="validate", component="tolerance")
    if wave is not None and mapping is None:
        mend = "name the mapping whose wave it is, or drop it"
        raise misuse(f"a wave {wave}, and no mapping", mend, place="validate", component="wave")
    if companions and mapping is None:
        mend = "name the mapping whose companions they are, or drop them"
        raise misuse("companions, and no mapping", mend, place="validate", component="companions")
    refuse_unknown(engine)
    if only and rules is None:
        raise misuse("only your own rules, and none is named", "name a rule file", place="validate", component="only")
    with ceiling_of(memory) as ceiling:
        return _validate(
            source, structure, dsd, mapping, own_rules(rules), references or {}, key, weight, sample, wave,
            Asked(dsd is not None, compound, tolerance, only), progress, ceiling, engine, companions,
        )  # fmt: skip


def _validate(
    source: Any,
    structure: str | Structure | None,
    dsd: str | os.PathLike[str] | Structure | None,
    mapping: str | os.PathLike[str] | MappingFile | None,
    own: list[RuleSet],
    references: Mapping[str, Any],
    key: Sequence[str] | None,
    weight: str | None,
    sample: int,
    wave: str | None,
    asked: Asked,
    progress: Callable[[int, float], None] | None,
    ceiling: Ceiling,
    engine: Engine,
    companions: Mapping[str, Any] | None,
) -> Validated:
    found = _named(structure, dsd)
    actions: frozenset[str] = frozenset()
    if engine == "spark" and isinstance(source, str | os.PathLike):
        from migstat.api.validating_lazily import rows_on_spark, validated_lazily

        frame, told, found = rows_on_spark(source, mapping, wave, found, companions)
        if mapping is None:
            return validated_lazily(frame, found, own, references, weight, asked, told, ceiling)
        with kept(frame) as held:  # Several questions are asked of records that are made only once.
            return validated_lazily(held, found, own, references, weight, asked, told, ceiling)
    if mapping is not None:
        from migstat.api.extract_source import open_extract  # only here: it brings all of harmonize with it

        opened = open_extract(_path(source), mapping, wave, ceiling, companions)
        found = found or opened.structure
    elif is_address(source):
        what = "a table of a database is validated through its mapping"
        raise misuse(what, "write mapping= (--mapping), or hand in a frame", place=told_name(source))
    elif isinstance(source, str | os.PathLike) and is_message(Path(source), dsd is not None):
        opened, found, actions = open_message(Path(source), found)
        asked = replace(asked, message=True)
    elif isinstance(source, str | os.PathLike):
        facts = read_provenance(source) if Path(source).exists() else {}
        if facts and found is None and "_why" in scan_parquet(source).collect_schema():
            mend = "name the .records.parquet file beside it"
            raise misuse("holds what was rejected, not records", mend, place=Path(source).name)
        found = found or known_structure(facts.get("structure", ""))
        if is_folder_of_ours(source):
            opened = open_frame(scan_parquet(source), coded_columns(found), ceiling.bytes)
            opened.name = Path(source).name
        else:
            opened = open_file(Path(source), coded_columns(found), ceiling.bytes)
    elif streams(source):
        opened = open_frame(source, coded_columns(found), ceiling.bytes)
    else:
        from migstat.api.validating_lazily import Rows, validated_lazily

        return validated_lazily(source, found, own, references, weight, asked, Rows("the frame"), ceiling)
    given = {name: reference_of(one, found, ceiling) for name, one in references.items()}
    columns = list(opened.source.schema)
    brought = asked.rules(found, columns, actions)
    asked.refuse_unused(brought is not None, found)
    ruleset = rules_for(found, columns, own, brought, asked.only)
    check_columns(own, columns, found, given)
    weight = weight_of(weight, columns, found)
    if weight is not None and (opened.source.scan is not None or opened.source.schema[weight] != pl.String):
        check_kind(opened.source.schema, [weight], "numbers", opened.name)
    check_plain(opened.source.schema, [name for rule in ruleset.rules for name in columns_read(rule)], opened.name)
    with undamaged(source, references), behind() as beside:
        # What is scanned can be hashed meanwhile; a file that is read in parts is hashed as it is read.
        hashed = beside(opened.inputs) if opened.source.scan is not None else None
        reasoned = beside(partial(inspected, own, ruleset, found, columns))
        run = Confrontation(
            ruleset.rules,
            replace(opened.source, parts=lambda columns: ceiling.watched(iter(opened.source.parts(columns)))),
            Surroundings(codelists_of(found), found, given | key_tables(brought), unknown_pairs()),
            key=_key(key, columns, found),
            weight=weight,
            sample=sample,
            progress=None if progress is None else lambda rows: progress(rows, opened.at()),
            room=ceiling.room,
        )
    ceiling.look()
    return with_page(
        Validated(
            name=opened.name,
            rules=ruleset,
            results=run.results,
            rows=run.rows,
            weight=run.total,
            findings=(
                *reasoned.result(),
                *opened.findings(),
                *(brought.findings if brought is not None else ()),
            ),
            key=run.key,
            split=lambda: _split(run, opened),
            failures=partial(_failures, run, opened),
            rejects=opened.rejects,
            provenance=_provenance(opened, ruleset, found, opened.inputs() if hashed is None else hashed.result()),
        )
    )


def _named(structure: str | Structure | None, dsd: str | os.PathLike[str] | Structure | None) -> Structure | None:
    """Return the structure that is named, or the one in a file; there ``structure`` says which of several it is."""
    if dsd is None:
        return _structure(structure) if structure is not None else None
    if isinstance(dsd, Structure):
        return dsd
    if isinstance(dsd, str) and not is_path(dsd) and not Path(dsd).exists():
        return structure_at(dsd)
    return structure_at(Path(dsd), structure if isinstance(structure, str) else "")


def _structure(structure: str | Structure) -> Structure:
    return structure if isinstance(structure, Structure) else structure_at(structure)


def _path(source: Any) -> Path | str:
    if not isinstance(source, str | os.PathLike):
        raise misuse("mapping= goes with the path of an extract", "harmonize the frame first, and validate run.records")
    from migstat.read.source_extracts import source_named  # only here: it brings the readers of extracts with it

    return source_named(source)


def _key(key: Sequence[str] | None, columns: Sequence[str], structure: Structure | None) -> tuple[str, ...]:
    if key is not None:
        lacking = [name for name in key if name not in columns]
        if lacking:
            raise misuse(f"the key names {', '.join(lacking)}, which is no column", f"one of {', '.join(columns)}")
        return tuple(key)
    return tuple(name for name in structure.key if name in columns) if structure is not None else ()


def _split(run: Confrontation, opened: Opened) -> tuple[Any, Any]:
    parts = list(run.split())
    return tuple(opened.like(pl.concat(side, how="vertical_relaxed")) for side in zip(*parts, strict=True))


def _failures(run: Confrontation, opened: Opened, into: str | os.PathLike[str] | None = None) -> Any:
    """Return every failing row of every rule, or write them to a Parquet file and return how many there are."""
    if into is None:
        return opened.like(pl.concat(run.failures()))
    from migstat.write.records import records_writer

    with records_writer(into, {}) as writer:
        for part in run.failures():
            writer.add(part)
    return writer.rows


def _provenance(
    opened: Opened, rules: RuleSet, structure: Structure | None, inputs: list[dict[str, Any]]
) -> dict[str, Any]:
    """Say what was judged by what. No time, no path: the same input gives the same bytes."""
    facts = opened.provenance()
    return facts | {
        "migstat": __version__,
        "structure": f"{structure.agency}:{structure.id}({structure.version})" if structure is not None else "",
        "rules": {"id": rules.id, "version": rules.version, "files": dict(sorted(rules.files.items()))},
        "inputs": inputs,
    }
