"""The whole chain by the verbs of migstat, in one process: the plan of census/plan.yaml without the plan."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import migstat as ms
from benchmarks.chain.cube_codes import DIMENSIONS, LEVELS

CENSUS = Path(__file__).resolve().parents[1] / "census"


def cube(records: Path, into: Path) -> None:
    """Make the cube from a file of records."""
    table = ms.tabulate(records, definition="FOREIGN_BORN", by=list(DIMENSIONS), levels=LEVELS)
    ms.write_table(table, into / "cube.parquet")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extract", type=Path)
    parser.add_argument("into", type=Path)
    parser.add_argument("--mapping", type=Path, default=CENSUS / "mapping.yaml")
    parser.add_argument("--key", action="store_true", help="also find the keys that stand more than once")
    parser.add_argument("--memory", help="ceiling of memory, such as 4G")
    parser.add_argument("--cube", action="store_true", help="the file holds records: make the cube only")
    given = parser.parse_args()
    if given.cube:
        cube(given.extract, given.into)
        return
    ceiling = {"memory": given.memory} if given.memory else {}
    ms.harmonize(given.extract, given.mapping, into=given.into, **ceiling)
    path = given.into / "BENCHMARK_CENSUS.records.parquet"
    rules = ms.read_rules(CENSUS / "rules.yaml")
    if not given.key:
        rules = replace(rules, rules=tuple(rule for rule in rules.rules if rule.id != "KEY"))
    run = ms.validate(path, rules=rules, only=True, sample=0, **ceiling)
    told = {one.rule.id: [one.passed, one.failed, one.undecided, one.failed_weight] for one in run.results}
    (given.into / "rules.json").write_text(json.dumps(told), encoding="utf-8")
    cube(path, given.into)


if __name__ == "__main__":
    main()
