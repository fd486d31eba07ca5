"""What follows from records: who counts by a definition, and a pandera schema of their structure."""

from typing import Any

from migstat.api.frames import frame_of
from migstat.api.naming import definition, structure, unknown_pairs
from migstat.api.plain_columns import check_plain
from migstat.read.structure_paths import codelists_of
from migstat.words.rule import RuleSet
from migstat.work.derive import derive as derived
from migstat.work.pandera_schema import structure_schema


def schema(structure_id: str, backend: str = "polars", rules: RuleSet | None = None) -> Any:
    """Return a pandera schema of a structure, built from its codelists; its user needs only pandera.

    ``backend`` is "polars" or "pandas". ``rules`` travel in the schema with the verdicts that ``validate`` gives; those
    that need another file are named in ``schema.metadata["rules_left_out"]``.

    >>> "SEX" in schema("CENSUS_PERSON", "pandas").columns
    True
    """
    found = structure(structure_id)
    return structure_schema(found, backend, codelists_of(found), rules, unknown_pairs())


def derive(records: Any, definition_id: str, structure_id: str = "SURVEY_PERSON") -> Any:
    """Return the records with one more column, named as the definition: Y, N, _U unknown, or _Z not applicable.

    >>> import polars as pl
    >>> records = pl.DataFrame({"REF_AREA": ["LVA", "LVA"], "COUNTRY_BIRTH": ["LVA", "SUHH"]})
    >>> derive(records, "FOREIGN_BORN")["FOREIGN_BORN"].to_list()
    ['N', '_U']
    """
    frame, of_records = frame_of(records), structure(structure_id)
    check_plain(frame.collect_schema(), of_records.ids, "the records")
    found = derived(frame, definition(definition_id), of_records, unknown_pairs())
    return found.to_native()
