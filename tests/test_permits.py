"""Permits: first ones, changes and valid ones, by cases and against a plain reading of the rules."""

import calendar
import datetime
from collections import Counter

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migstat.api.permitting import permits
from migstat.words.finding import Misuse
from migstat.work.permits.history import history

MAIN = {"EMP": "EMP", "EMP_BLUE": "EMP", "FAM": "FAM", "EDUC": "EDUC", "_N": "_N"}
DAY = datetime.date


def months_later(day: DAY, months: int) -> DAY:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return DAY(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def plain(rows: list[dict], same_reason: bool = True, gap: int = 6) -> list[tuple]:
    """The rules read one by one, for one person after another."""
    told = []
    for person in sorted({row["PERSON_ID"] for row in rows}):
        earlier: list[dict] = []
        own = [row for row in rows if row["PERSON_ID"] == person
               and months_later(row["VALID_FROM"], 3) <= row["VALID_TO"] + datetime.timedelta(1)]  # fmt: skip
        own.sort(key=lambda row: (row["VALID_FROM"], row["VALID_TO"], row["VALID_FROM"], MAIN[row["PERMIT_REASON"]]))
        for row in own:
            near = [one for one in earlier if row["VALID_FROM"] < months_later(one["VALID_TO"], gap)]
            reason = MAIN[row["PERMIT_REASON"]]
            of_near = {MAIN[one["PERMIT_REASON"]] for one in near}
            if not near:
                first = "Y"
            elif not same_reason or (reason in of_near and reason != "_N"):
                first = "N"
            else:
                first = "_U" if reason == "_N" or "_N" in of_near else "Y"
            last = earlier[-1] if earlier else None
            changed = bool(last) and last in near and "_N" not in (reason, MAIN[last["PERMIT_REASON"]])
            changed = changed and MAIN[last["PERMIT_REASON"]] != reason
            reached = [months_later(row["VALID_FROM"], n) <= row["VALID_TO"] + datetime.timedelta(1) for n in (6, 12)]
            told.append(
                (person, row["VALID_FROM"], row["VALID_TO"], first, changed, ("3T5M", "6T11M", "GE12M")[sum(reached)])
            )
            earlier.append(row)
    return told


dates = st.dates(DAY(2018, 1, 1), DAY(2022, 12, 31))
permit = st.builds(
    lambda person, start, days, reason: {"PERSON_ID": person, "PERMIT_REASON": reason, "VALID_FROM": start,
                                         "VALID_TO": start + datetime.timedelta(days)},
    st.sampled_from("AB"), dates, st.one_of(st.integers(80, 100), st.integers(170, 200), st.integers(355, 380)),
    st.sampled_from(list(MAIN)),
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(permit, min_size=1, max_size=9), st.booleans())
def test_the_vectors_say_what_a_plain_reading_says(rows, same_reason):
    found = history(pl.DataFrame(rows), MAIN, same_reason=same_reason).permits
    columns = ["PERSON_ID", "VALID_FROM", "VALID_TO", "FIRST_PERMIT", "CHANGED", "DURATION"]

    assert sorted(plain(rows, same_reason)) == sorted(found.select(columns).rows())


def records(*rows):
    names = ("PERSON_ID", "PERMIT_REASON", "VALID_FROM", "VALID_TO", "CITIZENSHIP", "SEX")
    frame = pl.DataFrame([dict(zip(names, row, strict=True)) for row in rows])
    dated = frame.with_columns(pl.col("VALID_FROM", "VALID_TO").str.to_date())
    context = {"REF_AREA": "IRL", "TIME_PERIOD": "2023", "SOURCE_TYPE": "ADMINISTRATIVE"}
    return dated.with_columns(pl.lit(text).alias(id) for id, text in context.items())


EXAMPLE = records(
    ("A", "EMP", "2021-01-01", "2021-12-31", "IND", "M"),
    ("A", "EMP", "2022-01-01", "2022-12-31", "IND", "M"),  # renewed
    ("A", "FAM", "2022-06-01", "2023-05-31", "IND", "M"),  # another reason
    ("B", "EDUC", "2021-01-01", "2021-06-30", "BRA", "F"),
    ("B", "EDUC", "2021-12-30", "2022-06-30", "BRA", "F"),  # six months after the 30th of June
    ("C", "EDUC", "2021-01-01", "2021-06-30", "BRA", "F"),
    ("C", "EDUC", "2021-12-29", "2022-06-30", "BRA", "F"),  # a day less than six months after
    ("D", "OTH", "2021-01-01", "2021-03-30", "USA", "F"),  # a day less than three months
    ("E", "OTH", "2021-01-01", "2021-03-31", "USA", "F"),
    ("F", "EMP", "2021-01-01", "2021-12-31", "IRL", "F"),  # a citizen of the country
)


def counted(table, *by):
    frame = table.frame.filter(~pl.any_horizontal(pl.col(by) == "_T")) if by else table.frame
    return {tuple(row[:-1]): row[-1] for row in frame.select(*by, "TIME_PERIOD", "OBS_VALUE").rows()}


def test_first_permits_of_persons():
    expected = {("EMP", "2021"): 1, ("EDUC", "2021"): 2, ("OTH", "2021"): 1, ("FAM", "2022"): 1}
    table = permits(EXAMPLE, count="first", by="PERMIT_REASON")

    assert expected == counted(table, "PERMIT_REASON")
    assert {"PS"} == set(table.frame["UNIT_MEASURE"])
    assert {"EU_FIRST_PERMIT"} == set(table.frame["DEFINITION"])
    assert {"of a citizen of the country": 1, "valid for less than three months": 1} == table.metadata["permits"][
        "left_out"
    ]


ENDS = [
    ("2021-06-30", "2021-12-30", "Y"),
    ("2021-06-30", "2021-12-29", "N"),
    ("2021-08-31", "2022-02-28", "Y"),  # the month is too short
    ("2021-08-31", "2022-02-27", "N"),
]


@pytest.mark.parametrize(("end", "start", "first"), ENDS)
def test_six_calendar_months_to_the_day(end, start, first):
    rows = records(("B", "EDUC", "2021-01-01", end, "BRA", "F"), ("B", "EDUC", start, "2022-12-31", "BRA", "F"))

    assert ["Y", first] == history(rows, MAIN).permits["FIRST_PERMIT"].to_list()


LENGTHS = [
    ("2021-01-01", "2021-03-30", None), ("2021-01-01", "2021-03-31", "3T5M"), ("2021-11-30", "2022-02-26", None),
    ("2021-11-30", "2022-02-27", "3T5M"), ("2021-01-01", "2021-06-29", "3T5M"), ("2021-01-01", "2021-06-30", "6T11M"),
    ("2021-01-01", "2021-12-30", "6T11M"), ("2021-01-01", "2021-12-31", "GE12M"), ("2020-02-29", "2021-02-27", "GE12M"),
]  # fmt: skip


@pytest.mark.parametrize(("start", "end", "duration"), LENGTHS)
def test_durations_to_the_day(start, end, duration):
    found = history(records(("A", "EMP", start, end, "IND", "M")), MAIN).permits["DURATION"].to_list()

    assert ([duration] if duration else []) == found


def test_the_older_wording_compares_with_any_permit():
    expected = {("EMP", "2021"): 1, ("EDUC", "2021"): 2, ("OTH", "2021"): 1}

    assert expected == counted(permits(EXAMPLE, by="PERMIT_REASON", same_reason=False), "PERMIT_REASON")


def test_a_person_counts_once_in_a_year_and_again_in_the_year_of_a_second_first_permit():
    late = records(
        ("B", "EDUC", "2020-01-01", "2020-06-30", "BRA", "F"), ("B", "EDUC", "2021-01-01", "2021-06-30", "BRA", "F")
    )

    assert {("2020",): 1, ("2021",): 1} == counted(permits(late, by=""))


def test_changes_and_valid_permits():
    change = permits(EXAMPLE, count="change", by="PERMIT_REASON")
    valid = permits(EXAMPLE, count="valid", at=["2021-12-31", "2022-06-15"], by="PERMIT_REASON")

    assert {("FAM", "2022"): 1} == counted(change, "PERMIT_REASON")
    assert {
        ("EMP", "2021-12-31"): 1,
        ("EDUC", "2021-12-31"): 2,
        ("FAM", "2022-06-15"): 1,
        ("EDUC", "2022-06-15"): 2,
    } == (counted(valid, "PERMIT_REASON"))


def test_what_is_unknown_of_first_permits_is_told_where_these_are_counted():
    rows = records(
        ("A", "_N", "2021-01-01", "2021-12-31", "IND", "M"), ("A", "EMP", "2022-01-01", "2022-12-31", "IND", "M")
    )
    first, valid = permits(rows), permits(rows, count="valid", at="2022-06-01")
    told = [[note for note in one.metadata["notes"] if "first ones" in note] for one in (first, valid)]

    assert [1, 0] == [len(notes) for notes in told]


def test_main_reasons_and_durations_add_up_to_the_total():
    table = permits(EXAMPLE, by=["PERMIT_REASON", "DURATION", "SEX"]).frame.filter(pl.col("DURATION") != "3T11M")
    total = Counter()
    for reason, duration, sex, period, value in table.select(
        "PERMIT_REASON", "DURATION", "SEX", "TIME_PERIOD", "OBS_VALUE"
    ).rows():
        total[period, (reason == "_T", duration == "_T", sex == "_T")] += value

    assert {4.0, 1.0} == set(total.values())


def test_a_permit_without_end_and_one_that_was_withdrawn():
    rows = EXAMPLE.head(2).with_columns(
        pl.Series("VALID_TO", [None, DAY(2022, 12, 31)]), pl.Series("VALID_TO_MISSING", ["_Z", None]),
        pl.Series("PERSON_ID", ["A", "B"]), pl.Series("END_DATE", [None, DAY(2022, 2, 1)]),
    )  # fmt: skip

    assert {("2022-02-01",): 2, ("2022-02-02",): 1, ("2050-01-01",): 1} == counted(
        permits(rows, count="valid", at=["2022-02-01", "2022-02-02", "2050-01-01"], by="")
    )


WRONG = [
    ({"count": "firsts"}, "count: firsts is not known", "one of first, change, valid"),
    ({"count": "valid"}, "count: valid has no day", 'write count="valid", at="2023-12-31"'),
    ({"count": "valid", "at": "31/12/2023"}, "at: 31/12/2023 is not a day", "write it as 2023-12-31"),
    ({"gap": -1}, "gap: -1 is below 0", "write a number of months, such as 6"),
]


@pytest.mark.parametrize(("call", "what", "mend"), WRONG)
def test_wrong_calls(call, what, mend):
    with pytest.raises(Misuse) as raised:
        permits(EXAMPLE, **call)

    assert [(what, mend)] == [(one.what, one.mend) for one in raised.value.findings]
