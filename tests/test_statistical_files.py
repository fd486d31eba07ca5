"""Files of SPSS, Stata and SAS as extracts: values as text, labels beside, and no kind of missing is lost."""

import gzip
import zipfile
from pathlib import Path

import pandas as pd
import polars as pl
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

import migstat as ms
from migstat.read.extracts import read_extract
from migstat.read.statistical_files import opened
from migstat.read.statistical_files.values import Form, as_text
from migstat.words.codebook import ValueLabel
from migstat.words.source import Format
from migstat.write.statistical_files import variables, write_dta, write_sav

MAPPING = (
    Path(__file__).with_name("small_census.yaml").read_text(encoding="utf-8")
    .replace("{FORMAT}", "FORMAT").replace("2: F}}", "2: F}, not_stated: [MISSING]}")
)  # fmt: skip
COLUMNS = {"HH": ["01", "01", "02"], "LINE": [1.0, 2, 1], "P12": [1.0, 2, 9], "P11": [34.0, 98, 7],
           "P15": [450.0, 800, 450], "W": [2.5, 2.5, 1]}  # fmt: skip
MISSING_MARKS = {"-1", "-2", "-3", "-4", ".a", ".b", ".c", ".d"}
"""How our own files of SPSS and Stata mark the kinds of missing."""
LABELS = {"P12": {1: "Male", 2: "Female", 9: "Not stated"}, "P15": {450: "Kenya", 800: "Uganda"}}


def rows(extract) -> dict[str, list[str | None]]:
    """All rows of an extract."""
    parts = [part for _, part in extract.parts]
    return pl.concat(parts).to_dict(as_series=False) if parts else {}


def mixed(*values):
    """A column of numbers and letters, which stand for special missing values."""
    return pd.Series(
        [float("nan" if one is None else one) if not isinstance(one, str) else one for one in values], dtype=object
    )


def read(path, **format):
    return read_extract(path, Format(**format), ())


def spss(path, frame=None, **more):
    frame = pd.DataFrame(COLUMNS) if frame is None else frame
    pyreadstat.write_sav(frame, path, **more)
    return path


def test_spss_keeps_user_missings_labels_and_padded_text(tmp_path):
    frame = pd.DataFrame(
        {"SEX": [1.0, 2, -9, 99, None], "CODE": ["01", "NA", "", "b ", "c"], "W": [0.1, 2, 3, 1e16, -1]}
    )
    path = spss(
        tmp_path / "a.sav", frame, column_labels={"SEX": "Sex of the person"},
        variable_value_labels={"SEX": {1: "Male", 2: "Female", -9: "Refused"}, "CODE": {"01": "one"}},
        missing_ranges={"SEX": [{"lo": -9, "hi": -1}, 99], "CODE": ["NA"]}, file_label="People",
    )  # fmt: skip
    extract = read(path, kind="spss")
    sex, code, weight = extract.codebook.variables

    assert {
        "SEX": ["1", "2", "-9", "99", None],
        "CODE": ["01", "NA", "", "b", "c"],
        "W": ["0.1", "2", "3", "10000000000000000", "-1"],
    } == rows(extract)
    assert ("People", "Sex of the person") == (extract.codebook.label, sex.label)
    assert (ValueLabel("1", "Male"), ValueLabel("2", "Female"), ValueLabel("-9", "Refused", True)) == sex.values
    assert (("-9..-1", "99"), ("NA",)) == (sex.missing, code.missing)
    assert ("text", "text", "number") == (sex.kind, code.kind, weight.kind)
    assert [] == extract.findings


@pytest.mark.parametrize("version", [8, 10, 12, 13, 14, 15])
def test_stata_keeps_its_letters_and_four_byte_numbers(tmp_path, version):
    frame = pd.DataFrame({"SEX": mixed(1.0, 2, "a", "z", None), "NAME": ["x", "007", "", "NA", "y"]})
    frame["F"] = pd.Series([0.1, 2, 3, 4, 5], dtype="float32")
    path = tmp_path / "a.dta"
    pyreadstat.write_dta(
        frame, path, version=version, variable_value_labels={"SEX": {1: "Male", "a": "refused"}},
        missing_user_values={"SEX": ["a", "z"]},
    )  # fmt: skip
    extract = read(path, kind="stata")

    assert ["1", "2", ".a", ".z", None] == rows(extract)["SEX"]
    assert ["x", "007", "", "NA", "y"] == rows(read(path, kind="stata"))["NAME"]
    assert (ValueLabel("1", "Male"), ValueLabel(".a", "refused", True)) == extract.codebook.variables[0].values
    assert (version < 14) == any("cp1252" in one.what for one in extract.findings)


def test_a_float_of_stata_is_read_as_it_was_written(tmp_path):
    whole = as_text([0.10000000149011612, 2.0, 16777217.0], Form("number", "stata", single=True))

    assert ["0.1", "2", "16777217"] == whole.to_list()


DATED = [
    ("date", "spss", [13797216000, 0, -1e30], ["2020-01-01", "1582-10-14", "-1e+30"]),
    ("datetime", "spss", [13797216000 + 3661.5], ["2020-01-01T01:01:01.500"]),
    ("month", "spss", [13797216000], ["2020-01"]),
    ("quarter", "spss", [13797216000], ["2020-Q1"]),
    ("time", "spss", [3661, 90000], ["01:01:01", "90000"]),
    ("padded", "spss", [7, 12.5, -3, 1234], ["007", "12.5", "-3", "1234"]),
    ("date", "sas", [21915, -1, 1e12], ["2020-01-01", "1959-12-31", "1000000000000"]),
    ("datetime", "sas", [21915 * 86400 + 1], ["2020-01-01T00:00:01"]),
    ("year", "sas", [21915], ["2020"]),
    ("date", "stata", [21915, None], ["2020-01-01", None]),
    ("datetime", "stata", [21915 * 86400_000 + 500], ["2020-01-01T00:00:00.500"]),
    ("week", "stata", [0, 51, 52, -1], ["1960-W01", "1960-W52", "1961-W01", "1959-W52"]),
    ("month", "stata", [-1, 0, 723], ["1959-12", "1960-01", "2020-04"]),
    ("quarter", "stata", [0, -1, 0.5], ["1960-Q1", "1959-Q4", "0.5"]),
    ("half", "stata", [1], ["1960-S2"]),
    ("year", "stata", [2020], ["2020"]),
]


@pytest.mark.parametrize(("shown", "package", "values", "expected"), DATED)
def test_dates_are_iso_and_what_is_no_date_stays_a_number(shown, package, values, expected):
    assert expected == as_text(values, Form(shown, package, 3)).to_list()


@given(st.lists(st.one_of(st.none(), st.floats(allow_infinity=False, allow_nan=False), st.integers(-(10**17), 10**17))))
def test_a_number_as_text_is_the_same_number(values):
    values = [None if value is None else float(value) for value in values]
    told = as_text(values, Form("number", "sas"), "V").to_list()

    assert values == [None if text is None else float(text) for text in told]
    assert not any(text.endswith(".0") and len(text) < 18 for text in told if text)


@pytest.fixture
def sas(root, tmp_path):
    for name in ("people.sas7bdat", "formats.sas7bcat"):
        packed = (root / "tests" / "files" / f"{name}.gz").read_bytes()
        (tmp_path / name).write_bytes(gzip.decompress(packed))
    return tmp_path


def test_sas_keeps_special_missings_and_takes_labels_from_the_catalog(sas):
    extract = read(sas / "people.sas7bdat", kind="sas")
    with_labels = read(sas / "people.sas7bdat", kind="sas", codebook=ms.codebook(sas / "formats.sas7bcat"))

    assert {
        "SEX": ["1", "2", ".r", None, "9"],
        "ARRIVED": ["2020-01-01", "1960-01-01", "1949-12-31", "2020-03-26", "1960-01-02"],
        "DISTRICT": ["000", "007", "014", "021", "028"],
        "BIRTH": ["KEN", "010", "", "UG", "Côte"],
    } == rows(extract)
    assert [
        "read with leading zeros, as its format Z3 shows it",
        "the labels of SEX are in the catalog of formats (SEXF), which is not part of it",
    ] == [one.what for one in extract.findings]
    sex = with_labels.codebook.variable("SEX")
    assert "Sex of the person" == sex.label
    assert (ValueLabel("1", "Male"), ValueLabel("2", "Female"), ValueLabel(".r", "Refused", True)) == sex.values
    assert (".r",) == sex.missing
    assert 1 == len(with_labels.findings)


def test_sas_transport_keeps_special_missings(tmp_path):
    path = tmp_path / "a.xpt"
    pyreadstat.write_xport(pd.DataFrame({"SEX": [1.0, 2, 3], "C": ["01", "", "d"]}), path, table_name="T")
    data = path.read_bytes()
    one = bytes([0x41, 0x10, 0, 0, 0, 0, 0, 0])
    path.write_bytes(data.replace(one, b"R" + bytes(7)))
    extract = read(path, kind="sas")

    assert {"SEX": [".r", "2", "3"], "C": ["01", "", "d"]} == rows(extract)


def test_spss_portable_keeps_user_missings(tmp_path):
    path = tmp_path / "a.por"
    pyreadstat.write_por(pd.DataFrame({"SEX": [1.0, 2, 9, None], "C": ["01", "b", "", "d"]}), path,
                         variable_format={"SEX": "F1.0"})  # fmt: skip

    assert {"SEX": ["1", "2", "9", None], "C": ["01", "b", "", "d"]} == rows(read(path, kind="spss"))


@pytest.mark.parametrize("kind", ["sav", "zsav", "dta", "xpt", "por"])
def test_parts_are_the_whole(tmp_path, kind, monkeypatch):
    monkeypatch.setattr(opened, "PART_CELLS", 3_000)
    count = 2_500
    frame = pd.DataFrame({"N": [float(at) for at in range(count)], "T": [f"{at:05}" for at in range(count)], "K": 1.0})
    path = tmp_path / f"a.{kind}"
    writers = {"sav": pyreadstat.write_sav, "zsav": pyreadstat.write_sav, "dta": pyreadstat.write_dta,
               "xpt": pyreadstat.write_xport, "por": pyreadstat.write_por}  # fmt: skip
    writers[kind](frame, path, **({"compress": True} if kind == "zsav" else {}))
    extract = read(path)
    parts = list(extract.parts)

    assert 3 == len(parts)
    assert [str(at) for at in range(count)] == pl.concat([part["N"] for _, part in parts]).to_list()
    assert [f"{at:05}" for at in range(count)] == pl.concat([part["T"] for _, part in parts]).to_list()
    assert list(range(1, count + 1)) == pl.concat([numbers for numbers, _ in parts]).to_list()


@pytest.mark.parametrize("kind", ["sav", "dta", "xpt"])
def test_a_file_of_a_package_is_harmonized_end_to_end(tmp_path, kind):
    frame = pd.DataFrame(COLUMNS)
    path, package, missing = tmp_path / f"a.{kind}", {"sav": "spss", "dta": "stata", "xpt": "sas"}[kind], "9"
    if kind == "sav":
        spss(path, frame, variable_value_labels=LABELS, missing_ranges={"P12": [9]})
    elif kind == "dta":
        frame["P12"] = mixed(1.0, 2, "b")
        pyreadstat.write_dta(frame, path, missing_user_values={"P12": ["b"]})
        missing = ".b"
    else:
        pyreadstat.write_xport(frame, path)
    text = MAPPING.replace("FORMAT", f"{{kind: {package}}}").replace("MISSING", missing)
    (tmp_path / "mapping.yaml").write_text(text)
    run = ms.harmonize(path, tmp_path / "mapping.yaml").require()
    into = ms.harmonize(path, tmp_path / "mapping.yaml", into=tmp_path / "build").require()

    assert ["M", "F", "_N"] == run.records["SEX"].cast(pl.String).to_list()
    assert [34, None, 7] == run.records["AGE"].to_list()
    assert run.records["SEX"].cast(pl.String).to_list() == into.records.collect()["SEX"].cast(pl.String).to_list()
    assert [f"a.{kind}"] == [one["name"] for one in run.provenance["inputs"]]


def test_labels_stand_beside_values_in_findings(tmp_path):
    frame = pd.DataFrame(COLUMNS | {"P15": [450.0, 800, 404], "P12": [1.0, 3, 9]})
    labels = {"P12": {1: "Male", 2: "Female", 9: "Not stated"}, "P15": {450: "Kenya", 800: "Uganda", 404: "Elsewhere"}}
    path = spss(tmp_path / "a.sav", frame, variable_value_labels=labels, missing_ranges={"P12": [9], "P15": [800]})
    text = MAPPING.replace("FORMAT", "{kind: spss}").replace("MISSING", "9").replace("1: M, 2: F}", "1: M, 2: F, 3: F}")
    (tmp_path / "mapping.yaml").write_text(text)
    found = [
        f"{one.severity} {one.component}: {one.what}" for one in ms.harmonize(path, tmp_path / "mapping.yaml").findings
    ]

    assert [
        "error COUNTRY_BIRTH: no rule for P15 = '404' (Elsewhere)",
        "error CITIZENSHIP: no rule for P15 = '404' (Elsewhere)",
        "warning COUNTRY_BIRTH: P15 = '800' (Uganda) is no answer, as the codebook says, and becomes UGA",
        "warning CITIZENSHIP: P15 = '800' (Uganda) is no answer, as the codebook says, and becomes UGA",
        "note P12: the codebook has no label for '3'",
    ] == found


def test_what_the_mapping_calls_csv_is_read_as_what_it_is(tmp_path):
    path = spss(tmp_path / "a.sav")

    assert ["read as an SPSS file (.sav), which it is"] == [one.what for one in read(path).findings]


@pytest.mark.parametrize("packing", ["gz", "zip"])
def test_packed_files_are_read_as_those_inside(tmp_path, packing):
    path = spss(tmp_path / "a.sav")
    packed = tmp_path / f"a.{packing}"
    if packing == "gz":
        packed.write_bytes(gzip.compress(path.read_bytes()))
    else:
        with zipfile.ZipFile(packed, "w") as archive:
            archive.write(path, "data/a.sav")
            archive.writestr("readme.pdf", "%PDF")

    assert rows(read(path, kind="spss")) == rows(read(packed, kind="spss"))


def test_identifiers_are_not_read(tmp_path):
    extract = read_extract(spss(tmp_path / "a.sav"), Format(kind="spss"), ["LINE"], identifiers=["HH"])

    assert ("LINE", "P12", "P11", "P15", "W") == extract.columns
    assert list(extract.columns) == list(rows(extract))


def test_an_old_encoding_is_read_as_the_mapping_says(tmp_path):
    path = tmp_path / "a.dta"
    pyreadstat.write_dta(pd.DataFrame({"C": ["Lomé", "b"]}), path, version=12)
    path.write_bytes(path.read_bytes().replace("Lomé".encode(), b"Lom\xe9\0"))

    assert ["Lomé", "b"] == rows(read(path, kind="stata"))["C"]
    assert [] == read(path, kind="stata", encoding="cp1252").findings


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_what_we_write_we_read(tmp_path, kind):
    path = spss(tmp_path / "a.sav", pd.DataFrame(COLUMNS | {"P11": [34.0, 98, 7]}), variable_value_labels=LABELS)
    (tmp_path / "mapping.yaml").write_text(MAPPING.replace("FORMAT", "{kind: spss}").replace("MISSING", "9"))
    run = ms.harmonize(path, tmp_path / "mapping.yaml").require()
    records = run.records.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    structure = run.structure
    lists = {one.id: ms.codelist(one.codelist) for one in structure.components if one.codelist}
    write = {"sav": write_sav, "dta": write_dta}[kind]
    write(records, variables(records, structure, lists, "en"), tmp_path / f"out.{kind}", "records")
    extract = read(tmp_path / f"out.{kind}", kind="spss" if kind == "sav" else "stata")
    found = rows(extract)

    for column in ("SEX", "COUNTRY_BIRTH", "RESID_5Y"):
        variable = extract.codebook.variable(column)
        codes = {one.value: one.label[one.label.rindex("[") + 1 : -1] for one in variable.values}
        assert records[column].to_list() == [codes[value] for value in found[column]]
        assert (
            {"_N", "_X"}
            >= {codes[one.value] for one in variable.values if one.missing}
            >= {"_N", "_X"} & {*records[column]}
        )
    assert [34, None, 7] == [None if text in MISSING_MARKS else int(text) for text in found["AGE"]]


def test_a_path_is_of_the_folder_that_one_stands_in(tmp_path, monkeypatch):
    # The process that reads lives longer than a folder that one stands in.
    for place in ("first", "second"):
        (tmp_path / place).mkdir()
        spss(tmp_path / place / "people.sav")
        monkeypatch.chdir(tmp_path / place)

        assert ms.codebook("people.sav").variables
