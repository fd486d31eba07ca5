"""Validation rules in: a rule file with those it includes, and the rules that ship for a structure."""

from migstat.read.rules.document import read_rules, shipped_rules

__all__ = ["read_rules", "shipped_rules"]
