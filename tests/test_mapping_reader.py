"""Mappings as they are read: every kind of rule, tables as offices save them, and the order that does not matter."""

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migstat.read.codelists import codelist
from migstat.read.mappings.document import read_mapping
from migstat.words.expression import And, Between, Compare, In, IsMissing, Name, Number, Or, Range, Text
from migstat.words.finding import MigstatError, Place
from migstat.words.mapping import Keep, Mapping
from migstat.words.mapping_rule import Band, Cases, Copy, DateRule, Fixed, Line, NotCollected, Recode, Rule
from migstat.words.structure import Component, Structure
from migstat.work.explain import explain
from migstat.work.lint import lint

HEAD = """\
id: KEN_2019
version: 1.0
into: PERSON
source: {kind: census, by: Kenya National Bureau of Statistics, area: KEN, date: 2019-08-24, key: [HHID, LINE]}
"""


@pytest.fixture
def read(tmp_path):
    """Reads a mapping of this text, with these tables beside it."""

    def make(text: str, **tables: str | bytes) -> Mapping:
        (tmp_path / "tables").mkdir(exist_ok=True)
        for name, content in tables.items():
            data = content.encode() if isinstance(content, str) else content
            (tmp_path / "tables" / f"{name}.csv").write_bytes(data)
        (tmp_path / "mapping.yaml").write_text(text, encoding="utf-8")
        return read_mapping(tmp_path / "mapping.yaml")

    return make


@pytest.fixture
def rule(read):
    """Reads one rule, written after ``X:``."""

    def make(text: str, **tables: str | bytes) -> Rule:
        mapping = read(f"{HEAD}rules:\n  X: {text}\n", **tables)
        return mapping.targets[0].rule

    return make


HERE = Place("mapping.yaml", 6)


def line(value: str, code: str, place: Place = HERE, **rest: object) -> Line:
    return Line((value,), code, place, **rest)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{fixed: KEN}", Fixed("KEN", HERE)),
        ("{not_collected: not asked}", NotCollected("not asked", HERE)),
        ("{from: P11, top: 97, divide_by: 10}", Copy("P11", HERE, top=97, divide_by=10.0)),
        ('{from: P11, not_stated: [98, ""]}', Copy("P11", HERE, (line("98", "_N"), line("", "_N")))),
        ("{from: P12, recode: {1: M, 2: F}}", Recode(("P12",), (line("1", "M"), line("2", "F")), HERE)),
        ("{from: P15, recode: {NA: NAM, NO: NOR}}", Recode(("P15",), (line("NA", "NAM"), line("NO", "NOR")), HERE)),
        ("{from: P12, recode: {1: M}, else: _O}", Recode(("P12",), (line("1", "M"),), HERE, line("*", "_O"))),
        (
            "{from: P15, pad: 3, recode: {7: UGA, 1..5: KEN}, not_stated: [99]}",
            Recode(("P15",), (line("007", "UGA"), line("1..5", "KEN"), line("099", "_N")), HERE, pad=3),
        ),
        (
            "{from: P16, recode: {2: {to: _O, match: broader, because: foreign only}}}",
            Recode(("P16",), (line("2", "_O", match="broader", because="foreign only"),), HERE),
        ),
        (
            "{from: [A, B], recode: [{A: 1, B: '*', to: KEN}, {B: 5..9, A: '', to: _U}]}",
            Recode(("A", "B"), (Line(("1", "*"), "KEN", HERE), Line(("", "5..9"), "_U", HERE)), HERE),
        ),
        ("{from: P11, band: [Y0T14, Y_GE15]}", Band("P11", ("Y0T14", "Y_GE15"), HERE)),
        ("{from: D, date: ddmmyy, pivot: 1930}", DateRule(HERE, "D", "ddmmyy", pivot=1930)),
        (
            "{date: {month: M, year: Y}, unknown: [9999]}",
            DateRule(HERE, parts={"year": "Y", "month": "M"}, lines=(line("9999", "_U"),)),
        ),
    ],
)
def test_each_kind_of_rule(rule, text, expected):
    assert expected == rule(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{P16: 1}", Compare("=", Name("P16"), Text("1"))),
        ("{P16: 01}", Compare("=", Name("P16"), Text("01"))),
        ("{P16: [1, 2]}", In(Name("P16"), (Text("1"), Text("2")))),
        ("{P16: 1..9}", Between(Name("P16"), Number(1.0, "1"), Number(9.0, "9"))),
        ('{P16: ""}', IsMissing(Name("P16"))),
        ("{P16: }", IsMissing(Name("P16"))),
        (
            '{P16: [4, 5..9, ""]}',
            Or(
                (
                    In(Name("P16"), (Text("4"), Range(Number(5.0, "5"), Number(9.0, "9")))),
                    IsMissing(Name("P16")),
                )
            ),
        ),
        ("{a: 1, b: 2}", And((Compare("=", Name("a"), Text("1")), Compare("=", Name("b"), Text("2"))))),
        ('"P16 = 1"', Compare("=", Name("P16"), Number(1.0, "1"))),
    ],
)
def test_each_form_of_condition(rule, text, expected):
    cases = rule(f"{{cases: [{{when: {text}, give: REF}}, {{else: _U}}]}}")

    assert isinstance(cases, Cases)
    assert expected == cases.arms[0].when
    assert Fixed("_U", HERE) == cases.otherwise


def test_an_arm_holds_any_rule(rule):
    cases = rule("{cases: [{when: {A: 1}, from: B, recode: {1: KEN}}, {else: true, from: C, recode: {2: UGA}}]}")

    assert isinstance(cases, Cases)
    assert Recode(("B",), (line("1", "KEN"),), HERE) == cases.arms[0].rule
    assert Recode(("C",), (line("2", "UGA"),), HERE) == cases.otherwise


PLAIN = "from,to,label\n165,SUHH,USSR\n1..56,USA,United States\n"


@pytest.mark.parametrize(
    "saved",
    [
        PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.replace("from", "P15"),
        PLAIN + "\n,,\n",
        PLAIN.replace("USSR", '"USSR"'),
    ],
    ids=["plain", "windows", "semicolons", "tabs", "bom", "named for the column", "blank lines", "quotes"],
)
def test_a_table_is_read_however_it_was_saved(rule, saved):
    expected = (
        line("165", "SUHH", Place("tables/p15.csv", 2), label="USSR"),
        line("1..56", "USA", Place("tables/p15.csv", 3), label="United States"),
    )

    assert Recode(("P15",), expected, HERE, table="tables/p15.csv") == rule(
        "{from: P15, recode: tables/p15.csv}", p15=saved
    )


def test_the_lines_of_a_table_have_dates_and_reasons(rule):
    table = "from,to,match,because,valid_from,valid_to\n5,SUHH,broader,as asked,,1992\n5,RUS,,,1992-01-01,2003-Q3\n"
    read = rule("{from: P15, recode: tables/p15.csv}", p15=table)

    assert isinstance(read, Recode)
    assert [
        ("SUHH", "broader", "as asked", None, datetime.date(1992, 1, 1)),
        ("RUS", "exact", "", datetime.date(1992, 1, 1), datetime.date(2003, 7, 1)),
    ] == [(line.code, line.match, line.because, line.valid_from, line.valid_to) for line in read.lines]


def test_a_line_break_in_quotes_keeps_the_count_of_lines(rule):
    table = 'from,to,label\n1,KEN,"Kenya,\nRepublic of"\n2,UGA,Uganda\n'
    read = rule("{from: P15, recode: tables/p15.csv}", p15=table)

    assert isinstance(read, Recode)
    assert [2, 4] == [line.place.line for line in read.lines]


def test_the_head_of_a_mapping(read):
    mapping = read(
        """\
id: USA_ACS_2018
version: "1.1"
into: PERSON
notes: read this first
source:
  kind: survey
  by: US Census Bureau
  area: USA
  date: 2018-Q3
  population: de jure
  birthplace: mother's residence
  weight: {from: PWGTP, divide_by: 100}
  replicates: {columns: [PWGTP08..PWGTP11, LAST], method: SDR}
  strata: [ST, PUMA]
  identifiers: NAME
  format: {delimiter: tab, quote: none, missing: ["", "."], header: 3, trim: yes, member: "*.csv"}
waves:
  w1: {date: 2018-03, columns: {SEX1: A1}, not_collected: [COB]}
keep:
  - {column: P00, is: [1, 4..6], because: residents}
  - {when: AGEP >= 15, because: adults}
rules:
  SEX: {from: SEX1, recode: {1: M}, universe: "AGEP >= 1", match: narrower, because: as registered}
examples:
  - {given: {SEX1: 1, AGEP: }, gives: {SEX: M}, wave: w1}
  - {given: {P00: 3}, gives: nothing}
  - {given: {SEX1: 7}, gives: reject}
"""
    )
    source, target = mapping.source, mapping.targets[0]

    assert ("USA_ACS_2018", "1.1", "PERSON", "read this first") == (
        mapping.id,
        mapping.version,
        mapping.into,
        mapping.notes,
    )
    assert ("2018-Q3", datetime.date(2018, 7, 1)) == (source.period, source.date)
    assert ("de jure", "mother's residence", "") == (source.population, source.birthplace, source.boundaries)
    assert ("PWGTP", 100.0) == (source.weight, source.weight_divide_by)
    assert ("PWGTP08", "PWGTP09", "PWGTP10", "PWGTP11", "LAST") == source.replicates
    assert (("ST", "PUMA"), ("NAME",)) == (source.strata, source.identifiers)
    assert ("\t", "", ("", "."), 3, True, "*.csv") == (
        source.format.delimiter,
        source.format.quote,
        source.format.missing,
        source.format.header,
        source.format.trim,
        source.format.member,
    )
    assert [("w1", datetime.date(2018, 3, 1), {"SEX1": "A1"}, ("COB",))] == [
        (wave.id, wave.date, wave.columns, wave.not_collected) for wave in mapping.waves
    ]
    adults = Compare(">=", Name("AGEP"), Number(15.0, "15"))
    assert (
        Keep(Place("mapping.yaml", 20), "residents", "P00", ("1", "4..6")),
        Keep(Place("mapping.yaml", 21), "adults", when=adults),
    ) == mapping.keep
    assert ("narrower", "as registered") == (target.match, target.because)
    assert [({"SEX1": "1", "AGEP": ""}, {"SEX": "M"}, "w1", False), ({"P00": "3"}, None, "", False)] == [
        (example.given, example.gives, example.wave, example.reject) for example in mapping.examples[:2]
    ]
    assert mapping.examples[2].reject


def test_every_file_that_was_read_is_named_with_its_hash(read):
    text = HEAD + "rules:\n  X: {from: A, recode: tables/a.csv}\n  Y: {from: B, recode: tables/a.csv}\n"
    mapping = read(text, a=PLAIN)

    assert ["mapping.yaml", "tables/a.csv"] == list(mapping.files)
    assert mapping.files == read(text, a=PLAIN).files
    assert mapping.files["tables/a.csv"] != read(text, a=PLAIN.replace("USA", "KEN")).files["tables/a.csv"]


def test_everything_wrong_is_told_at_once_in_the_order_of_the_files(read):
    text = HEAD + "rules:\n  A: {form: P1}\n  B: {from: P2, recode: tables/b.csv}\n  C: {from: P3, date: dd/mm}\n"

    with pytest.raises(MigstatError) as caught:
        read(text.replace("1.0", "one"), b="from,to\n1,\n9..2,KEN\n")

    assert [
        ("mapping.yaml:2", ""),
        ("mapping.yaml:6", "A"),
        ("mapping.yaml:8", "C"),
        ("tables/b.csv:2", "B"),
        ("tables/b.csv:3", "B"),
    ] == [(str(finding.place), finding.component) for finding in caught.value.findings]


def test_a_list_of_formats_of_a_date_is_told_how_to_be_written(rule):
    with pytest.raises(MigstatError) as raised:
        rule("{from: D, date: [dd/mm/yyyy, yyyy-mm-dd]}")

    assert str(raised.value).endswith(
        "a date is written in one format, and a list stands here\n"
        "  Mend: write cases, an arm for each format, with matches(COLUMN, '....-..-..') and its like as the conditions"
    )


def test_a_link_out_of_the_folder_is_refused(read, tmp_path):
    outside = tmp_path.parent / f"{tmp_path.name}_outside.csv"
    outside.write_text(PLAIN, encoding="utf-8")
    (tmp_path / "tables").mkdir()
    try:
        (tmp_path / "tables" / "link.csv").symlink_to(outside)
    except OSError:
        pytest.skip("needs a system that lets one make links")

    with pytest.raises(MigstatError, match="outside the folder of the mapping"):
        read(HEAD + "rules:\n  X: {from: A, recode: tables/link.csv}\n")


@given(order=st.permutations(["SEX", "AGE", "COUNTRY_BIRTH", "RESID_1Y"]))
def test_the_order_of_rules_does_not_matter(order, tmp_path_factory):
    rules = {
        "SEX": "{from: P12, recode: {1: M, 2: F}}",
        "AGE": "{from: P11}",
        "COUNTRY_BIRTH": "{from: P15, recode: {1: KEN}}",
        "RESID_1Y": "{not_collected: not asked}",
    }
    path = tmp_path_factory.mktemp("order") / "mapping.yaml"

    def words(names: list[str]) -> dict[str, object]:
        path.write_text(HEAD + "rules:\n" + "".join(f"  {name}: {rules[name]}\n" for name in names), encoding="utf-8")
        mapping = read_mapping(path)
        return {target.component: _without_places(target.rule) for target in mapping.targets}

    assert words(list(rules)) == words(order)


def _without_places(rule: Rule) -> object:
    return type(rule), [(line.values, line.code) for line in getattr(rule, "lines", ())], getattr(rule, "column", "")


PERSON = Structure(
    "PERSON",
    "record",
    "1.0",
    {"en": "Persons", "fr": "Personnes"},
    "",
    "person",
    (),
    (
        Component("SEX", "SEX", "dimension", "code", "CL_SEX", required=True, names={"en": "Sex", "fr": "Sexe"}),
        Component("AGE", "AGE", "dimension", "integer", minimum=0, maximum=130, names={"en": "Age", "fr": "Âge"}),
        Component("COUNTRY_BIRTH", "COUNTRY_BIRTH", "dimension", "code", "CL_COUNTRY_BIRTH"),
        Component("RESID_1Y", "RESID_1Y", "dimension", "code", "CL_RESID_PRIOR"),
        Component("RESID_5Y", "RESID_5Y", "dimension", "code", "CL_RESID_PRIOR"),
        Component("CITIZENSHIP", "CITIZENSHIP", "dimension", "code", "CL_CITIZENSHIP"),
    ),
)

TOLD = """\
KEN_2019, version 1.0: makes records of PERSON (Persons).

The source is a census of Kenya (KEN) by Kenya National Bureau of Statistics, 2019-08-24.
A row is named by HHID and LINE.

Only rows whose P00 is 1 or 4 to 6 are kept: residents.

SEX (Sex)
  From P12.
  1 becomes Male (M).
  2 becomes Female (F).
  8 and 9 become not stated (_N).
  Any other value makes the row a reject.

AGE (Age)
  The value of P11.
  97 stands for 97 and above.

COUNTRY_BIRTH (COUNTRY_BIRTH)
  Where P14 is 1: Kenya (KEN).
  Else where P14 is 2 and P15 is not blank:
    From P15.
    601 becomes Uganda (UGA).
    699 becomes Africa (M49_002) (broader, because not told apart).
    Any other value becomes unknown (_U).
  In all other rows: unknown (_U).

RESID_1Y (RESID_1Y)
  Asked only where P11 is at least 1; elsewhere it is not applicable (_Z).
  From MIG.
  1 becomes In the same dwelling (SAME_HOUSE).
  Any other value makes the row a reject.
  What the source says is broader than what the component means: months are not asked.

RESID_5Y (RESID_5Y)
  Not collected (_X): the form asks one year only.

No rule speaks of CITIZENSHIP: the records do not have these columns.
"""


KENYA = (
    HEAD
    + """\
keep:
  - {column: P00, is: [1, 4..6], because: residents}
rules:
  SEX: {from: P12, recode: {1: M, 2: F}, not_stated: [8, 9]}
  AGE: {from: P11, top: 97}
  COUNTRY_BIRTH:
    cases:
      - {when: {P14: 1}, give: KEN}
      - when: P14 = 2 and P15 is not missing
        from: P15
        recode: {601: UGA, 699: {to: M49_002, match: broader, because: not told apart}}
        else: _U
      - {else: _U}
  RESID_1Y: {from: MIG, universe: P11 >= 1, recode: {1: SAME_HOUSE}, match: broader, because: months are not asked}
  RESID_5Y: {not_collected: the form asks one year only}
"""
)


@pytest.fixture
def kenya(read):
    return read(KENYA)


def test_a_mapping_is_told_in_plain_sentences(kenya):
    assert TOLD == explain(kenya, PERSON, codelist)


def test_values_of_the_source_are_told_in_their_own_letters(read):
    mapping = read(HEAD + 'rules:\n  SEX: {from: P1, recode: {hombre: M, mujer: F, "": _N}}\n')
    told = explain(mapping, PERSON, codelist)

    assert "  hombre becomes Male (M).\n  mujer becomes Female (F).\n  A blank becomes not stated (_N).\n" in told


def test_the_names_of_codes_are_told_in_a_language(kenya):
    told = explain(kenya, PERSON, codelist, "fr")

    assert "SEX (Sexe)" in told
    assert "601 becomes Ouganda (UGA)." in told


def test_nothing_is_wrong_with_a_right_mapping(kenya):
    assert [] == lint(kenya, PERSON, codelist)


def test_a_long_table_is_told_by_its_first_lines(read):
    lines = "".join(f"{number},KEN,{'broader' if number > 50 else ''}\n" for number in range(100))
    mapping = read(
        HEAD + "rules:\n  COUNTRY_BIRTH: {from: P15, recode: tables/p15.csv}\n", p15="from,to,match\n" + lines
    )
    told = explain(mapping, PERSON, codelist)

    assert "From P15, by 100 lines of tables/p15.csv." in told
    assert "And 88 more lines; see tables/p15.csv." in told
    assert "49 of all lines are broader." in told


def test_former_states_may_be_named_as_what_they_were(read):
    text = (
        HEAD + "rules:\n  SEX: {fixed: M}\n  COUNTRY_BIRTH: {from: P15, recode: [{from: 165, to: SUHH, label: USSR}]}\n"
    )

    assert [] == lint(read(text), PERSON, codelist)


def test_a_folder_is_read_by_the_mapping_in_it(tmp_path: Path):
    (tmp_path / "mapping.yaml").write_text(HEAD + "rules:\n  SEX: {fixed: M}\n", encoding="utf-8")

    assert "KEN_2019" == read_mapping(tmp_path).id


WORDS = st.sampled_from(
    ["", "1", "9..1", "*", "a: b", "[]", "{}", "[[1]]", "{a: {b: 1}}", "null", "-1", "true", "'x", "2019", "_U"]
)


@given(data=st.data())
def test_a_mapping_that_is_wrong_anywhere_is_told_and_not_fallen_over(data, tmp_path_factory):
    lines = KENYA.splitlines()
    number = data.draw(st.integers(0, len(lines) - 1))
    before, colon, _ = lines[number].partition(data.draw(st.sampled_from([": ", ", ", "{", "["])))
    lines[number] = before + colon + data.draw(WORDS)
    path = tmp_path_factory.getbasetemp() / "wrong.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        findings = lint(read_mapping(path), PERSON, codelist)
    except MigstatError as error:
        findings = list(error.findings)

    assert all(finding.what and finding.mend for finding in findings)


@pytest.mark.parametrize(
    ("column", "word", "what", "mend"),
    [
        ("confidence", "verifed", "confidence: verifed is not known", "write verified"),
        ("match", "exakt", "match: exakt is not known", "write exact"),
    ],
)
def test_a_word_that_is_wrong_in_every_line_is_told_once(read, column, word, what, mend):
    table = f"from,to,{column}\n" + "".join(f"{value},KEN,{word}\n" for value in range(735))
    rules = "rules:\n  X: {from: A, recode: tables/t.csv}\n  Y: {from: B, recode: tables/t.csv}\n"
    expected = ("tables/t.csv:2", f"{what}: 735 lines: 2, 3, 4, 5, 6 and others", mend)

    with pytest.raises(MigstatError) as caught:
        read(HEAD + rules, t=table)

    assert [expected] == [(str(one.place), one.what, one.mend) for one in caught.value.findings]
