"""Damaged binary files: whatever is cut off or flipped, a file is read or told; nothing crashes, hangs or goes unsaid.

Each file is read by `read_extract`, as a user's is. A reader written in C may end its own process, and not ours.
"""

import datetime
import gzip
import importlib.util
import time
from pathlib import Path

import pandas as pd
import polars as pl
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migstat.read import apart
from migstat.read.extracts import read_extract
from migstat.read.statistical_files import opened
from migstat.words.finding import MigstatError
from migstat.words.source import Format

HERE = Path(__file__).parent
PATIENCE = 30
"""Seconds that a damaged file of a few kilobytes may take on a busy machine."""
EXAMPLES = 10
UNTOLD = -1
FRAME = pd.DataFrame(
    {"SEX": [1.0, 2.0, 9.0] * 20, "CODE": ["01", "NA", "x y"] * 20, "W": [0.5, 1e9, -3] * 20,
     "D": [datetime.date(2020, 1, 1)] * 60}
)  # fmt: skip
DAMAGE = st.one_of(
    st.tuples(st.just("cut"), st.floats(0, 1, exclude_max=True)),
    st.tuples(
        st.just("flip"),
        st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=12),
    ),
)


def _loaded(name):
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of one good file of each kind."""
    folder = tmp_path_factory.mktemp("whole")
    labels = {"variable_value_labels": {"SEX": {1: "M", 2: "F"}}}
    pyreadstat.write_sav(FRAME, folder / "a.sav", row_compress=True, missing_ranges={"SEX": [9]}, **labels)
    pyreadstat.write_sav(FRAME, folder / "b.zsav", compress=True)
    pyreadstat.write_dta(FRAME, folder / "c.dta", **labels)
    pyreadstat.write_dta(FRAME, folder / "d.dta", version=12)
    pyreadstat.write_xport(FRAME, folder / "e.xpt")
    pyreadstat.write_por(FRAME, folder / "f.por")
    for name in ("people.sas7bdat", "persons.xls"):
        (folder / name).write_bytes(gzip.decompress((HERE / "files" / f"{name}.gz").read_bytes()))
    rows = {"S": [["HH", "P12", "W"], ["01", 1, 0.5], ["02", 2, 1.5]]}
    sheets = _loaded("sheets")
    for kind in ("xlsx", "xlsb", "ods"):
        (folder / f"g.{kind}").write_bytes(getattr(sheets, kind)(rows))
    _loaded("test_cspro").database(folder / "h.csdb")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def damaged(data: bytes, damage) -> bytes:
    how, where = damage
    if how == "cut":
        return data[: int(len(data) * where)]
    changed = bytearray(data)
    for place, byte in where:
        # The head of a file says most: half of the changes are there.
        at = int(place * 2 * min(len(data), 2048)) if place < 0.5 else int((place - 0.5) * 2 * len(data))
        changed[min(at, len(data) - 1)] = byte
    return bytes(changed)


def format_of(path: Path) -> Format:
    return Format(kind="cspro", record="person") if path.suffix == ".csdb" else Format()


def read_or_told(path: Path) -> int | None:
    """The number of rows read; None where an error told what is wrong."""
    try:
        extract = read_extract(path, format_of(path), ())
        return sum(part.height for _, part in extract.parts)
    except MigstatError as error:
        return None if all(one.what and one.mend for one in error.findings) else UNTOLD


KINDS = ["a.sav", "b.zsav", "c.dta", "d.dta", "e.xpt", "f.por", "people.sas7bdat", "persons.xls", "g.xlsx", "g.xlsb",
         "g.ods", "h.csdb"]  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_a_damaged_file_is_read_or_told(whole, tmp_path, name):
    path = tmp_path / name

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(DAMAGE)
    def check(damage):
        path.write_bytes(damaged(whole[name], damage))
        began = time.monotonic()

        assert UNTOLD != read_or_told(path)
        assert PATIENCE > time.monotonic() - began

    check()


@pytest.mark.parametrize("name", ["a.sav", "b.zsav", "c.dta", "d.dta", "people.sas7bdat", "g.xlsx", "g.ods", "h.csdb"])
def test_a_file_that_is_cut_off_is_never_read_short(whole, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(whole[name])
    rows = read_or_told(path)
    for share in (0.3, 0.6, 0.9, 0.99):
        path.write_bytes(whole[name][: int(len(whole[name]) * share)])

        assert read_or_told(path) in (None, rows)


CRASHING = {
    5: 106, 6: 0, 362: 255, 604: 64, 690: 124, 746: 255, 831: 212, 894: 0, 1357: 253, 1367: 255, 1878: 189, 2089: 255,
    2249: 255, 2280: 49,
}  # fmt: skip
"""Bytes that made the reader of .sav end its process."""


def test_a_reader_that_ends_is_told_and_replaced(whole, tmp_path):
    data = bytearray(whole["a.sav"])
    for at, byte in CRASHING.items():
        data[min(at, len(data) - 1)] = byte
    (tmp_path / "bad.sav").write_bytes(data)
    (tmp_path / "good.sav").write_bytes(whole["a.sav"])
    read_or_told(tmp_path / "bad.sav")

    assert 60 == read_or_told(tmp_path / "good.sav")


def test_a_reader_that_is_gone_is_told(whole, tmp_path, monkeypatch):
    (tmp_path / "a.sav").write_bytes(whole["a.sav"])
    monkeypatch.setattr(opened, "SERVING", "migstat.gone")
    monkeypatch.setattr(apart, "_idle", {})
    with pytest.raises(MigstatError) as error:
        read_extract(tmp_path / "a.sav", Format(kind="spss"), ())

    assert (
        "a.sav\n  is an SPSS file (.sav) that is damaged: reading it came to no end\n"
        "  Mend: ask the sender for the file again, or copy it again: its size or checksum will differ"
    ) == str(error.value)


def test_what_is_read_is_text(whole, tmp_path):
    for name in KINDS:
        (tmp_path / name).write_bytes(whole[name])
        extract = read_extract(tmp_path / name, format_of(tmp_path / name), ())
        parts = [part.schema for _, part in extract.parts]

        assert [{pl.String}] == [set(schema.values()) for schema in parts], name
