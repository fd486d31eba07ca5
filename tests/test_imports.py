"""What is loaded, and what is not: help and codelists come at once, and ``import migstat`` costs nothing."""

import subprocess
import sys

import pytest

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
    command = [sys.executable, "-X", "importtime", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


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
