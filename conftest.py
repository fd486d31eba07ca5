"""The pages are tests: each Python, console, mapping and CSV example of README.md and docs/ is run."""

import os
import shlex
import subprocess
import sys
import tempfile
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path
from re import findall
from typing import Any

from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

ROOT = Path(__file__).resolve().parent
OPTIONS = ELLIPSIS | NORMALIZE_WHITESPACE


def run_console(example: Example) -> str | None:
    """Run each line that begins with `$ ` in the page's folder, and compare what it prints with the lines below it."""
    for step in f"\n{example.parsed}".split("\n$ ")[1:]:
        command, _, expected = step.partition("\n")
        words = shlex.split(command)
        if words[0] == "migstat":
            words[:1] = [sys.executable, "-m", "migstat"]
        done = subprocess.run(
            words,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "NO_COLOR": "1", "COLUMNS": "100"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        expected = expected.rstrip("\n") + "\n" if expected.strip() else ""
        allowed = (0, 1) if "Mend:" in expected else (0,)
        if done.returncode not in allowed or not OutputChecker().check_output(expected, done.stdout, OPTIONS):
            return f"$ {command}\nexpected:\n{expected}\nprinted (exit {done.returncode}):\n{done.stdout}"
    return None


def add_to_mapping(example: Example) -> None:
    """Put the YAML of a page together, block by block, as `mapping.yaml` in the page's folder."""
    with Path("mapping.yaml").open("a", encoding="utf-8") as mapping:
        mapping.write(f"{example.parsed}\n")


def write_table(example: Example) -> None:
    """Write a CSV block as the file that was last named in backquotes before it, in the page's folder."""
    name = Path(findall(r"`([\w/.-]+\.csv)`", example.document.text[: example.region.start])[-1])
    name.parent.mkdir(parents=True, exist_ok=True)
    name.write_text(f"{example.parsed}\n", encoding="utf-8")


def enter(namespace: dict[str, Any]) -> None:
    """Give each page a folder of its own, with the repository's data in it."""
    namespace["_back"] = Path.cwd()
    namespace["_folder"] = tempfile.TemporaryDirectory()
    folder = Path(namespace["_folder"].name)
    for name in ("codelists", "schemas", "examples"):
        (folder / name).symlink_to(ROOT / name)
    os.chdir(folder)


def leave(namespace: dict[str, Any]) -> None:
    """Go back, and take the page's folder away."""
    os.chdir(namespace["_back"])
    namespace["_folder"].cleanup()


pytest_collect_file = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=OPTIONS),
        CodeBlockParser(language="console", evaluator=run_console),
        CodeBlockParser(language="yaml", evaluator=add_to_mapping),
        CodeBlockParser(language="csv", evaluator=write_table),
        SkipParser(),
    ],
    patterns=["README.md", "docs/*.md", "docs/**/*.md"],
    setup=enter,
    teardown=leave,
).pytest()
