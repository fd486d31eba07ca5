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
        check,
        codelist,
        compare_definitions,
        definition,
        derive,
        explain,
        harmonize,
        inspect_rules,
        key_fingerprint,
        link,
        link_probably,
        localise,
        make_key,
        permits,
        read_mapping,
        read_records,
        read_rules,
        rotate,
        rules_of,
        schema,
        signs_of_life,
        structure,
        tabulate,
        tabulate_set,
        validate,
        write_report,
        write_signs,
        write_table,
        write_validation,
    )
    from migstat.words.finding import Finding, MigstatError

__all__ = [
    "Finding",
    "MigstatError",
    "check",
    "codelist",
    "compare_definitions",
    "definition",
    "derive",
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
    "rotate",
    "rules_of",
    "schema",
    "signs_of_life",
    "structure",
    "tabulate",
    "tabulate_set",
    "validate",
    "write_report",
    "write_signs",
    "write_table",
    "write_validation",
]

_WORDS = {"Finding", "MigstatError"}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that ``import migstat`` costs nothing."""
    if name not in __all__:
        raise AttributeError(f"module 'migstat' has no attribute '{name}'")
    return getattr(import_module("migstat.words.finding" if name in _WORDS else "migstat.api"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
