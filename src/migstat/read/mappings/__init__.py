"""Mappings from files: the YAML, its recode tables, and everything that is wrong with them at once."""

from migstat.read.mappings.document import parse_mapping, read_mapping

__all__ = ["parse_mapping", "read_mapping"]
