"""The verbs: each opens files, calls the rooms, and hands back words and frames."""

from migstat.api.checking import check, explain, read_mapping
from migstat.api.harmonizing import harmonize
from migstat.api.naming import codelist, definition, derive, schema, structure
from migstat.api.tabulating import read_records, tabulate, write

__all__ = [
    "check",
    "codelist",
    "definition",
    "derive",
    "explain",
    "harmonize",
    "read_mapping",
    "read_records",
    "schema",
    "structure",
    "tabulate",
    "write",
]
