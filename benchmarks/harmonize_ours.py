"""The census by migstat, with the check that keys are unique or without it, so that its share is seen apart."""

import argparse
from dataclasses import replace
from pathlib import Path

from migstat.api.ceiling import prepare

MAPPING = Path(__file__).parent / "census" / "mapping.yaml"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extract", type=Path)
    parser.add_argument("into", type=Path)
    parser.add_argument("--without-key", action="store_true", help="do not look for keys that stand again")
    parser.add_argument("--memory", help="the ceiling, such as 1G")
    given = parser.parse_args()
    prepare(given.memory)
    import migstat as ms  # only here: what was prepared is read when the libraries are loaded

    mapping = ms.read_mapping(MAPPING)
    if given.without_key:
        mapping = replace(mapping, source=replace(mapping.source, key=()))
    ms.harmonize(given.extract, mapping, into=given.into, memory=given.memory)


if __name__ == "__main__":
    main()
