"""Compare two versions of a codelist, and find what the newer one breaks."""

import os
from collections.abc import Iterable
from pathlib import Path

from migstat.api.checking import read_mapping, structure_of
from migstat.read.codelists import data_folder
from migstat.read.correspondences import correspondence, correspondence_ids
from migstat.read.structure_paths import codelist_at
from migstat.words.change import Compared
from migstat.words.codelist import Codelist
from migstat.words.finding import Finding
from migstat.work.compare_codelists import broken, broken_pairs, changes

Pathlike = str | os.PathLike[str]


def compare_codelists(
    old: Pathlike | Codelist, new: Pathlike | Codelist, mappings: Iterable[Pathlike] = (), *, shipped: bool = True
) -> Compared:
    """Return what changed between two versions of a codelist, and which mappings the newer one breaks.

    Each of the two is a codelist, the id of one that ships, or a file of CSV, SDMX-ML or SDMX-JSON. Changes are codes
    added and removed, names by language, parents and validity. The ``mappings`` named, and with ``shipped`` those that
    ship with the correspondences, are looked through for codes that the newer version has no more: each finding has its
    place and its mend.

    >>> compare_codelists("CL_SEX", "CL_SEX").changes
    ()
    """
    one, other = (item if isinstance(item, Codelist) else codelist_at(_name(item)) for item in (old, new))
    paths = [Path(path) for path in mappings]
    paths += sorted(data_folder("examples").glob("*/mapping*.yaml")) if shipped else []
    findings: list[Finding] = []
    counted: dict[str, int] = {}
    for path in paths:
        mapping = read_mapping(path)
        found = list(broken(mapping, structure_of(mapping), one, other))
        counted[mapping.id] = len(found)
        findings += found
    for id in correspondence_ids() if shipped else ():
        found = list(broken_pairs(correspondence(id), one, other))
        if found:
            counted[id] = len(found)
        findings += found
    return Compared(one, other, tuple(changes(one, other)), tuple(dict.fromkeys(findings)), counted)


def _name(item: Pathlike) -> str | Path:
    return item if isinstance(item, str) else Path(item)
