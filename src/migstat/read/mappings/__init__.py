"""Mappings from files: the YAML, its recode tables, and everything that is wrong with them at once."""

from migstat.read.mappings.document import read_mapping

__all__ = ["read_mapping"]
