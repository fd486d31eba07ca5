"""The verbs: each opens files, calls the rooms, and hands back words and frames. Loaded on use, one by one."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from migstat.api import registry
    from migstat.api.anonymizing import anonymize, read_microdata_policy, write_anonymized, write_risk_report
    from migstat.api.asking_drafts import answer_draft, open_in_draft
    from migstat.api.auditing import audit
    from migstat.api.checking import check, explain, read_mapping
    from migstat.api.checking_packs import check_pack
    from migstat.api.combining import add_totals, combine, write_combined
    from migstat.api.comparing import compare_codelists
    from migstat.api.contributing import contributions
    from migstat.api.deriving import derive, schema
    from migstat.api.diffing import diff
    from migstat.api.drafting import draft, write_draft
    from migstat.api.engines import open_table
    from migstat.api.estimating import design, difference, estimate, write_estimates
    from migstat.api.estimating_flows import flows_from_stocks, migration_indices, net_migration
    from migstat.api.exchanging import convert, read_data, write_table
    from migstat.api.flowing import flows
    from migstat.api.frames import write_frame
    from migstat.api.harmonizing import harmonize
    from migstat.api.keys import key_fingerprint, make_key, rotate
    from migstat.api.linking import link
    from migstat.api.living import signs_of_life, write_signs
    from migstat.api.making_packs import make_extract, new_pack
    from migstat.api.mirroring import mirror
    from migstat.api.naming import (
        codelist,
        codelist_ids,
        correspondence,
        correspondence_ids,
        definition,
        definition_ids,
        structure,
        structure_ids,
    )
    from migstat.api.packing import pack, packs, shadowed, without_packs
    from migstat.api.permitting import permits
    from migstat.api.probable_linking import link_probably
    from migstat.api.profiling import profile, profile_frame
    from migstat.api.protecting import policy_ids, protect, protection_facts, read_policy
    from migstat.api.reading_codebooks import codebook
    from migstat.api.reasoning import inspect_rules, localise
    from migstat.api.recognising import (
        countries,
        countries_of_file,
        country,
        recognise,
        write_countries,
        write_country_recode,
    )
    from migstat.api.residence_facts import residence_json
    from migstat.api.residing import reside
    from migstat.api.revising import compare_flows, revisions, sensitivity
    from migstat.api.rule_sets import read_rules, rules_of
    from migstat.api.running import outcome_facts, run
    from migstat.api.showing import demo, table_for_people, write_report
    from migstat.api.stocking import stock
    from migstat.api.structure_maps import (
        map_as_mapping,
        mapping_as_map,
        read_structure_map,
        run_map,
        write_structure_map,
    )
    from migstat.api.structures import (
        data_schema,
        read_artefacts,
        read_codelist,
        read_structure,
        structure_bytes,
        write_data_schema,
        write_structure,
    )
    from migstat.api.table_extracts import read_table
    from migstat.api.table_sets import read_table_set, set_facts, tabulate_set
    from migstat.api.tabulating import compare_definitions, read_records, tabulate
    from migstat.api.validating import validate
    from migstat.api.validation_files import rules_as_vtl, validation_facts, write_validation

__all__ = [
    "add_totals",
    "anonymize",
    "answer_draft",
    "audit",
    "check",
    "check_pack",
    "codebook",
    "codelist",
    "codelist_ids",
    "combine",
    "compare_codelists",
    "compare_definitions",
    "compare_flows",
    "contributions",
    "convert",
    "correspondence",
    "correspondence_ids",
    "countries",
    "countries_of_file",
    "country",
    "data_schema",
    "definition",
    "definition_ids",
    "demo",
    "derive",
    "design",
    "diff",
    "difference",
    "draft",
    "estimate",
    "explain",
    "flows",
    "flows_from_stocks",
    "harmonize",
    "inspect_rules",
    "key_fingerprint",
    "link",
    "link_probably",
    "localise",
    "make_extract",
    "make_key",
    "map_as_mapping",
    "mapping_as_map",
    "migration_indices",
    "mirror",
    "net_migration",
    "new_pack",
    "open_in_draft",
    "open_table",
    "outcome_facts",
    "pack",
    "packs",
    "permits",
    "policy_ids",
    "profile",
    "profile_frame",
    "protect",
    "protection_facts",
    "read_artefacts",
    "read_codelist",
    "read_data",
    "read_mapping",
    "read_microdata_policy",
    "read_policy",
    "read_records",
    "read_rules",
    "read_structure",
    "read_structure_map",
    "read_table",
    "read_table_set",
    "recognise",
    "registry",
    "reside",
    "residence_json",
    "revisions",
    "rotate",
    "rules_as_vtl",
    "rules_of",
    "run",
    "run_map",
    "schema",
    "sensitivity",
    "set_facts",
    "shadowed",
    "signs_of_life",
    "stock",
    "structure",
    "structure_bytes",
    "structure_ids",
    "table_for_people",
    "tabulate",
    "tabulate_set",
    "validate",
    "validation_facts",
    "without_packs",
    "write_anonymized",
    "write_combined",
    "write_countries",
    "write_country_recode",
    "write_data_schema",
    "write_draft",
    "write_estimates",
    "write_frame",
    "write_report",
    "write_risk_report",
    "write_signs",
    "write_structure",
    "write_structure_map",
    "write_table",
    "write_validation",
]

_MODULES = {
    "anonymizing": ("anonymize", "read_microdata_policy", "write_anonymized", "write_risk_report"),
    "asking_drafts": ("answer_draft", "open_in_draft"),
    "auditing": ("audit",),
    "checking": ("check", "explain", "read_mapping"),
    "checking_packs": ("check_pack",),
    "combining": ("add_totals", "combine", "write_combined"),
    "comparing": ("compare_codelists",),
    "contributing": ("contributions",),
    "deriving": ("derive", "schema"),
    "diffing": ("diff",),
    "drafting": ("draft", "write_draft"),
    "engines": ("open_table",),
    "estimating": ("design", "difference", "estimate", "write_estimates"),
    "estimating_flows": ("flows_from_stocks", "migration_indices", "net_migration"),
    "exchanging": ("convert", "read_data", "write_table"),
    "flowing": ("flows",),
    "frames": ("write_frame",),
    "harmonizing": ("harmonize",),
    "keys": ("key_fingerprint", "make_key", "rotate"),
    "linking": ("link",),
    "living": ("signs_of_life", "write_signs"),
    "making_packs": ("make_extract", "new_pack"),
    "mirroring": ("mirror",),
    "naming": (
        "codelist",
        "codelist_ids",
        "correspondence",
        "correspondence_ids",
        "definition",
        "definition_ids",
        "structure",
        "structure_ids",
    ),
    "packing": ("pack", "packs", "shadowed", "without_packs"),
    "permitting": ("permits",),
    "probable_linking": ("link_probably",),
    "profiling": ("profile", "profile_frame"),
    "protecting": ("policy_ids", "protect", "protection_facts", "read_policy"),
    "reading_codebooks": ("codebook",),
    "reasoning": ("inspect_rules", "localise"),
    "recognising": (
        "countries",
        "countries_of_file",
        "country",
        "recognise",
        "write_countries",
        "write_country_recode",
    ),
    "residence_facts": ("residence_json",),
    "residing": ("reside",),
    "revising": ("compare_flows", "revisions", "sensitivity"),
    "showing": ("demo", "table_for_people", "write_report"),
    "stocking": ("stock",),
    "structure_maps": ("map_as_mapping", "mapping_as_map", "read_structure_map", "run_map", "write_structure_map"),
    "structures": (
        "data_schema",
        "read_artefacts",
        "read_codelist",
        "read_structure",
        "structure_bytes",
        "write_data_schema",
        "write_structure",
    ),
    "table_extracts": ("read_table",),
    "table_sets": ("read_table_set", "set_facts", "tabulate_set"),
    "tabulating": ("compare_definitions", "read_records", "tabulate"),
    "rule_sets": ("read_rules", "rules_of"),
    "running": ("outcome_facts", "run"),
    "validating": ("validate",),
    "validation_files": ("rules_as_vtl", "validation_facts", "write_validation"),
}
_DOORS = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name == "registry":
        return import_module("migstat.api.registry")
    if name not in _DOORS:
        raise AttributeError(f"module 'migstat.api' has no attribute '{name}'")
    return getattr(import_module(f"migstat.api.{_DOORS[name]}"), name)
