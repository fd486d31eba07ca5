"""The two registers of Denmark: the same persons have the same pseudonyms, and flows match a plain reckoning."""

import csv
from collections import Counter
from datetime import date
from itertools import groupby
from pathlib import Path

import polars as pl
import pytest

import migstat as ms

EXAMPLES = Path(__file__).parent.parent / "examples"
KEY = "5e1f0b7a94c2d8e36f10a7b5c4d29e8871fa3cb65d04e2918c7ab3f6d5e09142"
UNTIL = date(2023, 12, 31)


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("MIGSTAT_EXAMPLE_KEY", KEY)


def rows(pack):
    (path,) = (EXAMPLES / pack / "extract").iterdir()
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def records(pack):
    (path,) = (EXAMPLES / pack / "extract").iterdir()
    return ms.harmonize(path, EXAMPLES / pack / "mapping.yaml").records


def named(pack, column, made):
    """The identifier of each record, read from the extract by its row."""
    read = rows(pack)
    return [read[row - 1][column] for row in made["ROW"]]


def test_persons_and_parents_are_linked_by_their_pseudonyms_as_by_their_numbers():
    people, moves = records("dnk_register"), records("dnk_moves")
    numbers, movers = named("dnk_register", "PNR", people), named("dnk_moves", "PNR", moves)
    pseudonym = dict(zip(numbers + movers, [*people["PERSON_ID"], *moves["PERSON_ID"]], strict=True))

    assert len(set(pseudonym.values())) == len(pseudonym)
    assert set(numbers).isdisjoint(pseudonym.values())
    assert len(set(numbers) & set(movers)) == len(set(people["PERSON_ID"]) & set(moves["PERSON_ID"])) > 100
    for parent, column in (("MOR_ID", "MOTHER_ID"), ("FAR_ID", "FATHER_ID")):
        expected = [pseudonym.get(number) for number in named("dnk_register", parent, people)]
        actual = [id if id in set(pseudonym.values()) else None for id in people[column]]

        assert expected == actual
        assert any(expected)


def test_arrivals_to_live_are_those_who_stayed_a_year_of_sixteen_months():
    made = records("dnk_moves")
    resided = ms.reside(made, "365/487 days", until=UNTIL)
    expected = reckoned(made)
    actual = Counter(
        (day.year, flow)
        for day, flow in resided.crossings.select("CROSSING_DATE", pl.col("FLOW").cast(pl.String)).iter_rows()
        if flow in ("IMM", "EMI")
    )

    assert sum(expected.values()) > 50
    assert expected == actual


def reckoned(made):
    """Of each move by itself: who was away or here before, and is on the other side for 365 of the next 487 days."""
    found = Counter()
    moves = sorted(made.select("PERSON_ID", "CROSSING_DATE", "DIRECTION").iter_rows())
    for _, group in groupby(moves, key=lambda move: move[0]):
        mine = [(day, str(way)) for _, day, way in group]
        here = mine[0][1] == "DEP"
        for number, (day, way) in enumerate(mine):
            if (UNTIL - day).days < 487:
                break
            days = {"ARR": 0, "DEP": 0}
            ends = [*(one for one, _ in mine[number + 1 :]), date.max]
            for (start, side), end in zip(mine[number:], ends, strict=True):
                since, until = (start - day).days, min((end - day).days, 487)
                days[side] += max(0, until - since)
            if way == "ARR" and not here and days["ARR"] >= 365:
                here, kind = True, "IMM"
            elif way == "DEP" and here and days["DEP"] >= 365:
                here, kind = False, "EMI"
            else:
                continue
            found[day.year, kind] += 1
    return found
