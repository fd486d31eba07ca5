"""Mirror flows: every corridor against a plain computation; methods, totals, unknown origins, wrong use."""

import csv
import gzip
import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import migstat as ms
from migstat.work.mirror.reconcile import METHODS

GRADES = {"UI": "RECEIVED_UNDERCOUNT", "UE": "SENT_UNDERCOUNT"}


@pytest.fixture(scope="module")
def eurostat(shared):
    path = shared / "data" / "eurostat_mirror_flows" / "mirror_flows_2010_2019.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def found(eurostat):
    frame = pl.DataFrame(eurostat)
    return ms.mirror(frame, frame, sent_value="Emig", received_value="Immi", grades=GRADES, method="receiver")


def test_every_corridor_against_a_plain_computation(eurostat, found):
    def number(text):
        return float(text) if text else None

    expected = {}
    for row in eurostat:
        sent, received = number(row["Emig"]), number(row["Immi"])
        ratio = sent / received if sent is not None and received else None
        key = row["Sending_iso3"], row["Receiving_iso3"], row["Year"]
        expected[key] = (sent, received, ratio, received if received is not None else sent, row["UI"].lower() or None)
    columns = ("SENT", "RECEIVED", "RATIO", "ESTIMATE", "RECEIVED_UNDERCOUNT")
    rows = found.corridors.select("ORIGIN", "DESTINATION", "TIME_PERIOD", *columns).rows()

    assert 7020 == len(expected) == len(rows)
    assert expected == {row[:3]: row[3:] for row in rows}


def test_which_sides_are_known(found):
    bulgaria = found.corridors.filter(ORIGIN="BGR", DESTINATION="BEL", TIME_PERIOD="2010").row(0, named=True)

    assert {"both": 1792, "sender": 1728, "receiver": 1832, "none": 1668} == found.facts["sides"]
    assert (None, 3582.0, None, "receiver") == tuple(bulgaria[id] for id in ("SENT", "RECEIVED", "RATIO", "TAKEN"))
    assert {"low", "medium", "high"} >= set(found.corridors["RECEIVED_UNDERCOUNT"].drop_nulls())
    assert found.reconciled.frame.height == 7020 - 1668


def frame(**corridors):
    """Corridors of 2019 by names such as A_B."""
    pairs = [name.split("_", 1) for name in corridors]
    columns = {"orig": [pair[0] for pair in pairs], "dest": [pair[1] for pair in pairs]}
    return pl.DataFrame({**columns, "year": ["2019"] * len(pairs), "OBS_VALUE": list(corridors.values())})


FIGURES = {"receiver": (90.0, "receiver"), "larger": (110.0, "sender"), "mean": (100.0, "both")}


@pytest.mark.parametrize("method", FIGURES)
def test_methods(method):
    made = ms.mirror(frame(A_B=110, A_C=5), frame(A_B=90, C_B=7), method=method)
    rows = {row[:2]: row[2:] for row in made.corridors.select("ORIGIN", "DESTINATION", "ESTIMATE", "TAKEN").rows()}

    assert {("A", "B"): FIGURES[method], ("A", "C"): (5.0, "sender"), ("C", "B"): (7.0, "receiver")} == rows
    assert made.source
    assert made.limits


def test_without_a_method_nothing_is_corrected():
    made = ms.mirror(frame(A_B=110), frame(A_B=90))

    assert made.reconciled is None
    assert "ESTIMATE" not in made.corridors.columns


factors = st.floats(0.2, 5)


@given(st.lists(factors, min_size=4, max_size=4), st.lists(factors, min_size=4, max_size=4))
def test_correction_factors_are_found_again(missed_out, missed_in):
    """Where each area misses the same share of all its moves, the factors give back what is true."""
    areas = "WXYZ"
    pairs = [(o, d) for o in areas for d in areas if o != d]
    true = {f"{o}_{d}": 1000.0 + 17 * i for i, (o, d) in enumerate(pairs)}
    out, into = dict(zip(areas, missed_out, strict=True)), dict(zip(areas, missed_in, strict=True)) | {"W": 1.0}
    sent = frame(**{f"{o}_{d}": true[f"{o}_{d}"] / out[o] for o, d in pairs})
    received = frame(**{f"{o}_{d}": true[f"{o}_{d}"] / into[d] for o, d in pairs})
    made = ms.mirror(sent, received, method="correction factors", reference="W")
    rows = {f"{row[0]}_{row[1]}": row[2] for row in made.corridors.select("ORIGIN", "DESTINATION", "ESTIMATE").rows()}
    found_out = dict(made.factors.select("AREA", "EMIGRATION").iter_rows())

    assert true == pytest.approx(rows, rel=1e-6)
    assert out == pytest.approx(found_out, rel=1e-6)


def test_figures_add_up_to_totals_exactly():
    sides = frame(A_B=10, A_C=20, B_C=30, C_B=5)
    one = ms.mirror(sides, sides, method="mean", into_totals={"B": 45, "C": 100})
    two = ms.mirror(sides, sides, method="mean", into_totals={"B": 30, "C": 60}, out_totals={"A": 40, "B": 40, "C": 10})
    sums = dict(one.corridors.group_by("DESTINATION").agg(pl.col("ESTIMATE").sum()).iter_rows())
    both = dict(two.corridors.group_by("ORIGIN").agg(pl.col("ESTIMATE").sum()).iter_rows())

    assert {"B": 45, "C": 100} == pytest.approx(sums, abs=1e-9)
    assert {"A": 40, "B": 40, "C": 10} == pytest.approx(both, abs=1e-6)
    assert () == one.findings


def test_a_total_that_cannot_be_met_is_a_finding():
    sides = frame(A_B=0, A_C=20)
    made = ms.mirror(sides, sides, method="mean", into_totals={"B": 45})

    assert ["B: the total 45 cannot be met; the corridors give 0"] == [one.what for one in made.findings]


def test_unknown_origins_are_carried_and_shared_out_only_if_asked():
    received = frame(A_B=10, C_B=30, _U_B=8)
    received = received.with_columns(pl.Series("orig", ["A", "C", "_U"]), pl.Series("dest", ["B"] * 3))
    sent = frame(A_B=9)
    kept = ms.mirror(sent, received, method="receiver").corridors
    shared = ms.mirror(sent, received, method="receiver", share_unknown=True).corridors

    assert {"A": 10, "C": 30, "_U": 8} == dict(kept.select("ORIGIN", "ESTIMATE").iter_rows())
    assert {"A": 12, "C": 36} == dict(shared.select("ORIGIN", "ESTIMATE").iter_rows())


def test_flow_tables_are_read_from_both_ends():
    sent = ms.flows_from_stocks(*STOCKS).frame.with_columns(FLOW=pl.lit("EMI"), REF_AREA=pl.col("COUNTRY_PREVIOUS"))
    received = ms.flows_from_stocks(*STOCKS)
    made = ms.mirror(sent, received)

    assert [("A", "B", 10.0, 10.0, 1.0)] == made.corridors.select(
        "ORIGIN", "DESTINATION", "SENT", "RECEIVED", "RATIO"
    ).rows()
    assert math.isclose(0, made.corridors["LOG_RATIO"][0])


STOCKS = [
    pl.DataFrame({"COUNTRY_BIRTH": ["A", "A", "B"], "REF_AREA": ["A", "B", "B"], "OBS_VALUE": values})
    for values in ([90, 10, 50], [80, 20, 50])
]
WRONG = {
    "there is no method 'poulain'": {"method": "poulain"},
    "without a method there is no figure to scale or share": {"share_unknown": True},
    "the sending side has 1 corridor more than once, such as A B 2019": {"sent": pl.concat([frame(A_B=1)] * 2)},
    "Q receives nobody here": {"method": "correction factors", "reference": "Q"},
    "no corridor has destination Q": {"method": "mean", "into_totals": {"Q": 1}},
    "the sending side: '1,200' in OBS_VALUE is not a number": {"sent": frame(A_B="1,200")},
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_use(what):
    call = {"sent": frame(A_B=1), "received": frame(A_B=1)} | WRONG[what]
    with pytest.raises(ms.MigstatError) as error:
        ms.mirror(call.pop("sent"), call.pop("received"), **call)

    assert error.value.findings[0].what == what


def test_every_method_says_its_source_and_its_limits():
    assert all(method.source and method.limits for method in METHODS.values())
