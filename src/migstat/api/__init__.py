"""The verbs: each opens files, calls the rooms, and hands back words and frames."""

from migstat.api.checking import check, explain, read_mapping
from migstat.api.harmonizing import harmonize
from migstat.api.naming import codelist, codelist_ids, definition, derive, schema, structure
from migstat.api.showing import demo, example_folder, report, table_for_people
from migstat.api.tabulating import read_records, tabulate, write

__all__ = [
    "check",
    "codelist",
    "codelist_ids",
    "definition",
    "demo",
    "derive",
    "example_folder",
    "explain",
    "harmonize",
    "read_mapping",
    "read_records",
    "report",
    "schema",
    "structure",
    "table_for_people",
    "tabulate",
    "write",
]
