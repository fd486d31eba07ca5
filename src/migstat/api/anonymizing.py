"""Anonymize: records, from files or as a frame, made fit to go; and the documented file written, or refused."""

import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from migstat import __version__
from migstat.api.plain_columns import plain_records
from migstat.api.sources import _as
from migstat.api.tabulating import _records
from migstat.read import microdata_policies as policy_files
from migstat.read.codelists import codelist
from migstat.read.damage import undamaged
from migstat.read.structures import structure as read_structure
from migstat.words.anonymized import Anonymized
from migstat.words.codelist import LANGUAGES
from migstat.words.finding import misuse
from migstat.words.microdata_policy import MicrodataPolicy
from migstat.work.anonymize import run as work
from migstat.work.anonymize.secret import Secret
from migstat.write.public_use import FORMATS, write_files

KEY = "MIGSTAT_KEY"
"""The environment variable that holds the office's secret key."""


def anonymize(
    records: Any,
    *,
    policy: str | os.PathLike[str] | MicrodataPolicy,
    key: str | bytes | None = None,
    structure: str | None = None,
    name: str | None = None,
) -> Anonymized:
    """Make records fit to be shown to others, by a policy, and measure the risk before and after.

    ``records`` is a run of ``harmonize``, the path of its records (or several), or a frame, which comes back as its own
    kind where it is a pandas or PyArrow one, else as a Polars frame. ``policy`` is a policy file, or the id of one that
    ships, such as ``"PUBLIC_USE_PERSON"``. ``key`` is the office's secret, 16 characters or more, from which all chance
    is drawn: the same key, records and policy give the same file. Where it is not given, the environment variable
    MIGSTAT_KEY is read. It is written nowhere.

    The result has ``records``, ``measures`` (each with its limit and verdict), ``utility``, ``steps`` and ``findings``.
    A risk over its limit makes ``ok`` false, and the records are then not written by ``write_anonymized``.
    Raises MigstatError where the policy is wrong or does not fit the records.
    """
    found = read_microdata_policy(policy)
    frame, facts = _records(records)
    known = structure or facts.get("structure", "").partition(":")[2].partition("(")[0] or found.structures[0]
    wrapped = nw.from_native(plain_records(frame, read_structure(known)))
    native = nw.to_native(wrapped)
    lazy = native if isinstance(native, pl.LazyFrame) else wrapped.lazy().collect("polars").to_native().lazy()
    with undamaged(records):
        made = work.anonymize(
            lazy,
            name=name or _name(facts),
            structure=read_structure(known),
            policy=found,
            codelists=codelist,
            secret=Secret(_key(key)),
            provenance=_provenance(facts, found, known),
        )
    if isinstance(wrapped, nw.DataFrame) and not wrapped.implementation.is_polars():
        from dataclasses import replace

        return replace(made, records=_as(made.records, wrapped))
    return made


def read_microdata_policy(policy: str | os.PathLike[str] | MicrodataPolicy) -> MicrodataPolicy:
    """Return a microdata policy: from a file, or one that ships, by its id.

    >>> read_microdata_policy("PUBLIC_USE_PERSON").k
    3
    """
    if isinstance(policy, MicrodataPolicy):
        return policy
    path = Path(policy)
    if path.is_file():
        return policy_files.read_microdata_policy(path)
    if path.suffix in (".yaml", ".yml") or path.parent != Path():
        raise misuse("there is no such policy file", "check the path", place=path.name)
    return policy_files.microdata_policy(str(policy))


def write_anonymized(
    run: Anonymized,
    folder: str | os.PathLike[str],
    *,
    formats: str | Sequence[str] = ("parquet", "csv"),
    language: str = "en",
) -> list[Path]:
    """Write the records with their codebook, DDI Codebook 2.5, and the page of their risk: all of it or nothing.

    ``formats`` are parquet, csv, sav (SPSS) and dta (Stata); ``language`` is that of labels. Returns the files written.
    Raises MigstatError, and writes nothing, where a risk is over the policy's limit and the policy does not bear it.
    """
    listed = [one.strip() for one in formats.split(",") if one.strip()] if isinstance(formats, str) else list(formats)
    wrong = [one for one in listed if one not in FORMATS]
    if wrong or not listed:
        what = f"there is no format {wrong[0]}" if wrong else "no format is named"
        raise misuse(what, f"one of {', '.join(FORMATS)}", component="formats")
    if language not in LANGUAGES:
        raise misuse(f"there are no labels in the language '{language}'", f"one of {', '.join(LANGUAGES)}")
    from migstat.report.anonymization_page import anonymization_page

    return write_files(run.require(), Path(folder), listed, language, anonymization_page(run))


def write_risk_report(run: Anonymized, path: str | os.PathLike[str]) -> None:
    """Write the page of the risk, which holds no record, whether or not the records may go."""
    from migstat.report.anonymization_page import anonymization_page
    from migstat.write.atomic import write_text

    write_text(Path(path), anonymization_page(run))


def _key(key: str | bytes | None) -> bytes:
    if key is None:
        key = os.environ.get(KEY, "")
        if not key:
            mend = f"set {KEY}, or give key= (--key-file FILE): a secret of 16 characters or more that you keep"
            raise misuse("there is no key to draw chance from", mend, component="key")
    return key.encode() if isinstance(key, str) else key


def _name(facts: dict[str, Any]) -> str:
    mapping = facts.get("mapping") or {}
    return ".".join(part for part in (mapping.get("id"), mapping.get("wave")) if part) or "records"


def _provenance(facts: dict[str, Any], policy: MicrodataPolicy, structure_id: str) -> dict[str, Any]:
    """Say what the file was made by. It goes with the file: no key, no hash or name of the confidential input."""
    structure = read_structure(structure_id)
    return {
        "migstat": __version__,
        "libraries": {name: version(name) for name in ("numpy", "polars", "pyarrow")},
        "structure": f"{structure.agency}:{structure.id}({structure.version})",
        "policy": {"id": policy.id, "version": policy.version, "use": policy.use, "files": dict(policy.files)},
        "source": facts.get("source", {}),
        "mapping": {name: (facts.get("mapping") or {}).get(name) for name in ("id", "version", "wave")},
        "anonymized": True,
    }
