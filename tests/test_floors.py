"""The floors of the house hold, and the test that holds them can fail."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src" / "migstat"


def lint_floors(folder: Path) -> subprocess.CompletedProcess[str]:
    code = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", code, "--no-cache", "--config", str(folder / "pyproject.toml")],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_floors_hold(root):
    result = lint_floors(root)

    assert 0 == result.returncode, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("words/structure.py", "import migstat.read.placed", "Floors"),
        ("work/__init__.py", "import migstat.read.placed", "Floors"),
        ("stairs.py", "", "Floors"),
        ("words/structure.py", "import polars", "Words know the standard library only"),
        ("read/__init__.py", "import yaml", "YAML has one door"),
        ("read/__init__.py", "import pandera.polars", "pandera has one door"),
        ("words/structure.py", "import jinja2", "jinja2 has one door"),
        ("work/__init__.py", "import sdmx", "sdmx1 has one door"),
        ("words/structure.py", "import rich.console", "rich has one door"),
    ],
)
def test_a_broken_floor_is_seen(root, tmp_path, file, line, contract):
    shutil.copy(root / "pyproject.toml", tmp_path)
    shutil.copytree(SOURCE, tmp_path / "src" / "migstat", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "src" / "migstat" / file).open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")

    result = lint_floors(tmp_path)

    assert 1 == result.returncode
    assert contract in result.stdout


def imported(path: Path) -> set[str]:
    """The top names that a module imports, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


def test_words_import_nothing_from_outside():
    allowed = {*sys.stdlib_module_names, "migstat"}

    outside = {path.name: imported(path) - allowed for path in (SOURCE / "words").rglob("*.py")}

    assert {} == {name: names for name, names in outside.items() if names}


def test_help_is_light():
    heavy = {"pandas", "polars", "pyarrow", "pandera", "sdmx", "numpy"}

    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "migstat", "--help"],
        env={**os.environ, "PYTHONPATH": str(SOURCE.parent)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 == result.returncode, result.stderr[-2000:]
    loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in result.stderr.splitlines()}
    assert set() == loaded & heavy
