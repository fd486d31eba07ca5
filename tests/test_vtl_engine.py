"""The VTL text of the rules that ship, run by vtlengine: it finds the same rows as ms.validate does.

vtlengine is AGPL: it is no dependency of ours, is in no list of ours, and lives in an environment of its own,
``.venv-vtl``, which the first run makes and later runs find. Without a network, or without pip, the test is skipped.
"""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import migstat as ms
from migstat.api import codelist, rules_as_vtl
from migstat.words.missing import KINDS, MISSING_SUFFIX
from migstat.words.rule import Exists, Holds, Parts, Rule

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parent.parent
ENGINE = "vtlengine>=1.9,<2"
ROWS = 100
VTL_TYPES = {"integer": "Integer", "year": "Integer", "number": "Number", "date": "Date"}


@pytest.fixture(scope="session")
def engine() -> Path:
    """The Python of an environment that has vtlengine; made once, beside the others that begin with .venv."""
    folder = ROOT / ".venv-vtl"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        made = subprocess.run([sys.executable, "-m", "venv", folder], capture_output=True, check=False)
        if made.returncode:
            pytest.skip("no environment can be made here")
    there = subprocess.run([python, "-c", "import vtlengine"], capture_output=True, check=False)
    if there.returncode:
        command = [python, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--retries", "1", ENGINE]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            pytest.skip("vtlengine cannot be installed here: it needs a network, or a folder of packages")
    return python


def generated(id: str) -> pl.DataFrame:
    """Rows with many faults. What names a row is given and no kind of missing, as VTL asks of identifiers."""
    structure, random = ms.structure(id), np.random.default_rng(7)
    columns: dict[str, list[object]] = {}
    for one in structure.components:
        lots = random.random(ROWS)
        if one.repeats:
            continue
        if one.coded:
            codes = [*codelist(one.codelist).ids[:40], *KINDS]
            drawn = [str(code) for code in random.choice(codes, ROWS)]
            made = [
                "wrong" if lot < 0.03 else None if lot < 0.06 else code for code, lot in zip(drawn, lots, strict=True)
            ]
        elif one.type in ("integer", "year"):
            low, high = int(one.minimum or 0) - 2, int(one.maximum or 100) + 2
            made = [
                None if lot < 0.1 else int(n) for n, lot in zip(random.integers(low, high, ROWS), lots, strict=True)
            ]
        elif one.type == "number":
            made = [
                None if lot < 0.1 else round(20 * float(n) - 1, 2)
                for n, lot in zip(random.random(ROWS), lots, strict=True)
            ]
        elif one.type == "date":
            made = [None if lot < 0.1 else f"20{10 + int(10 * lot)}-03-31" for lot in lots]
        else:
            made = [None if lot < 0.1 else "2019" for lot in lots]
        columns[one.id] = list(made)
        if structure.kind == "record" and not one.coded:
            kinds = [str(kind) for kind in random.choice([*KINDS, "wrong"], ROWS)]
            columns[one.id + MISSING_SUFFIX] = [
                None if lot < 0.5 else kind for kind, lot in zip(kinds, random.random(ROWS), strict=True)
            ]
    frame = pl.DataFrame(columns, strict=False).with_columns(TIME_PERIOD=pl.lit("2019"))
    if "ROW" in frame.columns:
        frame = frame.with_columns(ROW=pl.int_range(1, ROWS + 1))
    return frame.with_columns(
        pl.col(name).fill_null("wrong").replace(dict.fromkeys(KINDS, "wrong"))
        for name in structure.key
        if frame[name].dtype == pl.String
    )


def ages() -> pl.DataFrame:
    """A stock whose ages add up for one sex, and not for the other."""
    structure = ms.structure("MIGRANT_STOCK")
    rows = []
    for sex, total in (("F", 15.0), ("M", 16.0)):
        for age, value in [("Y0T4", total), *((f"Y{n}", float(n + 1)) for n in range(5))]:
            rows.append({"SEX": sex, "AGE": age, "OBS_VALUE": value})
    frame = pl.DataFrame(rows)
    others = [one.id for one in structure.with_role("dimension") if one.id not in frame.columns]
    return frame.with_columns(pl.lit("_T").alias(name) for name in others).with_columns(TIME_PERIOD=pl.lit("2019"))


def run_engine(python: Path, folder: Path, frame: pl.DataFrame, id: str, program: str) -> dict[str, set[int]]:
    """Run a program, and return for each rule the rows that it finds wrong; 0 stands for the data set as a whole.

    For totals vtlengine makes rows for parents that are not in the data: those are left out.
    """
    structure = ms.structure(id)
    parts = [
        {
            "name": name,
            "role": "Identifier" if name in structure.key else "Measure",
            "type": VTL_TYPES.get(structure[name].type, "String") if name in structure else "String",
            "nullable": name not in structure.key,
        }
        for name in frame.columns
    ]
    (folder / "structures.json").write_text(json.dumps({"datasets": [{"name": "DS_1", "DataStructure": parts}]}))
    (folder / "program.vtl").write_text(program, encoding="utf-8")
    frame.write_csv(folder / "DS_1.csv")
    done = subprocess.run(
        [python, ROOT / "tests" / "run_vtl.py", folder], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert not done.returncode, done.stderr[-2000:]
    key = list(structure.key)
    rows = {tuple(str(value) for value in row): number for number, row in enumerate(frame.select(key).rows(), 1)}
    found: dict[str, set[int]] = {}
    for rule, wrong in json.loads(done.stdout).items():
        for row in wrong:
            at = rows.get(tuple(row[name] for name in key)) if set(key) <= set(row) else 0
            if at is not None:
                found.setdefault(rule, set()).add(at)
    return found


LESS = ("cannot be told apart", "a condition which cannot be judged")
"""Where the comment of a rule says that VTL says less of it, rows may differ."""


def comparable(rule: Rule, program: str) -> bool:
    """Tell whether VTL says all of a rule: nothing is looked up elsewhere, and its comment has no such limit.

    Totals are compared by themselves, over data in which they have parts.
    """
    if rule.look_ups or isinstance(rule.check, Exists | Parts):
        return False
    comment = program.partition(f"/* {rule.id}")[2].partition("*/")[0]
    return not any(limit in comment for limit in LESS)


@pytest.mark.parametrize("id", ["CENSUS_PERSON", "BORDER_CROSSING", "PERMITS"])
def test_the_engine_finds_the_same_rows(tmp_path, engine, id):
    frame = generated(id)
    run = ms.validate(frame, structure=id, sample=0)
    program = rules_as_vtl(run.rules, id)
    told = replace(run.rules, rules=tuple(rule for rule in run.rules.rules if comparable(rule, program)))

    found = run_engine(engine, tmp_path, frame, id, rules_as_vtl(told, id))

    failures = run.failures()
    expected = {}
    for one in run.results:
        if one.failed and one.rule in told.rules:
            rows = failures.filter(pl.col("_rule") == one.rule.id)["_row"].to_list()
            expected[one.rule.id] = set(rows) if isinstance(one.rule.check, Holds) else {0}
    # Of keys, groups and sequences VTL names the group, and not the rows: what is compared is which rules fail.
    many = {rule.id for rule in told.rules if not isinstance(rule.check, Holds)}
    assert len(expected) > 15
    assert expected == {id: {0} if id in many else rows for id, rows in found.items()}


def test_the_engine_finds_the_same_totals(tmp_path, engine):
    frame = ages()
    run = ms.validate(frame, structure="MIGRANT_STOCK", sample=0)
    told = replace(run.rules, rules=tuple(rule for rule in run.rules.rules if isinstance(rule.check, Parts)))

    found = run_engine(engine, tmp_path, frame, "MIGRANT_STOCK", rules_as_vtl(told, "MIGRANT_STOCK"))

    assert {"AGE_ADDS_UP": {7}} == found
    assert [7] == run.failures().filter(pl.col("_rule") == "AGE_ADDS_UP")["_row"].to_list()
