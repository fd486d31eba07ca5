"""What is told nowhere: identifiers under other letters, passwords in addresses, and words of people's own."""

from pathlib import Path

import pytest

import migstat as ms
from migstat.cli import main
from migstat.report.run_page import run_page
from migstat.words.finding import MigstatError, Severity, misuse

MAPPING = (Path(__file__).parent / "named_persons.yaml").read_text(encoding="utf-8").replace("FORMAT", "{kind: csv}")
ROWS = "001,1,SECRETA,1\n001,2,SECRETB,9\n"
ADDRESS = "postgresql://eva:SECRET@localhost:1/db?table=x"


@pytest.fixture
def mapping(tmp_path):
    path = tmp_path / "mapping.yaml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


@pytest.mark.parametrize("header", ["HH,LINE,Name,P12", "HH,LINE, NAME ,P12"])
def test_an_identifier_in_other_letters_is_refused(tmp_path, mapping, header):
    extract = tmp_path / "data.csv"
    extract.write_text(f"{header}\n{ROWS}", encoding="utf-8")
    name = header.split(",")[2]

    with pytest.raises(MigstatError) as raised:
        ms.harmonize(extract, mapping)

    expected = (
        "data.csv  NAME\n"
        f"  the mapping keeps this identifier out, and the extract has '{name}', which rejects would hold\n"
        f'  Mend: write "{name}" under source.identifiers, in place of NAME or beside it'
    )
    assert expected == str(raised.value)


@pytest.mark.parametrize(("column", "meant"), [("FNAME", "did you mean FNAME? "), ("P01", "")])
def test_an_identifier_that_is_not_there_is_told(tmp_path, mapping, column, meant):
    extract = tmp_path / "data.csv"
    extract.write_text(f"HH,LINE,{column},P12\n{ROWS}", encoding="utf-8")

    run = ms.harmonize(extract, mapping)

    found = [str(one) for one in run.findings if one.severity == Severity.WARNING]
    expected = (
        "data.csv  NAME\n"
        "  the extract has no such column: what the mapping keeps out may stand under another name\n"
        f"  Mend: {meant}name it under source.identifiers; what no rule reads stands in rejects as it is"
    )
    assert [expected] == found


def test_an_identifier_that_folders_say_is_not_missed(tmp_path, mapping):
    folder = tmp_path / "data" / "NAME=SECRETA"
    folder.mkdir(parents=True)
    (folder / "one.csv").write_text("HH,LINE,P12\n001,1,9\n", encoding="utf-8")

    run = ms.harmonize(tmp_path / "data", mapping)

    assert [] == [one for one in run.findings if one.rule == "identifier"]
    assert "SECRET" not in "".join([*map(str, run.findings), run.rejects.write_json(), str(run.provenance)])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("postgresql://eva:se@cr/et@server:5432/register", "postgresql://server:5432/register"),
        ("postgresql:/eva:secret@server/register", "postgresql:/server/register"),
        ("jdbc:postgresql://server/db?user=eva&password=secret&ssl=on", None),
        ("host=server password='se cret' dbname=db", "host=server password=... dbname=db"),
        ("C:/data/a:b@c.csv", "C:/data/a:b@c.csv"),
    ],
)
def test_what_was_given_is_repeated_without_its_secrets(given, expected):
    told = str(misuse(f"no {given}", "check the path", place=given).findings[0])

    expected = expected or "jdbc:postgresql://server/db?user=eva&password=...&ssl=on"
    assert f"{expected}\n  no {expected}\n  Mend: check the path" == told


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["draft", ADDRESS], "a draft is made of a file, and this is a database"),
        (["diff", ADDRESS, "b.csv", "--mapping", "MAPPING"], "files are compared, and this is a database"),
        (
            ["harmonize", "MAPPING", "DATA", "--into", ADDRESS],
            "records are written to a folder, and this is a database",
        ),
        (["harmonize", "MAPPING", "DATA", ADDRESS], "unrecognized arguments: postgresql://localhost:1/db?table=x"),
        (["check", ADDRESS], "there is no such mapping"),
        (["codebook", ADDRESS], "there is no such file"),
    ],
)
def test_no_command_repeats_a_password(tmp_path, mapping, words, expected, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.csv").write_text(f"HH,LINE,NAME,P12\n{ROWS}", encoding="utf-8")
    given = [{"MAPPING": str(mapping), "DATA": str(tmp_path / "data.csv")}.get(word, word) for word in words]

    with pytest.raises(SystemExit) as ended:
        main(given)

    told = "".join(capsys.readouterr())
    assert ended.value.code == 2
    assert expected in told
    assert "SECRET" not in told
    assert ["data.csv", "mapping.yaml"] == sorted(path.name for path in tmp_path.iterdir())


def reasons(tmp_path, rule, values, **more):
    """Harmonize a file whose column WHY has these values, by a rule."""
    made = MAPPING.replace("  MIG_REASON: {not_collected: a test}\n", f"  MIG_REASON: {rule}\n")
    (tmp_path / "mapping.yaml").write_text(made, encoding="utf-8")
    rows = "".join(f'{at:03},1,SECRETA,1,"{value}"\n' for at, value in enumerate(values))
    (tmp_path / "data.csv").write_text(f"HH,LINE,NAME,P12,WHY\n{rows}", encoding="utf-8")
    return ms.harmonize(tmp_path / "data.csv", tmp_path / "mapping.yaml", **more)


NAMES = [f"Juma Secret{at}" for at in range(30)]
TEXTS = [f"my husband Secret{at} left me" for at in range(30)]
RULE = "{from: WHY, recode: {1: EMP, 2: FAM}}"


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        (RULE, NAMES, "no rule for 30 values of WHY, not shown"),
        (RULE, [*(["1"] * 500), *TEXTS], "no rule for 30 values of WHY, not shown"),
        (RULE, [*(["1"] * 500), "eva.secret@mail.org"], "no rule for 1 value of WHY, not shown"),
        (RULE, [*(["1"] * 9000), *(f"SECRET{at}" for at in range(601))], "no rule for 601 values of WHY, not shown"),
        ("{from: WHY, recode: {1: EMP}, else: FAM}", NAMES, ""),
        ("{from: WHY, patterns: [{regex: 'Juma.*', to: FAM}]}", NAMES, ""),
    ],
)
def test_words_of_peoples_own_are_told_nowhere(tmp_path, capsys, rule, values, expected):
    into = tmp_path / "out"
    run = reasons(tmp_path, rule, values, into=into)

    told = "".join(map(str, run.findings))
    written = "".join(path.read_text(encoding="utf-8") for path in into.iterdir() if path.suffix != ".parquet")
    page = run_page(run, show_values=True)
    assert expected in told
    assert "secret" not in (told + written + page).lower()
    reached = [one for one in run.coverage if one.component == "MIG_REASON"]
    assert len(values) == sum(one.rows for one in reached)
    assert len(set(values)) == sum(one.hidden or 1 for one in reached)
    refused = run.rejects.collect()["WHY"].to_list()
    assert refused == [value for value in values if expected and value != "1"]


def test_what_stands_in_the_place_of_values_is_told_with_its_mend(tmp_path):
    run = reasons(tmp_path, RULE, NAMES)

    expected = (
        "mapping.yaml:19  MIG_REASON\n"
        "  no rule for 30 values of WHY, not shown: names or words of people's own, or rare among many"
        "  (30 rows, weight 30.0)\n"
        "  Mend: see them among the rejects, and check that the column is a coded one"
    )
    assert [expected] == [str(one) for one in run.findings]


@pytest.mark.parametrize(
    ("rule", "values", "shown"),
    [
        (RULE, [*(["1"] * 9), "Work abroad", "7"], {"1", "Work abroad", "7"}),
        ("{from: WHY, recode: {A b: EMP, C d: FAM}}", [*(["A b"] * 30), "Moldovia, Republic of"], None),
        ("{from: WHY, recode: {" + ", ".join(f"{one}: EMP" for one in NAMES) + "}}", NAMES, set(NAMES)),
        (RULE, [f"{at}" for at in range(30)], {str(at) for at in range(30)}),
    ],
)
def test_values_that_a_person_needs_to_mend_a_mapping_are_told(tmp_path, rule, values, shown):
    run = reasons(tmp_path, rule, values)

    assert (shown or set(values)) == {one.values[0] for one in run.coverage if one.component == "MIG_REASON"}


def test_diff_tells_no_words_of_peoples_own(tmp_path):
    reasons(tmp_path, RULE, ["1", "2"] * 20)
    (tmp_path / "data.csv").rename(tmp_path / "old.csv")
    reasons(tmp_path, RULE, ["1", "7", *TEXTS, *(["1"] * 100)])
    many = "".join(f"{at},1,SECRETA,1,SECRET{at}\n" for at in range(5_001))
    (tmp_path / "many.csv").write_text(f"HH,LINE,NAME,P12,WHY\n{many}", encoding="utf-8")
    mapping = tmp_path / "mapping.yaml"

    found = ms.diff(tmp_path / "old.csv", tmp_path / "data.csv", [mapping])
    more = ms.diff(tmp_path / "old.csv", tmp_path / "many.csv", [mapping])

    assert "secret" not in str(found.changes + found.findings + more.changes + more.findings).lower()
    assert ["7"] == [one.value for one in found.changes if one.kind == "added"]
    assert (
        "data.csv  WHY\n"
        "  30 values are not shown and not compared: names or words of people's own, or rare among many\n"
        "  Mend: harmonize the file: rows without a rule are its rejects"
    ) in [str(one) for one in found.findings]
    assert (
        "many.csv  WHY\n  has more than 5,000 different values: they are not compared\n"
        "  Mend: check that the column is a coded one"
    ) in [str(one) for one in more.findings]
