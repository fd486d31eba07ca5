"""The verbs: each opens files, calls the rooms, and hands back words and frames. Loaded on use, one by one."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from migstat.api.checking import check, explain, read_mapping
    from migstat.api.deriving import derive, schema
    from migstat.api.harmonizing import harmonize
    from migstat.api.keys import key_fingerprint, make_key, rotate
    from migstat.api.linking import link
    from migstat.api.living import signs_of_life, write_signs
    from migstat.api.naming import codelist, codelist_ids, definition, definition_ids, structure, structure_ids
    from migstat.api.permitting import permits
    from migstat.api.probable_linking import link_probably
    from migstat.api.reasoning import inspect_rules, localise
    from migstat.api.showing import demo, example_folder, table_for_people, write_report
    from migstat.api.table_sets import read_table_set, set_facts, tabulate_set
    from migstat.api.tabulating import compare_definitions, read_records, tabulate, write_table
    from migstat.api.validating import read_rules, rules_of, validate
    from migstat.api.validation_files import rules_as_vtl, validation_facts, write_validation

__all__ = [
    "check",
    "codelist",
    "codelist_ids",
    "compare_definitions",
    "definition",
    "definition_ids",
    "demo",
    "derive",
    "example_folder",
    "explain",
    "harmonize",
    "inspect_rules",
    "key_fingerprint",
    "link",
    "link_probably",
    "localise",
    "make_key",
    "permits",
    "read_mapping",
    "read_records",
    "read_rules",
    "read_table_set",
    "rotate",
    "rules_as_vtl",
    "rules_of",
    "schema",
    "set_facts",
    "signs_of_life",
    "structure",
    "structure_ids",
    "table_for_people",
    "tabulate",
    "tabulate_set",
    "validate",
    "validation_facts",
    "write_report",
    "write_signs",
    "write_table",
    "write_validation",
]

_MODULES = {
    "checking": ("check", "explain", "read_mapping"),
    "deriving": ("derive", "schema"),
    "harmonizing": ("harmonize",),
    "keys": ("key_fingerprint", "make_key", "rotate"),
    "linking": ("link",),
    "living": ("signs_of_life", "write_signs"),
    "permitting": ("permits",),
    "probable_linking": ("link_probably",),
    "reasoning": ("inspect_rules", "localise"),
    "naming": ("codelist", "codelist_ids", "definition", "definition_ids", "structure", "structure_ids"),
    "showing": ("demo", "example_folder", "write_report", "table_for_people"),
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
