"""The jobs of the benchmark: what each is measured on, the commands of each contestant, and how their results agree."""

import json
import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks import inputs
from benchmarks.inputs import MAPPING, ROOT
from benchmarks.telling import KEYED

PYTHON = [sys.executable, "-W", "ignore", "-m"]
HAND, OURS, PLAIN = "Polars by hand", "migstat", "pandas and pandera, plain"
COUNTED = "Polars by hand, counting values"

Commands = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Job:
    """Something that several contestants do; the first of them is what the others are compared with.

    ``seconds`` is about how long all of them take together for a million rows, on two cores.
    """

    name: str
    does: str
    kind: str
    seconds: float
    input: Callable[[int], Path]
    commands: Callable[[Path, Path], Commands]
    agree: Callable[[Path, int], dict[str, Any]]
    needs: dict[str, str] = field(default_factory=dict)
    """The package that a contestant needs, by the beginning of its name."""
    findings: tuple[str, ...] = ()
    """Contestants that end with exit code 1, since the generated census holds rows that no rule covers."""
    once: dict[str, float] = field(default_factory=dict)
    """Contestants that take minutes and so run one time only, with their seconds for a million rows."""
    fixed_first: bool = True
    """The results of the others are compared with the first, so that it must run."""
    rows: int = 10_000_000
    most: int = 100_000_000

    def lacking(self) -> dict[str, str]:
        """Return the contestants that cannot run here, each with the package that it needs."""
        return {name: package for name, package in self.needs.items() if not find_spec(package)}


def harmonizing(extract: Path, out: Path) -> Commands:
    hand = [*PYTHON, "benchmarks.by_hand_polars", str(extract)]
    return {
        HAND: [*hand, str(out / "hand")],
        COUNTED: [*hand, str(out / "counted"), "--with-coverage"],
        "migstat harmonize": [
            *PYTHON, "migstat", "harmonize", MAPPING, str(extract), "--into", str(out / "ours"), "--quiet",
        ],
    }  # fmt: skip


def harmonized_alike(out: Path, rows: int) -> dict[str, Any]:
    if not (out / "ours").exists():
        return {}
    return _compared("benchmarks.compare", str(out), "--rows", str(rows))


VALIDATORS = {
    HAND: "hand_polars",
    "migstat validate": "ours",
    "pandera, on Polars": "pandera",
    "pandera, on pandas": "pandera_pandas",
    "dataframely": "dataframely",
    "pointblank": "pointblank",
}


def validating(records: Path, out: Path) -> Commands:
    """Judge the rules of census/rules.yaml, without the rule on keys and with it."""
    jobs: Commands = {}
    for key in (False, True):
        for job, module in VALIDATORS.items():
            told = out / f"{module}{'-key' if key else ''}.json"
            command = [*PYTHON, f"benchmarks.validate_{module}", str(records), str(told)]
            jobs[job + (KEYED if key else "")] = [*command, "--key"] if key else command
    return jobs


EVERY = "migstat validate, every rule"


def validating_by_every_rule(records: Path, out: Path) -> Commands:
    """Judge by all rules of the structure: of each code, number and date, and those between them."""
    return {EVERY: [*PYTHON, "migstat", "validate", str(records), "--structure", "CENSUS_PERSON", "--quiet"]}


def validated_alike(out: Path, rows: int) -> dict[str, Any]:
    """Compare what the jobs say of each rule with what the first says, as far as both count it."""
    hand = json.loads((out / "hand_polars-key.json").read_text(encoding="utf-8"))
    others = [path for path in sorted(out.glob("*.json")) if path.name != "hand_polars-key.json"]
    for path in others:
        for id, counts in json.loads(path.read_text(encoding="utf-8")).items():
            for one, other in zip(hand[id], counts, strict=True):
                if None not in (one, other) and not math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-6):
                    sys.exit(f"{path.stem} differs on {id}, so that the times mean nothing: {counts}, not {hand[id]}")
    return {"rows": rows, "rules": len(hand), "failed": sum(counts[1] for counts in hand.values())}


CHAINS = {
    HAND: "hand_polars",
    "DuckDB by hand": "hand_duckdb",
    "pandas and pandera": "hand_pandas",
    PLAIN: "plain_pandas",
    OURS: "ours",
}
RUN = "migstat run"


def chaining(kind: str) -> Callable[[Path, Path], Commands]:
    """Return what gives the commands of the chain for a kind of file, without the rule on keys and with it."""

    def commands(extract: Path, out: Path) -> Commands:
        jobs: Commands = {}
        for key in (False, True):
            mapping = inputs.mapping(kind, key)
            for job, module in CHAINS.items():
                command = [*PYTHON, f"benchmarks.chain.{module}", str(extract), _folder(out, module, key)]
                command += ["--mapping", str(mapping)] if module == "ours" else []
                jobs[job + (KEYED if key else "")] = [*command, "--key"] if key else command
        jobs[RUN + KEYED] = [
            *PYTHON, "migstat", "run", str(mapping.parent / "plan.yaml"), str(extract),
            "--into", _folder(out, "run", True), "--quiet",
        ]  # fmt: skip
        return jobs

    return commands


def chained_alike(out: Path, rows: int) -> dict[str, Any]:
    """Compare all that the chains left: without the rule on keys, and with it."""
    _compared("benchmarks.chain.agree", *_results(out, ""))
    return _compared("benchmarks.chain.agree", *_results(out, "-key"))


def tabulating(records: Path, out: Path) -> Commands:
    return {
        job: [*PYTHON, f"benchmarks.chain.{module}", str(records), _folder(out, module, False), "--cube"]
        for job, module in CHAINS.items()
    }


def tabulated_alike(out: Path, rows: int) -> dict[str, Any]:
    return _compared("benchmarks.chain.agree", "--cube-only", *_results(out, ""))


def replicating(extract: Path, out: Path) -> Commands:
    command = [*PYTHON, "benchmarks.replicates", str(extract), str(out)]
    return {HAND: [*command, "hand"], "migstat estimate": [*command, "ours"]}


def told_alike(out: Path, rows: int) -> dict[str, Any]:
    """Compare numbers that the contestants told, each in a file of its own."""
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(out.glob("*.json"))}
    first, *others = found.values()
    for other in others:
        same = first.keys() == other.keys() and all(
            math.isclose(first[name], other[name], rel_tol=1e-9) for name in first
        )
        if not same:
            sys.exit(f"the results differ, so that the times mean nothing: {found}")
    return {"told": first}


def reading_statistical(path: Path, out: Path) -> Commands:
    command = [*PYTHON, "benchmarks.statistical", "--read", str(path)]
    names = {"pyreadstat": "pyreadstat", "pyreadstat, to Polars": "polars", OURS: "ours"}
    return {how: [*command, "--how", how, "--told", str(out / f"{name}.json")] for how, name in names.items()}


def _folder(out: Path, module: str, key: bool) -> str:
    return str(out / f"{module}{'-key' if key else ''}")


def _results(out: Path, ending: str) -> list[str]:
    """Return the folders of all chains, that of Polars by hand first."""
    folders = sorted(path for path in out.iterdir() if path.name.endswith("-key") == bool(ending))
    first = out / f"hand_polars{ending}"
    return [str(path) for path in sorted(folders, key=lambda path: path != first)]


def _compared(module: str, *arguments: str) -> dict[str, Any]:
    """Return what a comparison says; it runs in a process of its own."""
    done = subprocess.run([*PYTHON, module, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"the results differ, so that their times mean nothing:\n{done.stdout}{done.stderr}")
    return dict(json.loads(done.stdout))


PEERS = {"DuckDB": "duckdb", "pandas": "pandera", RUN: "migstat.cli.running"}


def _chain(kind: str, name: str, seconds: float, once: dict[str, float]) -> Job:
    return Job(
        f"chain-{kind}", f"the whole chain from {name}", name, seconds, lambda rows: inputs.census(rows, kind),
        chaining(kind), chained_alike, needs=PEERS, findings=(RUN,), once=once, fixed_first=False,
    )  # fmt: skip


def _statistical(kind: str, name: str) -> Job:
    return Job(
        f"statistical-{kind}", f"reading a file of {name}", name, 15, lambda rows: inputs.statistical(rows, kind),
        reading_statistical, told_alike, needs={"pyreadstat": "pyreadstat"}, fixed_first=False, rows=1_000_000,
        most=1_000_000,
    )  # fmt: skip


JOBS = [
    Job(
        "harmonize", "one census to Parquet", "CSV", 2.6, inputs.census, harmonizing, harmonized_alike,
        findings=("migstat harmonize",),
    ),
    Job(
        "validate", "25 rules on one file of records", "Parquet", 4, inputs.records, validating, validated_alike,
        needs={"pandera": "pandera", "dataframely": "dataframely", "pointblank": "pointblank"},
    ),
    Job(
        "validate-structure", "every rule of CENSUS_PERSON on one file of records", "Parquet", 1.2, inputs.records,
        validating_by_every_rule, validated_alike, findings=(EVERY,),
    ),
    Job(
        "tabulate", "a cube of five dimensions from one file of records", "Parquet", 1.2, inputs.harmonized, tabulating,
        tabulated_alike, needs=PEERS, fixed_first=False,
    ),
    Job(
        "replicates", "80 replicate weights", "Parquet", 0.6, inputs.replicates, replicating, told_alike,
        fixed_first=False, most=10_000_000,
    ),
    _chain("csv", "CSV", 25, {}),
    _chain("parquet", "Parquet", 22, {}),
    _chain("fixed", "fixed width", 20, {PLAIN: 24}),
    _statistical("sav", "SPSS"),
    _statistical("dta", "Stata"),
]  # fmt: skip
