"""The rules of census/rules.yaml by migstat: the rule file as it is, or without its rule on keys."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import migstat as ms

FILE = Path(__file__).parent / "census" / "rules.yaml"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("into", type=Path)
    parser.add_argument("--key", action="store_true", help="also find the keys that stand more than once")
    parser.add_argument("--sample", type=int, default=0, help="failing rows to show of each rule (0)")
    given = parser.parse_args()
    rules = ms.read_rules(FILE)
    if not given.key:
        rules = replace(rules, rules=tuple(rule for rule in rules.rules if rule.id != "KEY"))
    run = ms.validate(given.records, rules=rules, weight="WEIGHT", sample=given.sample)
    told = {one.rule.id: [one.passed, one.failed, one.undecided, one.failed_weight] for one in run.results}
    given.into.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
