"""Dates in the wild: each way of writing one, what is not a date, and what is doubtful."""

import datetime

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import migstat as ms
from migstat.words.finding import Place
from migstat.words.mapping_rule import DateRule
from migstat.words.months import MONTHS, month_names
from migstat.work.harmonize.dates import iso_date

WRITTEN = [
    ("sas", {}, {"20454": "2016-01-01", "-1": "1959-12-31", "x": None, "": None}),
    ("sas_seconds", {}, {"1767225599": "2015-12-31", "1767225600": "2016-01-01"}),
    ("stata", {}, {"0": "1960-01-01"}),
    ("stata_ms", {}, {"1767225599999": "2015-12-31"}),
    ("spss", {}, {"13605926400": "2013-12-09"}),
    ("unix", {}, {"0": "1970-01-01"}),
    ("excel", {}, {"1": "1900-01-01", "0": None, "2": "1900-01-02", "59": "1900-02-28", "60": None,
                   "61": "1900-03-01", "42370.75": "2016-01-01"}),
    ("excel1904", {}, {"0": "1904-01-01"}),
    ("yyyyddd", {}, {"2016366": "2016-12-31", "2015366": None, "2015000": None, "2015001": "2015-01-01"}),
    ("d/m/yyyy", {}, {"1/2/2019": "2019-02-01", "31/12/2019": "2019-12-31", "31/2/2019": None, "1-2-2019": None}),
    ("dd-mmm-yyyy", {"months": month_names("es")},
     {"05-ENE-2019": "2019-01-05", "05-sept.-2019": "2019-09-05", "05-xxx-2019": None, "31-Abr-2019": None}),
    ("yyyy年m月d日", {}, {"2019年11月5日": "2019-11-05"}),
    ("yyyy-mm-ddThh:mi:sszz", {"zone": "Europe/Berlin"},
     {"2020-01-01T23:30:00+00:00": "2020-01-02", "2020-07-01T21:30:00Z": "2020-07-01",
      "2020-07-01T22:30:00Z": "2020-07-02",
      "2020-07-01T23:30:00+0200": "2020-07-01", "2020-07-01T25:30:00+02": None}),
    ("yyyy-mm-dd hh:mi", {"zone": "America/Bogota"},
     {"2020-01-02 03:00": "2020-01-01", "2020-01-02 05:00": "2020-01-02"}),
    ("yy/mm/dd", {"pivot": 1930}, {"30/01/02": "1930-01-02", "29/01/02": "2029-01-02"}),
]  # fmt: skip


def read(format, values, **more):
    frame = nw.from_native(pl.DataFrame({"D": values}, schema={"D": pl.String}))
    return frame.select(iso_date(DateRule(Place("m"), "D", format, **more))).to_native().to_series().to_list()


@pytest.mark.parametrize(("format", "more", "cases"), WRITTEN, ids=[format for format, _, _ in WRITTEN])
def test_each_way_of_writing_a_date(format, more, cases):
    expected = list(cases.values())

    assert expected == read(format, list(cases), **more)


@given(st.dates(datetime.date(1583, 1, 1), datetime.date(9999, 12, 31)))
def test_a_date_written_in_any_form_is_read_back(date):
    forms = {
        "yyyy-mm-dd": date.isoformat(),
        "d.m.yyyy": f"{date.day}.{date.month}.{date.year}",
        "yyyyddd": f"{date.year}{date.timetuple().tm_yday:03}",
        "sas": str((date - datetime.date(1960, 1, 1)).days),
    }

    assert dict.fromkeys(forms, date.isoformat()) == {form: read(form, [text])[0] for form, text in forms.items()}


@pytest.mark.parametrize("language", MONTHS)
def test_every_name_of_every_month(language):
    names = month_names(language)
    texts = [f"05 {name} 2019" for month in names for name in month]
    expected = [f"2019-{number:02}-05" for number, month in enumerate(names, 1) for _ in month]

    assert expected == read("dd mmm yyyy", texts, months=names)


MAPPING = """\
id: TST_BORDER
version: 1.0
into: BORDER_CROSSING
source: {kind: administrative, by: Office, area: KEN, date: 2020}
rules:
  PERSON_ID: {from: P}
  CROSSING_DATE: {from: D, date: FORMAT}
  DIRECTION: {fixed: ARR}
  SEX: {fixed: M}
  CITIZENSHIP: {fixed: KEN}
"""
DOUBTS = [
    ("dd/mm/yyyy", ["03/04/2020", "05/06/2020"],
     ["nothing in D shows whether the day or the month comes first  (2 rows, weight 2.0)"]),
    ("dd/mm/yyyy", ["03/04/2020", "05/05/2020", "25/06/2020"], []),
    ("dd/mm/yyyy", ["03/04/2020", "06/25/2020"],
     ["D holds values that are no date in the format given  (1 row, weight 1.0)",
      "D is a date only with day and month exchanged  (1 row, weight 1.0)",
      "D could have its day and month exchanged, as other rows have  (1 row, weight 1.0)"]),
    ("yy-mm-dd, pivot: 1930", ["29-01-01", "80-01-01"],
     ["D has a year of two digits within five years of the pivot 1930  (1 row, weight 1.0)"]),
    ("yyyy-mm-dd", ["1900-01-01", "9999-12-31", "2020-01-02"],
     ["D has dates before 1890, after 2100, or 1 January 1900, which often stand for no date  (2 rows, weight 2.0)"]),
    ("yyyy-mm-dd, not_stated: [1900-01-01]", ["1900-01-01", "2020-01-02"], []),
]  # fmt: skip


@pytest.mark.parametrize("way", ["file", "lazy", "duckdb"])
@pytest.mark.parametrize(("format", "dates", "expected"), DOUBTS)
def test_a_doubtful_date_is_told_by_count_and_without_its_value(tmp_path, format, dates, expected, way):
    (tmp_path / "mapping.yaml").write_text(MAPPING.replace("FORMAT", format), encoding="utf-8")
    frame = pl.DataFrame({"P": [f"P{number}" for number in range(len(dates))], "D": dates})
    source = frame.lazy()
    if way == "file":
        source = tmp_path / "x.csv"
        frame.write_csv(source)
    elif way == "duckdb":
        source = pytest.importorskip("duckdb").from_arrow(frame.to_arrow())
    run = ms.harmonize(source, tmp_path / "mapping.yaml")

    assert expected == [finding.what + finding.extent for finding in run.findings]


def test_the_date_of_the_source_may_stand_in_one_column(tmp_path):
    mapping = MAPPING.replace("date: 2020}", "date: {from: D, date: dd/mm/yyyy}}").replace("FORMAT", "dd/mm/yyyy")
    (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
    frame = pl.DataFrame({"P": ["p1", "p2", "p3"], "D": ["25/12/2020", "31/01/2021", "31/02/2021"]})
    run = ms.harmonize(frame, tmp_path / "mapping.yaml")

    assert [] == [one for one in ms.check(tmp_path / "mapping.yaml") if one.severity == "error"]
    assert ["2020-12-25", "2021-01-31"] == run.records["TIME_PERIOD"].to_list()
    assert 1 == run.step("rejected").rows
