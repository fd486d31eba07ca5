"""A table of wrong perturbation tables and what is said of each."""

import pytest

from migstat.read.perturbation_tables import read_perturbation_table
from migstat.words.finding import MigstatError

HEAD = "i,j,p"
FULL = "i,j,p,v,p_int_lb,p_int_ub,type"
ZERO = "0,0,1"

WRONG = {
    "does not add up": (
        f"{HEAD}\n{ZERO}\n1,0,0.4\n1,2,0.5\n",
        "t.csv:3  i = 1\n  the probabilities add up to 0.9\n  Mend: they must add up to 1",
    ),
    "negative": (
        f"{HEAD}\n{ZERO}\n1,0,-0.5\n1,2,1.5\n",
        "t.csv:3  i = 1\n  a probability is not between 0 and 1\n  Mend: write each p as a share of 1",
    ),
    "biased": (
        f"{HEAD}\n{ZERO}\n1,0,0.4\n1,2,0.6\n",
        "t.csv:3  i = 1\n  the expected noise is 0.2\n  Mend: it must be 0, or perturbed counts are biased",
    ),
    "zero does not stay": (
        f"{HEAD}\n0,0,0.5\n0,1,0.5\n1,1,1\n",
        "t.csv:2  i = 0\n  a count of 0 does not stay 0\n  Mend: write one line for it: i 0, j 0, p 1\n"
        "t.csv:2  i = 0\n  the expected noise is 0.5\n  Mend: it must be 0, or perturbed counts are biased",
    ),
    "negative result": (
        f"{HEAD}\n{ZERO}\n1,-1,0.5\n1,3,0.5\n",
        "t.csv:3  i = 1\n  a count of 1 may become -1\n  Mend: give no result below 0",
    ),
    "result twice": (
        f"{HEAD}\n{ZERO}\n1,1,0.5\n1,1,0.5\n",
        "t.csv:3  i = 1\n  the result 1 is given twice\n  Mend: add the two probabilities up in one line",
    ),
    "gap in the counts": (
        f"{HEAD}\n{ZERO}\n1,1,1\n3,3,1\n",
        "t.csv:4  i = 3\n  the count 1 is followed by 3\n  Mend: give all counts, in order",
    ),
    "no zero": (
        f"{HEAD}\n1,1,1\n",
        "t.csv:2  i = 1\n  the table does not begin with the count 0\n  Mend: add a line: i 0, j 0, p 1",
    ),
    "only zero": (
        f"{HEAD}\n{ZERO}\n",
        "t.csv:2  i = 0\n  the table has no chances for the count 1\n"
        "  Mend: add its lines: every larger count takes the last ones",
    ),
    "counts apart": (
        f"{HEAD}\n{ZERO}\n1,0,0.5\n2,2,1\n1,2,0.5\n",
        "t.csv:5  i = 1\n  the lines of this count are not together\n  Mend: sort by i",
    ),
    "gap in the intervals": (
        f"{FULL}\n0,0,1,0,0,1,all\n1,0,0.5,-1,0,0.5,all\n1,2,0.5,1,0.6,1,all\n",
        "t.csv:4  i = 1\n  p_int_lb is 0.6, and p adds up to 0.5 there\n"
        "  Mend: mend p, or the gap between the intervals",
    ),
    "noise is not the difference": (
        f"{FULL}\n0,0,1,0,0,1,all\n1,0,0.5,1,0,0.5,all\n1,2,0.5,1,0.5,1,all\n",
        "t.csv:3  i = 1\n  v is 1, and j - i is -1\n  Mend: write -1",
    ),
    "for magnitudes": (
        f"{FULL}\n0,0,1,0,0,1,even\n",
        "t.csv:2  type\n  type is 'even': tables for magnitudes are not read\n  Mend: give a table of counts, type all",
    ),
    "half a result": (
        f"{HEAD}\n{ZERO}\n1,0.5,1\n",
        "t.csv:3  j\n  j is '0.5', no whole number\n  Mend: write digits only: tables of counts have whole results",
    ),
    "not a number": (
        f"{HEAD}\n{ZERO}\n1,1,nan\n",
        "t.csv:3  p\n  p is 'nan', no number\n  Mend: write digits, with a decimal point",
    ),
    "decimal comma": (
        f'{HEAD}\n{ZERO}\n1,0,"0,5"\n',
        "t.csv:3  p\n  p is '0,5', no number\n  Mend: write digits, with a decimal point",
    ),
    "negative count": (
        f"{HEAD}\n{ZERO}\n-1,0,1\n",
        "t.csv:3  i\n  i is negative\n  Mend: counts begin with 0",
    ),
    "too few fields": (
        f"{HEAD}\n0,0\n",
        "t.csv:2\n  has 2 fields, the header 3\n  Mend: give each column a value",
    ),
    "no p": (
        "i,j\n0,0\n",
        "t.csv:1\n  the header lacks p\n  Mend: begin with i,j,p",
    ),
    "unknown column": (
        "i,j,p,p_int_ul\n0,0,1,0\n",
        "t.csv:1  p_int_ul\n  the header names 'p_int_ul'\n  Mend: write p_int_ub",
    ),
    "empty": (
        "",
        "t.csv:1\n  the header lacks i, j, p\n  Mend: begin with i,j,p",
    ),
    "header alone": (
        f"{HEAD}\n",
        "t.csv:1  i = 0\n  the table has no rows\n  Mend: give at least the counts 0 and 1",
    ),
    "quote left open": (
        f'{HEAD}\n0,0,"1\n',
        "t.csv:2\n  is not CSV: unexpected end of data\n  Mend: mend the double quotes of this line",
    ),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG)
def test_wrong_tables(text, message, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MigstatError) as error:
        read_perturbation_table(path)

    assert message == str(error.value)


def test_files_that_are_none(tmp_path):
    absent, latin, huge = (tmp_path / name for name in ("absent.csv", "latin.csv", "huge.csv"))
    latin.write_bytes(b"i,j,p\n\xe9")
    huge.write_bytes(b"0" * 5_000_001)
    expected = {
        absent: "absent.csv\n  there is no such file\n  Mend: check its name",
        latin: "latin.csv:2\n  is not UTF-8\n  Mend: save it as CSV UTF-8",
        huge: "huge.csv\n  is larger than 5,000,000 bytes\n  Mend: check its name: it is no perturbation table",
    }
    said = {}
    for path in expected:
        with pytest.raises(MigstatError) as error:
            read_perturbation_table(path)
        said[path] = str(error.value)

    assert expected == said


def test_a_spreadsheet_may_have_written_semicolons_and_a_nul_is_told_with_its_line(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("i;j;p\n0;0;1\n1;0;0.5\n1;2;0.5\n", encoding="utf-8")
    assert 2 == len(read_perturbation_table(path).rows)

    path.write_text("i,j,p\n0,0,1\0\n", encoding="utf-8")
    with pytest.raises(MigstatError) as error:
        read_perturbation_table(path)

    assert "t.csv:2\n  a NUL character stands in the text\n  Mend: remove it" == str(error.value)
