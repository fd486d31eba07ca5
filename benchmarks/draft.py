"""How good a draft is: columns and lines proposed for real files, held against the mappings that ship.

    python -m benchmarks.draft            # the table
    python -m benchmarks.draft --wrong    # and each proposal that differs, each line lost, of sources looked at
    python -m benchmarks.draft --keep     # and keep it under benchmarks/results

Precision: of the proposals (what is not TODO) for components of which the shipped mapping says something, the share
that equals it. Recall: of what the shipped mapping says, the share that was proposed right. Columns are pairs of a
component, or a part of the source such as its weight, and a column, also one that only a condition
reads; lines are a value of a column with its code, in a rule or in an arm of cases.
Proposals for other components cannot be judged so: they are counted as beyond. ``(seen)`` sources were looked at while
the vocabulary was bettered, ``(unseen)`` ones never: `drafting/split.py` has the rule. Of ``names alone`` no codebook
is at hand. Columns and values that no codebook explains are not asked for.
"""

import csv
import datetime
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import migstat as ms
from benchmarks.drafting import codebooks, kept_out, packs, split
from benchmarks.drafting.truth import Score, compare, of_draft, of_mapping

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
EXAMPLES = Path(os.environ.get("MIGSTAT_EXAMPLES", ROOT / "examples"))
CYCLES = (
    "cchs2001_p",
    "cchs2003_p",
    "cchs2005_p",
    "cchs2007_2008_p",
    "cchs2009_2010_p",
    "cchs2010_p",
    "cchs2011_2012_p",
    "cchs2012_p",
    "cchs2013_2014_p",
    "cchs2014_p",
    "cchs2015_2016_p",
    "cchs2017_2018_p",
)
Case = tuple[str, tuple[Score, Score]]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        cases = dict(_cases(Path(folder)))
    cases |= dict(_together(cases))
    rows = [(name, *_figures(columns), *_figures(lines)) for name, (columns, lines) in cases.items()]
    head = ("source", "columns", "precision", "recall", "beyond", "lines", "precision", "recall", "beyond")
    print("  ".join(f"{cell:>10}" if at else f"{cell:<42}" for at, cell in enumerate(head)))
    for row in rows:
        print("  ".join(f"{cell:>10}" if at else f"{cell:<42}" for at, cell in enumerate(row)))
    if "--wrong" in sys.argv:
        for name, (columns, lines) in cases.items():
            if "unseen" in name.casefold():
                continue  # Nobody looks at them.
            for what, score in (("columns", columns), ("lines", lines)):
                for one in score.wrong:
                    print(f"{name} {what} differs: {one}")
                for one in score.lost:
                    print(f"{name} {what} lost: {one}")
    if "--keep" in sys.argv:
        kept = [
            dict(
                zip(
                    (
                        "source",
                        "columns",
                        "columns_precision",
                        "columns_recall",
                        "columns_beyond",
                        "lines",
                        "lines_precision",
                        "lines_recall",
                        "lines_beyond",
                    ),
                    row,
                    strict=True,
                )
            )
            for row in rows
        ]
        path = ROOT / "benchmarks" / "results" / f"{datetime.date.today():%Y-%m-%d}-draft.json"
        path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        print(f"kept in {path.relative_to(ROOT)}")


def _figures(score: Score) -> tuple[str, str, str, str]:
    return f"{score.shipped}", f"{score.precision:.1%}", f"{score.recall:.1%}", f"{score.beyond}"


def _cases(folder: Path) -> Iterator[Case]:
    yield "PUMS 2018", _pums()
    yield "EPH 2019", _eph(folder)
    yield "CCHS, 12 cycles", _cchs(folder)
    yield "UK 2011 teaching", _uk(folder)
    yield from held_out()


def held_out() -> Iterator[Case]:
    """Yield files and packs that the vocabulary was not first made with: ``(seen)`` since, or ``(unseen)``."""
    yield "(seen) CPS 1994-95", kept_out.kdd(DATA)
    yield "(seen) Uruguay ECH 2018", kept_out.uruguay(DATA)
    names = [folder.name for folder in EXAMPLES.iterdir() if (folder / "layout.csv").exists()]
    unseen = split.unseen(names)
    for name in sorted(set(names) - set(split.TRAINED), key=lambda name: (name in unseen, name)):
        book = packs.codebook(EXAMPLES / name)
        group = ("unseen" if name in unseen else "seen") + ("" if book is not None else ", names alone")
        scores = packs.score(EXAMPLES / name, book)
        if scores[0].shipped:  # A pack of tables has no draft.
            yield f"({group}) {name}", scores


def _together(cases: dict[str, tuple[Score, Score]]) -> Iterator[Case]:
    """Yield the scores of each group of sources, added up."""
    for group in ("(seen)", "(unseen)", "(seen, names alone)", "(unseen, names alone)", ""):
        found = [both for name, both in cases.items() if (name.startswith(group) if group else name[0] != "(")]
        yield (
            f"ALL {group.strip('()').upper() or 'TRAINED ON'}",
            (sum((one for one, _ in found), Score()), sum((one for _, one in found), Score())),
        )


def _pums() -> tuple[Score, Score]:
    made = ms.draft(
        DATA / "us_acs_pums_2018/csv_pwy.zip",
        DATA / "us_acs_pums_2018/PUMS_Data_Dictionary_2018.csv",
        area="USA",
        date="2018",
        structure="SURVEY_PERSON",
    )
    return compare(of_draft(made), of_mapping(EXAMPLES / "usa_acs_2018/mapping.yaml"))


def _eph(folder: Path) -> tuple[Score, Score]:
    labels = codebooks.country_labels(EXAMPLES / "arg_eph/tables/country.csv")
    book = codebooks.write(folder / "eph.csv", codebooks.printed("eph", {"CH15_COD": labels, "CH16_COD": labels}))
    made = ms.draft(DATA / "argentina_eph/eph_2019T1_migration.csv.gz", book, area="ARG", structure="SURVEY_PERSON")
    return compare(of_draft(made), of_mapping(EXAMPLES / "arg_eph/mapping.yaml"))


def _cchs(folder: Path) -> tuple[Score, Score]:
    columns, lines = Score(), Score()
    place = DATA / "canada_cchs"
    for cycle in CYCLES:
        raw = place / f"raw_{cycle}.csv"
        with raw.open(encoding="utf-8", newline="") as file:
            names = next(csv.reader(file))
        rows = codebooks.cchs(place / "variable_details_migration.csv", place / "variables.csv", cycle, names)
        book = codebooks.write(folder / f"{cycle}.csv", rows)
        made = ms.draft(raw, book, area="CAN", date="2001", structure="SURVEY_PERSON")
        one, other = compare(of_draft(made), of_mapping(EXAMPLES / "can_cchs/mapping.yaml", cycle))
        columns, lines = columns + one, lines + other
    return columns, lines


def _uk(folder: Path) -> tuple[Score, Score]:
    book = codebooks.write(folder / "uk.csv", codebooks.printed("uk"))
    made = ms.draft(DATA / "uk_census_2011/nanodata_10k.csv", book, area="GBR", date="2011-03-27")
    return compare(of_draft(made), of_mapping(EXAMPLES / "gbr_census_2011_teaching/mapping.yaml"))


if __name__ == "__main__":
    main()
