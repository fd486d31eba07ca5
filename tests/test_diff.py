"""Two mappings, two waves, two codebooks, two extracts compared: what changed, and what that breaks."""

import json
import subprocess
import sys
import zipfile

import pytest

import migstat as ms
from migstat.words.finding import Misuse, Severity

MAPPING = """\
id: KEN_2009
version: 1.0
into: CENSUS_PERSON
source: {kind: census, by: The office, area: KEN, date: 2009, population: de facto}
keep:
  - {column: P00, is: [1], because: usual residents}
rules:
  SEX:
    from: P11
    recode:
      - {from: 1, to: M, label: Male}
      - {from: 2, to: F, label: Female}
    not_stated: [9]
  AGE: {from: P12, not_stated: [99]}
  COUNTRY_BIRTH: {from: P19, recode: {1: KEN, 2: UGA, 3: TZA}, else: _O}
  CITIZENSHIP: {not_collected: the form does not ask it}
  RESID_5Y: {not_collected: the form does not ask it}
  YEAR_ARRIVAL: {from: P22}
  MIG_REASON: {from: P23, recode: {1: EMP, 2: EDUC}}
"""
BOOK = """\
variable,variable label,value,value label
P00,Usual resident,1,Yes
P00,Usual resident,2,No
P11,Sex,1,Male
P11,Sex,2,Female
P11,Sex,9,Not stated
P12,Age,,
P19,Country of birth,1,Kenya
P19,Country of birth,2,Uganda
P19,Country of birth,3,Tanzania
P22,Year of arrival,,
P23,Reason for the move,1,Employment
P23,Reason for the move,2,Education
"""


def changed(tmp_path, text, *swaps, name="new.yaml"):
    for before, after in swaps:
        assert before in text
        text = text.replace(before, after)
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def told(found, severity=Severity.ERROR):
    return [(one.component, one.what) for one in found.findings if one.severity == severity]


def seen(found):
    return [(one.kind, one.subject, one.value, one.before, one.after) for one in found.changes]


def test_two_mappings_that_are_the_same(tmp_path):
    path = changed(tmp_path, MAPPING)

    assert ((), (), False) == ((found := ms.diff(path, path)).changes, found.findings, found.breaks)


MAPPINGS = [
    (
        ("      - {from: 2, to: F, label: Female}", "      - {from: 2, to: _O, label: Female}"),
        ("code", "SEX", "2", "F", "_O"),
        ("SEX", "'2' gives _O, and gave F"),
    ),
    (
        ("label: Female", "label: Child"),
        ("meaning", "SEX", "2", "Female", "Child"),
        ("SEX", "'2' means 'Child', and meant 'Female'; both give F"),
    ),
    (
        ("2: EDUC", "3: EDUC"),
        ("removed", "MIG_REASON", "2", "EDUC", ""),
        ("MIG_REASON", "no line for '2' any more, which gave EDUC"),
    ),
    (
        (", 3: TZA}", "}"),
        ("removed", "COUNTRY_BIRTH", "3", "TZA", ""),
        ("COUNTRY_BIRTH", "'3' gave TZA, and falls under else: _O"),
    ),
    (
        ("YEAR_ARRIVAL: {from: P22}", "YEAR_ARRIVAL: {not_collected: no longer asked}"),
        ("rule", "YEAR_ARRIVAL", None, "copy of P22", "not collected"),
        ("YEAR_ARRIVAL", "is not collected any more, and was: copy of P22"),
    ),
    (
        ("  MIG_REASON: {from: P23, recode: {1: EMP, 2: EDUC}}\n", ""),
        ("removed", "MIG_REASON", None, "recode of P23", ""),
        ("MIG_REASON", "no rule fills it any more"),
    ),
    (
        ("de facto", "de jure"),
        ("source", "population", None, "de facto", "de jure"),
        ("source", "population is de jure, and was de facto"),
    ),
    (
        ("is: [1]", "is: [1, 2]"),
        ("keep", "keep", None, "P00 in (1)", "P00 in (1, 2)"),
        ("keep", "keeps P00 in (1, 2), and kept P00 in (1)"),
    ),
    (
        ("into: CENSUS_PERSON", "into: SURVEY_PERSON"),
        ("structure", "into", None, "CENSUS_PERSON", "SURVEY_PERSON"),
        ("into", "fills SURVEY_PERSON, and filled CENSUS_PERSON"),
    ),
]


@pytest.mark.parametrize(("swap", "change", "finding"), MAPPINGS, ids=[one[1][1] + "_" + one[1][0] for one in MAPPINGS])
def test_what_breaks_between_two_mappings(tmp_path, swap, change, finding):
    old = changed(tmp_path, MAPPING, name="old.yaml")
    found = ms.diff(old, changed(tmp_path, MAPPING, swap))

    assert change in seen(found)
    assert [finding] == told(found)
    assert found.breaks


HARMLESS = [
    (("from: P12", "from: P13"), ("column", "AGE", None, "P12", "P13")),
    (("label: Female", "label: Females"), ("label", "SEX", "2", "Female", "Females")),
    (("3: TZA", "3: TZA, 4: SOM"), ("added", "COUNTRY_BIRTH", "4", "", "SOM")),
    (("not_stated: [9]", "unknown: [9]"), ("missing", "SEX", "9", "_N", "_U")),
    (("version: 1.0", "version: 1.1"), ("source", "version", None, "1.0", "1.1")),
]


SOURCES = [
    ("date: 2010", "date", "2009", "2010", []),
    ("date: 2009, weight: {from: W, divide_by: 100}", "weight", "W", "W / 100", ["weight is W / 100, and was W"]),
    ("date: 2009, weight: V", "weight", "W", "V", ["weight is V, and was W"]),
    ("date: 2009, format: {missing: ['', '.']}", "missing", "a blank", "a blank, .",
     ["missing is a blank, ., and was a blank"]),
    ("date: 2009, format: {decimal: ','}", "decimal", ".", ",", ["decimal is ,, and was ."]),
    ("date: 2009, replicates: {columns: R1..R4, method: BRR}", "replicates", "", "R1 to R4 (4)", []),
]  # fmt: skip


@pytest.mark.parametrize(("swap", "subject", "before", "after", "warnings"), SOURCES)
def test_what_changed_in_the_source(tmp_path, swap, subject, before, after, warnings):
    weighted = MAPPING.replace("date: 2009", "date: 2009, weight: W")
    new = MAPPING.replace("date: 2009", swap if "weight" in swap else f"{swap}, weight: W")
    found = ms.diff(changed(tmp_path, weighted, name="old.yaml"), changed(tmp_path, new))

    assert [("source", subject, None, before, after)] == seen(found)
    assert [("source", what) for what in warnings] == told(found, Severity.WARNING)
    assert not found.breaks


def test_another_record_makes_the_rows(tmp_path):
    (tmp_path / "layout.csv").write_text(
        "name,start,width,record,type,values\nT,1,1,,record type,H=household; P=person<household\n"
        + "".join(f"{name},{at},1,,,\n" for at, name in enumerate(("P00", "P11", "P12", "P19", "P22", "P23"), 2))
    )
    mapping = MAPPING.replace("date: 2009", "date: 2009, format: {kind: fixed, layout: layout.csv, record: person}")
    new = changed(tmp_path, mapping, ("record: person", "record: household"))
    found = ms.diff(changed(tmp_path, mapping, name="old.yaml"), new)

    assert [("source", "record", None, "person", "household")] == seen(found)
    assert [("source", "a row is a household, and was a person")] == told(found)


MADE = MAPPING.replace("keep:", """\
columns:
  BORN: {from: P19, recode: {1: HERE, 2: AWAY, 3: AWAY}}
  YEARS: "2009 - P22"
  STAY: {cases: [{when: "YEARS <= 1 and BORN = 'AWAY'", give: NEW}, {else: OLD}]}
keep:
  - {when: "YEARS >= 0 or YEARS is missing", because: nobody of the future}""").replace(
    "{from: P23, recode: {1: EMP, 2: EDUC}}", "{from: STAY, recode: {NEW: EMP, OLD: EDUC}}")  # fmt: skip
READ = [("column STAY", ""), ("MIG_REASON", ", through STAY")]
NOT = "reads BORN, which is not what it was"
MADE_CHANGES = [
    (("2: AWAY, 3: AWAY", "2: AWAY, 3: HERE"), ("code", "column BORN", "3", "AWAY", "HERE"),
     [("column BORN", "'3' gives HERE, and gave AWAY")], [(id, NOT + way) for id, way in READ]),
    ((", 3: AWAY", ""), ("removed", "column BORN", "3", "AWAY", ""),
     [("column BORN", "no line for '3' any more, which gave AWAY")], [(id, NOT + way) for id, way in READ]),
    (("2009 - P22", "2010 - P22"), ("rule", "column YEARS", None, "compute: 2009 - P22", "compute: 2010 - P22"), [],
     [("column YEARS", "is made another way: compute: 2010 - P22"),
      *[(id, f"reads YEARS, which is not what it was{way}") for id, way in [*READ, ("keep", "")]]]),
    (("2009 - P22", "2009 - P23"), ("column", "column YEARS", None, "P22", "P23"), [],
     [("column YEARS", "is made another way: compute: 2009 - P23"),
      *[(id, f"reads YEARS, which is not what it was{way}") for id, way in [*READ, ("keep", "")]]]),
    (("  BORN: {from: P19, recode: {1: HERE, 2: AWAY, 3: AWAY}}\n", ""),
     ("removed", "column BORN", None, "recode of P19", ""),
     [(id, f"reads BORN, which is not made any more{way}") for id, way in READ], []),
    (("columns:\n", "columns:\n  P12: {from: P13, recode: {A: 1}}\n"),
     ("added", "column P12", None, "", "recode of P13"), [],
     [("AGE", "reads P12, which was a column of the source and is made now")]),
    (("columns:\n", "columns:\n  MORE: {from: P13, recode: {A: 1}}\n"),
     ("added", "column MORE", None, "", "recode of P13"), [], []),
    (('"2009 - P22"', "{from: P22, recode: {1: 2, 3: 4}}"), ("rule", "column YEARS", None, "compute of P22",
     "recode of P22"), [], [(id, f"reads YEARS, which is not what it was{way}") for id, way in [*READ, ("keep", "")]]),
]  # fmt: skip


@pytest.mark.parametrize(("swap", "change", "errors", "warnings"), MADE_CHANGES)
def test_what_a_change_of_a_made_column_breaks(tmp_path, swap, change, errors, warnings):
    found = ms.diff(changed(tmp_path, MADE, name="old.yaml"), changed(tmp_path, MADE, swap))

    assert change in seen(found)
    assert (errors, warnings) == (told(found), told(found, Severity.WARNING))


CAPPED = MAPPING.replace("AGE: {from: P12,", "AGE: {from: P12, top: 95,")
WAYS = [
    (("top: 95", "top: 90"), ("AGE", "is made another way: top: 90")),
    (("top: 95, ", ""), ("AGE", "is made another way: as it stands")),
    (("else: _O", "else: _U"), ("COUNTRY_BIRTH", "is made another way: else: _U")),
]


@pytest.mark.parametrize(("swap", "warning"), WAYS)
def test_a_rule_with_lines_that_is_made_another_way_is_told(tmp_path, swap, warning):
    found = ms.diff(changed(tmp_path, CAPPED, name="old.yaml"), changed(tmp_path, CAPPED, swap))

    assert [warning] == told(found, Severity.WARNING)


def test_what_a_newer_codebook_breaks_in_a_made_column(tmp_path):
    old = changed(tmp_path, BOOK, name="old.csv")
    new = changed(tmp_path, BOOK, ("P19,Country of birth,3", "P19,Country of birth,4"), name="new.csv")
    found = ms.diff(old, new, [changed(tmp_path, MADE)])

    assert [("column BORN", "no line for P19 = '4', which is new: Tanzania")] == told(found)


@pytest.mark.parametrize(("swap", "change"), HARMLESS, ids=[one[1][1] for one in HARMLESS])
def test_what_changes_and_breaks_nothing(tmp_path, swap, change):
    found = ms.diff(changed(tmp_path, MAPPING, name="old.yaml"), changed(tmp_path, MAPPING, swap))

    assert ([change], [], False) == (seen(found), told(found), found.breaks)


def test_two_waves_of_one_mapping(root):
    path = root / "examples" / "can_cchs" / "mapping.yaml"
    found = ms.diff(f"{path}@cchs2003_p", f"{path}@cchs2005_p")

    assert ("code", "AGE_GROUP", "2", "Y15T19", "Y15T17") in seen(found)
    assert ("column", "SEX", None, "DHHC_SEX", "DHHE_SEX") in seen(found)
    assert not ms.diff(f"{path}@cchs2007_2008_p", f"{path}@cchs2009_2010_p").breaks


BOOKS = [
    (("P11,Sex,2,Female", "P11,Sex,2,Male\nP11,Sex,3,Other"), [
        ("SEX", "no line for P11 = '3', which is new: Other"),
        ("SEX", "P11 = '2' means 'Male' now, and meant 'Female'; the line gives F"),
    ]),
    (("P22,Year of arrival", "P24,Year of arrival"), [("YEAR_ARRIVAL", "reads P22, which is called P24 now")]),
    (("P12,Age,,\n", ""), [("AGE", "reads P12, which is not there any more")]),
    (("P19,Country of birth,3,Tanzania", "P19,Country of birth,4,Somalia"), []),
    (("P11,Sex,2,Female", "P11,Sex,2,Females"), []),
    (("P23,Reason for the move,2,Education", "P23,Reason for the move,2,Not employment"), [
        ("MIG_REASON", "P23 = '2' means 'Not employment' now, and meant 'Education'; the line gives EDUC"),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("swap", "findings"), BOOKS)
def test_what_a_newer_codebook_breaks_in_a_mapping(tmp_path, swap, findings):
    old = changed(tmp_path, BOOK, name="old.csv")
    new = changed(tmp_path, BOOK, swap, name="new.csv")
    found = ms.diff(old, new, [changed(tmp_path, MAPPING)])

    assert findings == told(found)
    assert bool(findings) == found.breaks


def test_codes_that_mean_another_thing_do_not_compare_without_a_mapping_either(tmp_path):
    old = changed(tmp_path, BOOK, name="old.csv")
    new = changed(tmp_path, BOOK, ("2,Uganda", "2,Rwanda"), name="new.csv")

    assert [("P19", "'2' means 'Rwanda' now, and meant 'Uganda'")] == told(ms.diff(old, new))


def test_the_values_of_two_extracts(tmp_path):
    head = "P00,P11,P12,P19,P22,P23\n"
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    old.write_text(head + "1,1,30,1,2001,1\n1,2,31,1,2002,2\n")
    new.write_text(head + "1,1,30,1,2001,1\n1,3,31,1,2002,1\n")
    found = ms.diff(old, new, [changed(tmp_path, MAPPING)])

    assert [("SEX", "no line for P11 = '3', which is new")] == told(found)
    assert ("removed", "P11", "2", "", "") in seen(found)


def test_the_command_says_it_as_a_table_and_as_json(tmp_path):
    old = changed(tmp_path, MAPPING, name="old.yaml")
    new = changed(tmp_path, MAPPING, ("to: F", "to: _O"))
    command = [sys.executable, "-m", "migstat", "diff", str(old), str(new)]
    plain = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    programs = subprocess.run([*command, "--json"], capture_output=True, text=True, encoding="utf-8")
    same = subprocess.run([*command[:4], str(old), str(old)], capture_output=True, text=True, encoding="utf-8")

    assert (1, 1, 0) == (plain.returncode, programs.returncode, same.returncode)
    assert "code    SEX  2      F       _O" in plain.stdout
    assert [{"kind": "code", "subject": "SEX", "value": "2", "before": "F", "after": "_O"}] == json.loads(
        programs.stdout
    )["changes"]
    assert "nothing changed" in same.stdout


def test_wrong_uses(tmp_path):
    mapping = changed(tmp_path, MAPPING)
    book = changed(tmp_path, BOOK, name="book.csv")
    extract = tmp_path / "x.csv"
    extract.write_text("A,B\n1,2\n")
    wrong = [
        ((mapping, tmp_path / "none.yaml"), "there is no such file"),
        ((mapping, book), f"{mapping} is a mapping, and {book} is a codebook"),
        ((extract, extract), "two extracts are compared by a mapping, and none is named"),
        ((extract, extract, [mapping]), "no mapping recodes a column of these files"),
        ((mapping, mapping, [mapping]), "two mappings are compared, and a third one is named"),
        ((f"{mapping}@w1", mapping), "KEN_2009 has no wave w1"),
        ((book, book, [book]), f"{book} is a codebook, not a mapping"),
    ]
    for given, what in wrong:
        with pytest.raises(Misuse) as raised:
            ms.diff(*given)

        assert what == raised.value.findings[0].what


def test_members_of_a_zip_are_compared_as_the_mapping_names_them(tmp_path):
    mapping = changed(tmp_path, MAPPING, ("date: 2009", "date: 2009, format: {member: 'part*.csv'}"))
    for name, country in (("old", 3), ("new", 4)):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            for part in (1, 2):
                rows = "".join(f"1,{1 + at % 2},{at},{country},2000,1\n" for at in range(5))
                archive.writestr(f"part{part}.csv", f"P00,P11,P12,P19,P22,P23\n{rows}")
            archive.writestr("homes.csv", "HH,ROOMS\n1,2\n")
    found = ms.diff(tmp_path / "old.zip", tmp_path / "new.zip", [mapping])

    assert [("removed", "P19", "3", "", ""), ("added", "P19", "4", "", "")] == seen(found)
