"""Residence from crossings: all official cases, and any history against a plain reading of the rule."""

from datetime import date, timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migstat.words.finding import Misuse
from migstat.words.residence import ResidenceRule, residence_rule
from migstat.work.reside import crossings as crossings_
from migstat.work.reside import reside

NZ = residence_rule("12/16")
CODES = {"Y": "1", "N": "0", "_U": None}
MOVED = {"IMM": "1", "EMI": "1", "_Z": "0", "_U": None}


def folder(shared):
    return shared / "data" / "statsnz_12_16_rule"


def text(path):
    return pl.read_csv(path, infer_schema=False, null_values=["NA"])


def crossings_of(given, initial=None):
    made = given.select(
        pl.col("personId").alias("PERSON_ID"),
        pl.col("date_crossing").str.to_date("%Y-%m-%d", strict=False).alias("CROSSING_DATE"),
        pl.col("is_arrival").replace_strict({"1": "ARR", "0": "DEP"}, default=None).alias("DIRECTION"),
        pl.col("journey_sequence").cast(pl.Int64).alias("SEQUENCE"),
        pl.col("journeyId").alias("journey"),
    )
    if initial is None:
        return made
    return made.join(
        initial.select(
            pl.col("personId").alias("PERSON_ID"),
            pl.col("res_status_initial").replace_strict({"1": "Y", "0": "N"}).alias("RESIDENT_BEFORE"),
            pl.col("date_finalised").str.to_date().alias("RESIDENT_BEFORE_DATE"),
        ),
        on="PERSON_ID",
        how="left",
        maintain_order="left",
    )


def closed_columns(judged):
    return judged.select(
        "journey",
        pl.col("WAS_RESIDENT").cast(pl.String).replace_strict(CODES).alias("res_status_before"),
        pl.col("IS_RESIDENT").cast(pl.String).replace_strict(CODES).alias("res_status_after"),
        pl.col("FLOW").cast(pl.String).replace_strict(MOVED).alias("is_long_term_mig"),
        pl.col("WAS_RESIDENT_FINAL").cast(pl.String).alias("date_finalised_res_before"),
        pl.col("IS_RESIDENT_FINAL").cast(pl.String).alias("date_finalised_res_after"),
        pl.col("FLOW_FINAL").cast(pl.String).alias("date_finalised_LTM"),
    )


def observed_columns(judged):
    return judged.select(
        "journey",
        pl.col("DAYS_OBSERVED").cast(pl.String).alias("days_obs"),
        pl.col("DAYS_IN_COUNTRY").cast(pl.String).alias("days_in_country"),
        pl.col("WAS_RESIDENT").cast(pl.String).replace_strict(CODES).alias("res_status_before"),
        pl.col("IS_RESIDENT").cast(pl.String).replace_strict(CODES).alias("res_status_after"),
        pl.col("FLOW").cast(pl.String).replace_strict(MOVED).alias("is_long_term_mig"),
    )


@pytest.mark.parametrize("case", range(1, 30))
def test_official_case(shared, case):
    files = [text(folder(shared) / f"official_cases_{name}.csv") for name in ("input", "initial_status", "expected")]
    given, initial, expected = (one.filter(pl.col("case") == str(case)) for one in files)
    rule = ResidenceRule(int(given["threshold"][0]), int(given["window_size"][0]))

    judged, aside = reside(crossings_of(given, initial), rule, None)
    found = closed_columns(judged)

    assert 0 == aside.height
    assert expected.select(found.columns[1:]).rows() == found.drop("journey").rows()


@pytest.mark.parametrize(
    ("case", "faults"),
    [
        (30, ["direction"]),
        (31, ["direction"]),
        (32, ["date"]),
        (33, ["date"]),
        (34, ["date"]),
        (35, ["date"]),
        (36, ["date"]),
        (37, ["direction-again", "direction-again"]),
        (38, ["direction-again", "direction-again"]),
        (39, ["sequence", "sequence"]),
    ],
)
def test_official_error_case(shared, case, faults):
    given = text(folder(shared) / "official_cases_input.csv").filter(pl.col("case") == str(case))

    judged, aside = reside(crossings_of(given), NZ, None)

    assert (0, faults) == (judged.height, aside["_why"].to_list())


@pytest.mark.parametrize(("name", "end"), [("boundary", ""), ("random", ".gz")])
def test_closed_histories(shared, name, end):
    given = text(folder(shared) / f"{name}_crossings.csv{end}")
    initial = text(folder(shared) / f"{name}_initial_status.csv")
    expected = text(folder(shared) / f"{name}_expected_closed_12_16.csv{end}").rename({"journeyId": "journey"})

    judged, _ = reside(crossings_of(given, initial), NZ, None)
    found = closed_columns(judged)

    assert expected.select(found.columns).sort("journey").rows() == found.sort("journey").rows()


@pytest.mark.parametrize(
    ("name", "end", "until", "rows"),
    [("boundary", "", date(2030, 1, 1), 2_820), ("random", ".gz", date(2017, 12, 31), 18_851)],
)
def test_observed_histories(shared, name, end, until, rows):
    given = text(folder(shared) / f"{name}_crossings.csv{end}")
    initial = text(folder(shared) / f"{name}_initial_status.csv")
    expected = text(folder(shared) / f"{name}_expected_observed_12_16.csv{end}").rename({"journeyId": "journey"})

    seen = crossings_of(given, initial).filter(pl.col("CROSSING_DATE") <= until)
    judged, _ = reside(seen, NZ, until)
    found = observed_columns(judged)

    assert rows == found.height
    assert expected.select(found.columns).sort("journey").rows() == found.sort("journey").rows()


# The rule as it is told, one person at a time.


def months_on(day, months):
    """The day so many calendar months later, or the last of the month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + month // 11, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(day.day - 1), following - timedelta(1))


def follow(history, at, threshold, slack, stays):
    """Add up days on both sides from a crossing on: whether it is a move, the stay and the day that decide it."""
    new = old = 0
    for later in range(at, len(history)):
        for_new = history[later][1] == history[at][1]
        new, old = (new + stays[later], old) if for_new else (new, old + stays[later])
        if new >= threshold:
            return True, later, history[at][0] + timedelta(threshold + old)
        if old > slack:
            return False, later, history[at][0] + timedelta(slack + new)
    return None, len(history) - 1, None


def by_hand(history, rule, until, start, since):
    """Residence before and after each crossing, whether it is a move, and the days on which these are final."""
    days = [day for day, _ in history]
    if rule.unit == "months":
        spans = [((months_on(d, rule.threshold) - d).days, (months_on(d, rule.window) - d).days) for d in days]
    else:
        spans = [(rule.threshold, rule.window)] * len(days)
    stays = [(b - a).days for a, b in pairwise(days)]
    stays.append(spans[-1][1] if until is None else (until - days[-1]).days)
    rows, quick = [], {}
    status, final = start, since
    for at, (day, arrival) in enumerate(history):
        threshold, slack = spans[at][0], spans[at][1] - spans[at][0]
        before, before_final = status, None if status is None else max(final, day)
        moves, end, decided = follow(history, at, threshold, slack, stays)
        moved, after, after_final = None, None, None
        if before is None and moves:
            after, after_final = arrival, decided
        elif before is not None and before == arrival:
            moved, after, after_final = False, before, before_final
        elif before is not None:
            if moves:
                moved, after, after_final = True, arrival, decided
            elif moves is False:
                moved, after, after_final = False, before, max(decided, before_final)
            for later in range(at + 1, end + 1):
                opposite = history[later][1] != arrival
                if opposite and (days[later] - before_final).days < 2 * slack:
                    quick.setdefault(later, max(days[later], before_final))
        open_ = before is not None and before != arrival and moves is None
        rows.append(
            [before, after, moved, before_final, after_final, after_final if moved is not None else None, open_]
        )
        status, final = after, after_final
    for at, known in quick.items():
        if rows[at][2] is not True and not rows[at][6]:
            rows[at][2], rows[at][5] = False, known
    return [tuple(row[:6]) for row in rows]


RULES = st.one_of(
    st.sampled_from(["12/16", "9/12", "6/12", "12/16 months", "3/4 months", "6/11 months", "365/487 days"]).map(
        residence_rule
    ),
    st.integers(1, 400).flatmap(lambda v: st.integers(v, 2 * v - 1).map(lambda w: ResidenceRule(v, w))),
)
GAPS = st.one_of(st.sampled_from([0, 0, 1, 121, 122, 123, 243, 244, 245, 364, 365, 366, 487]), st.integers(0, 600))


@st.composite
def histories(draw):
    first = date(2012, 1, 1) + timedelta(draw(st.integers(0, 1500)))
    days = [first]
    for gap in draw(st.lists(GAPS, max_size=9)):
        days.append(days[-1] + timedelta(gap))
    arrival = draw(st.booleans())
    history = [(day, arrival ^ (at % 2 == 1)) for at, day in enumerate(days)]
    until = draw(st.one_of(st.none(), st.integers(0, 700).map(lambda more: days[-1] + timedelta(more))))
    start = draw(st.sampled_from([True, False, None, "inferred"]))
    since = first - timedelta(draw(st.sampled_from([0, 0, 30, 400])))
    return history, until, start, since


@settings(max_examples=400)
@given(st.lists(histories(), min_size=1, max_size=4), RULES)
def test_any_history_is_judged_as_the_rule_is_told(people, rule):
    until = people[0][1]
    if until is not None:
        until = max(until, *(history[-1][0] for history, *_ in people))
    rows, expected = [], []
    for number, (history, _, start, since) in enumerate(people):
        if start == "inferred":
            known, since = not history[0][1], history[0][0]
        else:
            known = start
        expected += by_hand(history, rule, until, known, since)
        for day, arrival in history:
            code = {True: "Y", False: "N"}.get(start if start != "inferred" else None)
            rows.append((str(number), day, "ARR" if arrival else "DEP", code, since if code else None))
    schema = ["PERSON_ID", "CROSSING_DATE", "DIRECTION", "RESIDENT_BEFORE", "RESIDENT_BEFORE_DATE"]
    frame = pl.DataFrame(rows, schema=schema, orient="row", schema_overrides={
        "RESIDENT_BEFORE": pl.String, "RESIDENT_BEFORE_DATE": pl.Date})  # fmt: skip
    silent = {str(at) for at, person in enumerate(people) if person[2] is None}
    inferred = {str(at) for at, person in enumerate(people) if person[2] == "inferred"}

    found = []
    for who, initial in ((silent, "unknown"), (set(frame["PERSON_ID"]) - silent, "inferred")):
        judged, aside = reside(frame.filter(pl.col("PERSON_ID").is_in(who)), rule, until, initial)
        assert 0 == aside.height
        found.append(judged)
    told = pl.concat(found, how="vertical_relaxed").sort("PERSON_ID", maintain_order=True)

    flags = {"Y": True, "N": False, "_U": None}
    moves = {"IMM": True, "EMI": True, "_Z": False, "_U": None}
    actual = [
        (flags[was], flags[became], moves[flow], was_final, is_final, flow_final)
        for was, became, flow, was_final, is_final, flow_final in told.select(
            pl.col("WAS_RESIDENT", "IS_RESIDENT", "FLOW").cast(pl.String),
            "WAS_RESIDENT_FINAL",
            "IS_RESIDENT_FINAL",
            "FLOW_FINAL",
        ).rows()
    ]

    assert expected == actual
    basis = dict(zip(told["PERSON_ID"], told["RESIDENT_BASIS"].cast(pl.String), strict=True))
    assert basis == {who: "_U" if who in silent else "INFERRED" if who in inferred else "GIVEN" for who in basis}


@settings(max_examples=100)
@given(st.lists(histories(), min_size=1, max_size=4))
def test_every_crossing_comes_back_once(people):
    rows = [
        (str(who), day, "ARR" if arrival else "DEP", str(at))
        for who, (history, *_) in enumerate(people)
        for at, (day, arrival) in enumerate(history)
    ]
    rows += [("broken", date(2015, 1, 1), "ARR", "x"), ("broken", date(2015, 1, 2), "ARR", "y"), (None, None, "", "z")]
    frame = pl.DataFrame(rows, schema=["PERSON_ID", "CROSSING_DATE", "DIRECTION", "n"], orient="row")

    judged, aside = reside(frame, NZ, None)

    back = [*judged.select("PERSON_ID", "n").rows(), *aside.select("PERSON_ID", "n").rows()]
    assert sorted(map(str, frame.select("PERSON_ID", "n").rows())) == sorted(map(str, back))
    assert {"broken", None} == set(aside["PERSON_ID"])


def test_all_crossings_of_a_person_with_a_fault_are_set_aside():
    frame = pl.DataFrame(
        {
            "PERSON_ID": ["a", "a", "a", "b"],
            "CROSSING_DATE": [date(2015, 1, 1), date(2015, 2, 1), None, date(2015, 1, 1)],
            "DIRECTION": ["ARR", "DEP", "ARR", "ARR"],
        }
    )

    judged, aside = reside(frame, NZ, None)

    assert ["b"] == judged["PERSON_ID"].to_list()
    assert ["person-set-aside", "person-set-aside", "date"] == aside["_why"].to_list()
    assert set(crossings_.FAULTS) == set(crossings_.MENDS)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("12/16", ResidenceRule(365, 487)),
        ("9/12", ResidenceRule(274, 365)),
        ("6/12", ResidenceRule(183, 365)),
        ("365/487 days", ResidenceRule(365, 487)),
        (" 12 / 16 months", ResidenceRule(12, 16, "months")),
    ],
)
def test_a_rule_is_read(rule, expected):
    assert expected == residence_rule(rule)


MEND = "write it as 12/16, 9/12 or 6/12, as 365/487 days, or as 12/16 months for calendar months"


@pytest.mark.parametrize(
    ("rule", "what", "mend"),
    [
        ("twelve", "'twelve' is no rule of residence", MEND),
        ("12/16 weeks", "'12/16 weeks' is no rule of residence", MEND),
        ("0/12", "0/12: the threshold is not above 0, or longer than its window", MEND),
        ("16/12", "16/12: the threshold is not above 0, or longer than its window", MEND),
        (
            "6/12 months",
            "6/12 months: both sides of the border can reach the threshold in one window",
            "let the threshold be more than half of the window",
        ),
        ("1200/1300", "1200/1300: the window is longer than a hundred years", MEND),
    ],
)
def test_a_wrong_rule_says_what_to_write(rule, what, mend):
    with pytest.raises(Misuse) as raised:
        residence_rule(rule)

    assert [(what, mend)] == [(one.what, one.mend) for one in raised.value.findings]
