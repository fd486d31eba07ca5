"""migstat: national census, survey and administrative files on migration, made one comparable dataset.

>>> import migstat as ms
>>> ms.codelist("CL_SEX").label("F", "fr")
'Féminin'
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from migstat.api import (
        anonymize,
        audit,
        check,
        codelist,
        compare_codelists,
        compare_definitions,
        contributions,
        convert,
        correspondence,
        definition,
        derive,
        design,
        difference,
        estimate,
        explain,
        harmonize,
        inspect_rules,
        key_fingerprint,
        link,
        link_probably,
        localise,
        make_key,
        map_as_mapping,
        mapping_as_map,
        permits,
        protect,
        read_artefacts,
        read_codelist,
        read_data,
        read_mapping,
        read_microdata_policy,
        read_policy,
        read_records,
        read_rules,
        read_structure,
        read_structure_map,
        read_table,
        registry,
        rotate,
        rules_of,
        run_map,
        schema,
        signs_of_life,
        structure,
        tabulate,
        tabulate_set,
        validate,
        write_anonymized,
        write_data_schema,
        write_estimates,
        write_report,
        write_risk_report,
        write_signs,
        write_structure,
        write_structure_map,
        write_table,
        write_validation,
    )
    from migstat.words.finding import Finding, MigstatError

__all__ = [
    "Finding",
    "MigstatError",
    "anonymize",
    "audit",
    "check",
    "codelist",
    "compare_codelists",
    "compare_definitions",
    "contributions",
    "convert",
    "correspondence",
    "definition",
    "derive",
    "design",
    "difference",
    "estimate",
    "explain",
    "harmonize",
    "inspect_rules",
    "key_fingerprint",
    "link",
    "link_probably",
    "localise",
    "make_key",
    "map_as_mapping",
    "mapping_as_map",
    "permits",
    "protect",
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
    "registry",
    "rotate",
    "rules_of",
    "run_map",
    "schema",
    "signs_of_life",
    "structure",
    "tabulate",
    "tabulate_set",
    "validate",
    "write_anonymized",
    "write_data_schema",
    "write_estimates",
    "write_report",
    "write_risk_report",
    "write_signs",
    "write_structure",
    "write_structure_map",
    "write_table",
    "write_validation",
]

_WORDS = {"Finding", "MigstatError"}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that ``import migstat`` costs nothing."""
    if name not in __all__:
        raise AttributeError(f"module 'migstat' has no attribute '{name}'")
    if name == "registry":
        return import_module("migstat.api.registry")
    return getattr(import_module("migstat.words.finding" if name in _WORDS else "migstat.api"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
