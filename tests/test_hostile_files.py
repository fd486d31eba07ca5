"""Packs and workbooks made to exhaust whoever reads them: each is refused at once, in plain words."""

import tracemalloc
import zipfile
from pathlib import Path

import pytest

from migstat.read.packs.document import read_cases
from migstat.read.workbooks import is_workbook
from migstat.words.finding import MigstatError


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "c,m.yaml,e.csv," + "9" * 5000,
            "golden/cases.csv:2\n  rows: "
            + "9" * 5000
            + " is not a whole number up to 100,000\n  Mend: write rows as 200",
        ),
        (
            "c,m.yaml," + "e" * 200_000 + ",2",
            "golden/cases.csv:2\n  is not CSV: field larger than field limit (131072)\n"
            "  Mend: mend the double quotes of this line",
        ),
    ],
)
def test_cases_of_a_pack_that_cannot_be(line: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "golden").mkdir()
    (tmp_path / "golden" / "cases.csv").write_text(f"case,mapping,extract,rows\n{line}\n", encoding="utf-8")
    with pytest.raises(MigstatError) as raised:
        read_cases(tmp_path)

    assert str(raised.value).startswith(told)


def test_only_the_start_of_a_kind_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", "0" * (64 << 20))
    tracemalloc.start()
    found = is_workbook(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert not found
    assert most < 8 << 20
