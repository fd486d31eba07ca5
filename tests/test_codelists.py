"""The codelists that ship are whole, and a codelist answers what it is asked."""

import datetime
import re
import time
from collections import Counter

import pytest

from migstat.read.codelists import CodelistError, codelist, codelist_ids, data_folder, read_codelist
from migstat.words.codelist import LANGUAGES, Code, Codelist, UnknownCode

ASKED = [
    "CL_SEX",
    "CL_AGE",
    "CL_AREA",
    "CL_AREA_HIST",
    "CL_AREA_GROUP",
    "CL_COUNTRY_BIRTH",
    "CL_CITIZENSHIP",
    "CL_MIG_DEF",
    "CL_MIGRANT",
    "CL_MIG_STATUS",
    "CL_MIG_REASON",
    "CL_DURATION",
    "CL_RESID_PRIOR",
    "CL_ACQUISITION",
    "CL_PERMIT_REASON",
    "CL_SOURCE_TYPE",
    "CL_OBS_STATUS",
    "CL_CONF_STATUS",
    "CL_FREQ",
    "CL_UNIT_MEASURE",
    "CL_UNIT_MULT",
    "CL_DECIMALS",
    "CL_YES_NO",
    "CL_MISSING",
]
DIMENSIONS = [
    "CL_SEX",
    "CL_AGE",
    "CL_AREA",
    "CL_COUNTRY_BIRTH",
    "CL_CITIZENSHIP",
    "CL_MIG_STATUS",
    "CL_MIG_REASON",
    "CL_DURATION",
    "CL_RESID_PRIOR",
    "CL_ACQUISITION",
    "CL_PERMIT_REASON",
    "CL_EDUCATION",
    "CL_LABOUR",
    "CL_RELATIONSHIP",
    "CL_MARITAL",
    "CL_URBAN",
    "CL_TRAVEL_MODE",
    "CL_YES_NO",
]


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.fixture(params=codelist_ids())
def listed(request: pytest.FixtureRequest) -> Codelist:
    return codelist(request.param)


# Every list that ships


def test_every_list_that_was_asked_for_is_there():
    assert set(ASKED) <= set(codelist_ids())


def test_every_code_has_a_name_in_every_language(listed: Codelist):
    missing = [(code.id, lang) for code in listed for lang in LANGUAGES if not code.names.get(lang, "").strip()]

    assert missing == []
    assert all(listed.names[language] for language in LANGUAGES)


def test_no_name_has_stray_space_or_the_letters_of_another_script(listed: Codelist):
    scripts = {"ru": "[а-яА-Я]", "zh": "[\u4e00-\u9fff]", "ar": "[\u0600-\u06ff]"}
    stray = [code.id for code in listed for name in code.names.values() if name != name.strip() or "  " in name]
    foreign = [(code.id, lang) for code in listed for lang in scripts if not re.search(scripts[lang], code.names[lang])]

    assert stray == []
    assert foreign == []


def test_no_two_codes_of_a_list_have_the_same_english_name(listed: Codelist):
    twice = {name: n for name, n in Counter(code.names["en"] for code in listed).items() if n > 1}

    assert twice == {}


def test_ids_are_sdmx_ids_and_the_files_end_lines_with_lf(listed: Codelist):
    for suffix in (".csv", ".toml"):
        raw = (data_folder("codelists") / f"{listed.id}{suffix}").read_bytes()
        assert b"\r" not in raw
        assert not raw.startswith(b"\xef\xbb\xbf")
        raw.decode("utf-8")
    assert all(re.fullmatch(r"[A-Za-z0-9_@$-]+", id) for id in listed.ids)
    assert len(set(listed.ids)) == len(listed)


def test_the_header_says_where_a_list_comes_from(listed: Codelist):
    assert listed.source
    assert listed.licence
    assert listed.description
    assert isinstance(listed.retrieved, datetime.date)
    assert listed.agency in {"SDMX", "MIGSTAT"}
    assert (listed.agency == "SDMX") == (listed.standing == "standard")


def test_bounds_nest_in_the_bounds_of_the_parent(listed: Codelist):
    for code in listed:
        inner, outer = listed.bounds(code.id), listed.bounds(code.parent) if code.parent else None
        if inner is None or outer is None:
            continue
        assert inner[0] >= outer[0], code.id
        assert outer[1] is None or (inner[1] is not None and inner[1] <= outer[1]), code.id


@pytest.mark.parametrize("id", DIMENSIONS)
def test_a_dimension_has_the_kinds_of_missing_and_a_total(id: str):
    expected = {"_N", "_U", "_Z", "_X", "_T"}

    assert expected <= set(codelist(id).ids)
    assert all(codelist(id).level(kind) == 0 for kind in expected)


# Ages


def test_single_years_roll_up_to_bands():
    ages = codelist("CL_AGE")

    assert ages.ancestors("Y34") == ("Y30T34", "Y15T64")
    assert ages.ancestors("Y_GE97") == ("Y_GE65",)
    assert ages.ancestors("Y_LT1") == ("Y0T4", "Y0T14")
    assert ages.roll_up("Y7", 1) == "Y5T9"
    assert ages.roll_up("Y7", 0) == "Y0T14"
    assert ages.roll_up("Y7", 5) == "Y7"
    assert ages.bounds("Y15T19") == (15, 19)
    assert ages.bounds("Y_GE85") == (85, None)
    assert ages.bounds("_U") is None


def test_the_main_tree_of_ages_has_each_year_once():
    ages = codelist("CL_AGE")
    main = [code for code in ages if code.attributes["tree"] == "main"]
    leaves = [code.lower for code in main if code.lower == code.upper]
    tops = [ages.bounds(code.id) for code in main if code.parent is None]

    assert list(range(131)) == leaves
    assert [(0, 14), (15, 64), (65, None)] == tops


# The word itself

SMALL = Codelist(
    id="CL_SMALL",
    codes=(
        Code("A", {"en": "Alpha", "fr": "Alpha (fr)"}),
        Code("A1", {"en": "Alpha one"}, "A", lower=0, upper=4),
        Code("A11", {"en": "Alpha one one"}, "A1"),
        Code("A2", {"en": "Alpha two"}, "A", valid_from=day("2000-01-01"), valid_to=day("2010-01-01")),
        Code("B", {"en": "Beta"}),
    ),
)


def test_a_codelist_answers():
    assert len(SMALL) == 5
    assert [code.id for code in SMALL] == list(SMALL.ids)
    assert "A1" in SMALL
    assert "C" not in SMALL
    assert SMALL.label("A", "fr") == "Alpha (fr)"
    assert SMALL.label("B", "fr") == "Beta"
    assert SMALL.parent("A11") == "A1"
    assert SMALL.ancestors("A11") == ("A1", "A")
    assert SMALL.children() == ("A", "B")
    assert SMALL.children("A") == ("A1", "A2")
    assert SMALL.descendants("A") == ("A1", "A11", "A2")
    assert SMALL.leaves("A") == ("A11", "A2")
    assert SMALL.leaves("B") == ("B",)
    assert SMALL.leaves() == ("A11", "A2", "B")
    assert SMALL.is_leaf("B")
    assert [SMALL.level(id) for id in SMALL.ids] == [0, 1, 2, 1, 0]
    assert [SMALL.roll_up(id, 1) for id in SMALL.ids] == ["A", "A1", "A1", "A2", "B"]
    assert [SMALL.valid_at("A2", day(d)) for d in ("1999-12-31", "2000-01-01", "2010-01-01")] == [False, True, False]
    assert SMALL.bounds("A1") == (0, 4)


def test_an_unknown_code_names_the_list_and_the_nearest():
    with pytest.raises(UnknownCode) as error:
        codelist("CL_COUNTRY_BIRTH")["KEM"]

    assert str(error.value).startswith("CL_COUNTRY_BIRTH has no code 'KEM'; nearest: KEN")
    for question in (SMALL.children, SMALL.ancestors, SMALL.bounds, SMALL.leaves, SMALL.label):
        with pytest.raises(UnknownCode, match="CL_SMALL has no code 'ZZZ'"):
            question("ZZZ")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Kenia", "KEN"), ("Allemagne", "DEU"), ("036", "AUS"), ("NA", "NAM"), ("ukrane", "UKR"), ("中国", "CHN")],
)
def test_nearest_reads_ids_names_and_aliases(typed: str, meant: str):
    assert meant == codelist("CL_COUNTRY_BIRTH").nearest(typed)[0]


def test_nearest_finds_nothing_in_nothing():
    assert codelist("CL_SEX").nearest(" ") == ()
    assert codelist("CL_SEX").nearest("qqqqqq") == ()


def test_a_fingerprint_depends_on_content_only():
    folder = data_folder("codelists")
    again = read_codelist(folder / "CL_SEX.csv", folder / "CL_SEX.toml")

    assert codelist("CL_SEX").fingerprint == again.fingerprint
    assert re.fullmatch("[0-9a-f]{64}", again.fingerprint)
    assert SMALL.fingerprint != Codelist(id="CL_SMALL", codes=SMALL.codes[:-1]).fingerprint


def test_the_longest_list_of_areas_loads_at_once():
    folder = data_folder("codelists")
    times = []
    for _ in range(5):
        start = time.perf_counter()
        read_codelist(folder / "CL_COUNTRY_BIRTH.csv", folder / "CL_COUNTRY_BIRTH.toml")
        times.append(time.perf_counter() - start)

    assert min(times) < 0.05


def test_an_unknown_codelist_is_named_with_its_neighbours():
    with pytest.raises(CodelistError, match="CL_SEXX\n  there is no such codelist\n  Mend: write one of CL_SEX"):
        codelist("CL_SEXX")
