"""The verbs: each opens files, calls the rooms, and hands back words and frames. Loaded on use, one by one."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from migstat.api.checking import check, explain, read_mapping
    from migstat.api.combining import add_totals, combine, write_combined, write_frame
    from migstat.api.deriving import derive, schema
    from migstat.api.estimating_flows import flows_from_stocks, migration_indices, net_migration
    from migstat.api.harmonizing import harmonize
    from migstat.api.mirroring import mirror
    from migstat.api.naming import codelist, codelist_ids, definition, definition_ids, structure, structure_ids
    from migstat.api.profiling import profile, profile_frame
    from migstat.api.reasoning import inspect_rules, localise
    from migstat.api.showing import demo, example_folder, table_for_people, write_report
    from migstat.api.table_extracts import read_table
    from migstat.api.table_sets import read_table_set, set_facts, tabulate_set
    from migstat.api.tabulating import compare_definitions, read_records, tabulate, write_table
    from migstat.api.validating import read_rules, rules_of, validate
    from migstat.api.validation_files import rules_as_vtl, validation_facts, write_validation

__all__ = [
    "add_totals",
    "check",
    "codelist",
    "codelist_ids",
    "combine",
    "compare_definitions",
    "definition",
    "definition_ids",
    "demo",
    "derive",
    "example_folder",
    "explain",
    "flows_from_stocks",
    "harmonize",
    "inspect_rules",
    "localise",
    "migration_indices",
    "mirror",
    "net_migration",
    "profile",
    "profile_frame",
    "read_mapping",
    "read_records",
    "read_rules",
    "read_table",
    "read_table_set",
    "rules_as_vtl",
    "rules_of",
    "schema",
    "set_facts",
    "structure",
    "structure_ids",
    "table_for_people",
    "tabulate",
    "tabulate_set",
    "validate",
    "validation_facts",
    "write_combined",
    "write_frame",
    "write_report",
    "write_table",
    "write_validation",
]

_MODULES = {
    "checking": ("check", "explain", "read_mapping"),
    "combining": ("add_totals", "combine", "write_combined", "write_frame"),
    "deriving": ("derive", "schema"),
    "estimating_flows": ("flows_from_stocks", "migration_indices", "net_migration"),
    "harmonizing": ("harmonize",),
    "mirroring": ("mirror",),
    "profiling": ("profile", "profile_frame"),
    "reasoning": ("inspect_rules", "localise"),
    "naming": ("codelist", "codelist_ids", "definition", "definition_ids", "structure", "structure_ids"),
    "showing": ("demo", "example_folder", "write_report", "table_for_people"),
    "table_extracts": ("read_table",),
    "table_sets": ("read_table_set", "set_facts", "tabulate_set"),
    "tabulating": ("compare_definitions", "read_records", "tabulate", "write_table"),
    "validating": ("read_rules", "rules_of", "validate"),
    "validation_files": ("rules_as_vtl", "validation_facts", "write_validation"),
}
_DOORS = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _DOORS:
        raise AttributeError(f"module 'migstat.api' has no attribute '{name}'")
    return getattr(import_module(f"migstat.api.{_DOORS[name]}"), name)
