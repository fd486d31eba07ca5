"""Mappings from files: the YAML, its recode tables, and everything that is wrong with them at once."""
