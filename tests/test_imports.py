"""What is loaded, and what is not: help and codelists come at once, and ``import migstat`` costs nothing."""

import subprocess
import sys
from importlib import import_module

import pytest

from migstat.cli.index import COMMANDS

HEAVY = {
    "duckdb",
    "lxml",
    "narwhals",
    "numpy",
    "pandas",
    "pandera",
    "polars",
    "pyarrow",
    "pyspark",
    "rich",
    "scipy",
    "sdmx",
    "yaml",
}
FRAMES = HEAVY - {"rich", "yaml"}


def loaded(*arguments: str) -> set[str]:
    """The top names of all modules that Python loads for a command."""
    return {name.partition(".")[0] for name in whole(*arguments)}


def whole(*arguments: str) -> set[str]:
    """The names of all modules that Python loads for a command."""
    command = [sys.executable, "-X", "importtime", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


@pytest.mark.parametrize(
    "verb", [[], ["codes"], ["check"], ["harmonize"], ["tabulate"], ["anonymize"], ["demo"]], ids=str
)
def test_help_loads_no_library(verb):
    modules = loaded("-m", "migstat", *verb, "--help")

    assert "migstat" in modules
    assert set() == HEAVY & modules


def test_import_migstat_loads_the_standard_library_alone():
    # A path file of the environment may load modules of its own when Python starts.
    before = loaded("-c", "pass")
    modules = loaded("-c", "import migstat")

    assert {"migstat"} == {name for name in modules - before if name not in sys.stdlib_module_names}


def test_the_list_of_commands_loads_no_command():
    # What takes long to load is left out, so that the help comes at once.
    modules = whole("-c", "import sys; from migstat.cli import main; main(['--help'])")

    assert {"migstat", "migstat.cli", "migstat.cli.index"} == {one for one in modules if one.startswith("migstat")}
    assert set() == {"typing", "dataclasses", "inspect", "shutil"} & (modules - whole("-c", "pass"))


def test_every_command_stands_in_the_module_that_the_list_names():
    for name, (module, _) in COMMANDS.items():
        assert callable(getattr(import_module(f"migstat.cli.{module}"), name.replace("-", "_")))


@pytest.mark.parametrize("arguments", [["codes"], ["codes", "CL_AREA", "--search", "moldavia"]], ids=" ".join)
def test_codelists_load_no_library_of_frames(arguments):
    assert set() == FRAMES & loaded("-m", "migstat", *arguments)


def test_the_names_of_the_front_door_are_there():
    import migstat as ms

    assert sorted(ms.__all__) == ms.__all__
    assert all(getattr(ms, name) is not None for name in ms.__all__)
    assert {*ms.__all__, "__version__"} <= set(dir(ms))
    with pytest.raises(AttributeError, match="no attribute 'harmonise'"):
        ms.harmonise  # noqa: B018


READERS = ("cspro_file", "delimited_records", "fixed_width", "statistical", "workbook")
APART = {
    "ms.validate; ms.read_rules": {
        "lxml",
        "pyarrow",
        "migstat.read.extracts",
        "migstat.read.sdmx_data",
        "migstat.read.mappings.document",
        "migstat.work.harmonize",
    },
    "ms.harmonize; ms.validate; ms.tabulate; ms.read_rules": {
        "lxml",
        "pyarrow.compute",
        "migstat.read.sdmx_data",
        "migstat.read.statistical_files.opened",
        "migstat.words.constraint",
        "migstat.words.draft",
        "migstat.work.explain",
        "migstat.work.inspect_rules",
        "migstat.work.reside",
        "migstat.work.tabulate.precision",
        "migstat.work.validate.lazily",
        "migstat.work.validate.message",
        *(f"migstat.read.extracts.{kind}" for kind in READERS),
    },
}
"""What verbs do not load before they meet what needs it."""


@pytest.mark.parametrize("verbs", APART)
def test_what_few_need_is_loaded_where_it_is_needed(verbs):
    modules = whole("-c", f"import migstat as ms; {verbs}")

    assert "migstat.api.rule_sets" in modules
    assert set() == APART[verbs] & modules


def test_a_run_loads_a_step_when_it_is_taken():
    assert set() == FRAMES & loaded("-c", "import migstat.api.running")
    assert set() == FRAMES & loaded("-c", "import migstat.api.run_steps")
