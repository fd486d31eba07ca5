"""What a draft asks and says where it is not sure: weights, keys, headers, columns that it leaves, rows of values."""

import random
import subprocess
import sys

import pytest
from tests.test_draft import write_csv

import migstat as ms
from migstat.words.finding import MigstatError, Severity
from migstat.words.undecided import TODO


def drafted(folder, columns, *, rows=60, **more):
    """Draft from columns, each of which is given by what makes its value of the number of the row."""
    body = [[value(at) for value in columns.values()] for at in range(rows)]
    return ms.draft(write_csv(folder / "x.csv", list(columns), body), area="KEN", date="2019", **more)


def part(made, key):
    return next((one for one in made.source if one.key == key), None)


def decimals(at):
    return f"{random.Random(at).uniform(5, 20):.3f}"


def large(at):
    return str(random.Random(at).randint(100, 9000))


@pytest.mark.parametrize(
    "name",
    [
        "poids",
        "POND",
        "fex",
        "FEX_C",
        "wt",
        "pw",
        "peso",
        "fator",
        "gewicht",
        "PWGTP",
        "FACTOR_EXP",
        "hochr",
        "poids_ind",
    ],
)
@pytest.mark.parametrize("value", [decimals, large])
def test_short_names_of_weights_are_known(tmp_path, name, value):
    made = drafted(tmp_path, {"SEX": lambda at: str(at % 2), name: value})

    assert name == part(made, "weight").value


def test_decimals_that_nobody_explains_may_be_a_weight(tmp_path):
    made = drafted(tmp_path, {"SEX": lambda at: str(at % 2), "V17": decimals})
    weight = part(made, "weight")

    assert (TODO, ["V17", "none"]) == (weight.value, [guess.answer for guess in weight.guesses])
    assert "a candidate for weight, which is left open: V17" in made.files["mapping.yaml"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INCOME", decimals),
        ("V17", lambda at: str(at)),
        ("V17", lambda at: f"{at}.5" if at % 2 else ""),
        ("V17", large),
    ],
)
def test_other_numbers_are_no_weight(tmp_path, name, value):
    assert part(drafted(tmp_path, {"SEX": lambda at: str(at % 2), name: value}), "weight") is None


def test_a_weight_that_is_not_all_numbers_is_not_left_out_in_silence(tmp_path):
    made = drafted(
        tmp_path, {"SEX": lambda at: str(at % 2), "WEIGHT": lambda at: "n/a" if at % 5 == 0 else decimals(at)}
    )
    weight = part(made, "weight")

    assert (TODO, "but not all of its values are numbers") == (weight.value, weight.guesses[0].because.split("; ")[1])


def test_records_of_an_office_are_not_asked_for_a_weight(tmp_path):
    made = drafted(tmp_path, {"CITIZENSHIP": lambda at: "KEN", "V17": decimals}, structure="RESIDENCE_PERMIT")

    assert part(made, "weight") is None


def household(at):
    return f"{at // 4:04}"


def line_of(at):
    return str(at % 4)


def test_a_row_that_stands_twice_leaves_the_key_open_and_says_it(tmp_path):
    columns = {
        "HH": lambda at: household(min(at, 198)),
        "LINE": lambda at: line_of(min(at, 198)),
        "AGE": lambda at: "7",
    }
    made = drafted(tmp_path, columns, rows=200, into=tmp_path / "d")
    key = part(made, "key")

    said = "2 of 200 rows have the same HH and LINE as another, 2 of them the same in every column"
    assert (TODO, said, ["[HH, LINE]", "none"]) == (key.value, key.why, [one.answer for one in key.guesses])
    assert key.guesses[0].because.endswith("; duplicates: drop exact leaves out those alike in every column")


def test_rows_that_differ_elsewhere_are_said_so(tmp_path):
    columns = {"HH": lambda at: household(min(at, 198)), "LINE": lambda at: line_of(min(at, 198)), "V": str}
    key = part(drafted(tmp_path, columns, rows=200), "key")

    assert "2 of 200 rows have the same HH and LINE as another, and differ in other columns" == key.why
    assert "those that stand twice are errors until they are put right" == key.guesses[0].because


@pytest.mark.parametrize(("ages", "helps"), [(1, True), (2, False)])
def test_a_file_that_holds_its_rows_twice_has_a_key_without_those_alike(tmp_path, ages, helps):
    columns = {
        "HH": lambda at: household(at % 40),
        "LINE": lambda at: line_of(at % 40),
        "AGE": lambda at: str(at // 40 % ages),
    }
    key = part(drafted(tmp_path, columns, rows=160), "key")

    more = "160 of them the same in every column; with [HH, LINE], duplicates: drop exact leaves out those alike"
    assert ("", helps) == (key.value, more in key.why)


def test_columns_that_name_few_rows_are_no_key_and_that_is_said(tmp_path):
    made = drafted(tmp_path, {"HH": household, "AGE": lambda at: str(at % 7)})

    assert ("", 60) == (part(made, "key").value, int(part(made, "key").why.split()[2]))
    assert "  # 0.00: no key: 60 of 60 rows have the same HH as another" in made.files["mapping.yaml"]
    assert "key:" not in {text.strip().split(" ")[0] for text in made.files["mapping.yaml"].splitlines()}


@pytest.mark.parametrize(
    ("answer", "line"), [("1", "  key: [HH, LINE]"), ("none", "  # key: none"), ("[HH]", "  key: [HH]")]
)
def test_a_key_is_answered(tmp_path, answer, line):
    columns = {
        "HH": lambda at: household(min(at, 198)),
        "LINE": lambda at: str(min(at, 198) % 4),
        "AGE": lambda at: "7",
    }
    drafted(tmp_path, columns, rows=200, into=tmp_path / "d")
    question = next(one for one in ms.open_in_draft(tmp_path / "d") if one.key == "key")
    ms.answer_draft(tmp_path / "d", question, question.guesses[0].answer if answer == "1" else answer)

    assert line in (tmp_path / "d" / "mapping.yaml").read_text(encoding="utf-8").splitlines()
    assert "key" not in [one.key for one in ms.open_in_draft(tmp_path / "d")]


def test_columns_that_are_not_used_are_listed_with_why(tmp_path):
    columns = {
        "SEX": lambda at: "MF"[at % 2],
        "DWELL": lambda at: "abc"[at % 3],
        "EMPTY": lambda at: "",
        "SAME": lambda at: "1",
    }
    made = drafted(tmp_path, columns)

    expected = [
        ("DWELL", "nothing in CENSUS_PERSON is like it"),
        ("EMPTY", "it is blank in every row"),
        ("SAME", "every row has the same value; nothing in CENSUS_PERSON is like it"),
    ]
    assert expected == [(one.name, one.why) for one in made.unused]
    assert "\n# Not used, 3 columns of the extract. Look whether something is missed:\n" in made.files["mapping.yaml"]


def test_every_column_is_used_or_listed(root, tmp_path):
    extract = next((root / "examples" / "gbr_census_2011_teaching" / "extract").iterdir())
    made = ms.draft(extract, area="GBR", date="2011")
    used = {name for rule in made.rules for name in rule.columns}
    used |= {name for one in (*made.source, *made.keep) for name in one.columns}
    header = extract.read_text(encoding="utf-8-sig").splitlines()[0].split(",")

    assert len(header) == len(used) + len(made.unused)
    assert not used & {one.name for one in made.unused}


NAMED = ("is taken for the names of the columns", "--no-header")
UNNAMED = ("looks like values, and is read as the first row", "--header")


@pytest.mark.parametrize(
    ("text", "header", "said"),
    [
        ("id,sex,age\na,1,31\nb,2,40\nc,1,25\n", 1, None),
        ("a,k,31\nb,m,40\nc,k,25\nd,m,9\ne,k,8\n", 0, UNNAMED),
        ("id,2019,text,more\na,1,p,x\nb,2,q,y\n", 1, NAMED),
        ("1,,,a\n2,,,b\n3,,,a\n4,7,k,b\n5,,,a\n6,7,k,b\n", 0, UNNAMED),
        ("A title\n\nid,sex,age\na,1,31\nb,2,40\n", 3, None),
    ],
)
def test_what_is_taken_for_a_header_is_said_where_it_is_not_plain(tmp_path, text, header, said):
    (tmp_path / "x.csv").write_text(text, encoding="utf-8")
    made = ms.draft(tmp_path / "x.csv", area="KEN", date="2019")
    found = [one for one in made.findings if one.severity is Severity.WARNING]
    format = part(made, "format").value

    assert header == int(format.partition("header: ")[2][:1] or 1)
    assert [] == found if said is None else said[0] in found[0].what and said[1] in found[0].mend
    assert all("'" not in one.what for one in found)


def test_a_person_says_whether_there_is_a_header(tmp_path):
    (tmp_path / "x.csv").write_text("u,v\na,b\nc,d\n", encoding="utf-8")
    formats = [
        part(ms.draft(tmp_path / "x.csv", area="KEN", date="2019", header=one), "format").value for one in (True, False)
    ]

    assert ["header" in one for one in formats] == [False, True]
    assert "header: 0, columns: [C1, C2]" in formats[1]


def test_rows_of_what_is_asked_are_told_in_the_terminal_only(tmp_path):
    values = [*"1" * 40, *"2" * 40, *"7" * 18, *"8" * 2, *[""] * 5]
    extract = write_csv(tmp_path / "x.csv", ["SEX", "Q"], [(value, str(at)) for at, value in enumerate(values)])
    book = write_csv(
        tmp_path / "book.csv",
        ["variable", "variable label", "value", "value label"],
        [("SEX", "Sex", value, label) for value, label in (("1", "Male"), ("2", "Female"), ("7", "Zq"), ("8", "Xv"))],
    )
    made = ms.draft(extract, book, area="KEN", date="2019", into=tmp_path / "d")
    done = subprocess.run(
        [sys.executable, "-m", "migstat", "draft", "--ask", str(tmp_path / "d"), str(extract)],
        input="s\n" * 20,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )

    assert "SEX: the value '7'  \"Zq\"\n  18 rows have it\n" in done.stdout
    assert "SEX: the value '8'  \"Xv\"\n  fewer than 3 rows have it\n" in done.stdout
    assert "SEX: a blank\n  5 rows have it\n" in done.stdout
    assert not any("18" in text for text in made.files.values())


def test_a_file_of_records_in_place_of_a_mapping_is_not_printed(tmp_path):
    path = write_csv(tmp_path / "x.csv", ["NAME", "AGE"], [("Amina Odhiambo", "31")] * 20)
    with pytest.raises(MigstatError) as error:
        ms.read_mapping(path)

    assert "the mapping is a text of " in str(error.value)
    assert "Amina" not in str(error.value)
