"""Country names to codes: every name is its own, none is another's, and a likeness is never applied."""

import csv
import datetime
import gzip
import importlib.util
import subprocess
import sys

import babel
import pycountry
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import migstat as ms
from migstat.api.recognising import _recogniser
from migstat.read.area_names import area_names, read_area_names
from migstat.words.finding import MigstatError, Misuse
from migstat.work.names.spelling import plain

AREAS = [code for code in ms.codelist("CL_AREA") if code.attributes["kind"] == "country"]
FORMER = ms.codelist("CL_AREA_HIST")
REGIONS = [code for code in ms.codelist("CL_AREA") if code.attributes["kind"] == "region"]


def iso3(code):
    """The alpha-3 letters of an area, also of a former one."""
    return FORMER[code].attributes["iso3"] if code in FORMER else code


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# The laws.


def test_every_name_of_an_area_in_every_language_is_its_own():
    wrong = [
        (code.id, language, name)
        for code in AREAS
        for language, name in code.names.items()
        if ms.country(name).code != code.id or ms.country(name, language=language).code != code.id
    ]

    assert [] == wrong


def test_no_name_of_a_region_or_group_is_a_country():
    names = [name for code in (*REGIONS, *ms.codelist("CL_AREA_GROUP")) for name in code.names.values()]

    assert [] == [(name, found.code) for name in names if (found := ms.country(name)).code is not None]


def test_a_former_area_is_itself_or_marked_as_renamed():
    found = {name: ms.country(name) for code in FORMER for name in code.names.values()}
    known = {name: code.id for code in FORMER for name in code.names.values()}
    wrong = [name for name, one in found.items() if one.code not in (known[name], None) and one.mark != "renamed"]

    assert [] == wrong
    assert {"Papua", "Papúa"} == {name for name, one in found.items() if one.code is None}


def test_every_nationality_is_of_its_area_or_ambiguous_on_purpose():
    wrong = []
    for name in area_names():
        if name.kind == "nationality":
            code = ms.country(name.text, language=min(name.languages)).code
            if len(name.areas) > 1 or name.text == "papua":
                wrong += [(name.text, code)] if code is not None else []
            elif code != name.areas[0]:
                wrong.append((name.text, code))

    assert [] == wrong


def test_an_area_without_a_citizenship_of_its_own_is_the_only_one_without_a_nationality():
    named = {area for name in area_names() if name.kind == "nationality" for area in name.areas}
    without = {code.id for code in AREAS if code.id not in named}

    assert set() == {code for code in without if ms.codelist("CL_AREA")[code].attributes["citizenship"] == code}


@pytest.mark.parametrize("country", list(pycountry.countries), ids=lambda one: one.alpha_3)
def test_every_name_and_code_of_pycountry(country):
    texts = {
        country.name,
        getattr(country, "official_name", country.name),
        getattr(country, "common_name", country.name),
    }
    codes = [country.alpha_3, country.numeric, str(int(country.numeric)), f"{int(country.numeric)}.0"]
    alpha_2 = ms.country(country.alpha_2, system="ISO")

    assert {country.alpha_3} == {ms.country(text).code for text in (*texts, *codes)}
    assert country.alpha_3 == alpha_2.code


LATIN = sorted({name for code in AREAS for name in code.names.values() if name.isascii()})


@settings(max_examples=600)
@given(name=st.sampled_from(LATIN), data=st.data())
def test_a_name_with_one_edit_never_becomes_another_country(name, data):
    right = ms.country(name).code
    place = data.draw(st.integers(0, len(name) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    kind = data.draw(st.sampled_from(["replace", "insert", "remove", "swap"]))
    before, sign, after = name[:place], name[place], name[place + 1 :]
    edited = {
        "replace": before + letter + after,
        "insert": before + letter + sign + after,
        "remove": before + after,
        "swap": before + after[:1] + sign + after[1:],
    }[kind]
    found = ms.country(edited)
    # Gambia with a Z is Zambia, and nothing can be done about that.
    assume(plain(edited) not in _recogniser().gazetteer.spellings)

    assert found.code in (right, None)


@settings(max_examples=300)
@given(name=st.sampled_from([name for code in AREAS for name in code.names.values()]))
def test_case_and_spaces_do_not_matter(name):
    right = ms.country(name).code

    assert right == ms.country(f"  {name.upper()}\t").code == ms.country(name.replace(" ", "  ")).code


@settings(max_examples=300)
@given(text=st.text(max_size=40), least=st.floats(0, 1))
def test_any_text_has_an_answer_that_keeps_the_promises(text, least):
    found = ms.country(text, least=least)

    assert text == found.text
    assert found.reason
    assert len(found.candidates) <= 3
    assert found.code is None or (found.confidence >= least and found.how not in ("fuzzy", "ambiguous", "nothing"))
    assert found == ms.country(text, least=least)


# The cases of the field, beside the repository.


def test_the_pairs_of_the_field(shared):
    pairs = rows(shared / "cases" / "country_names" / "pairs.csv")
    wrong = [
        row["name"] for row in pairs if (code := ms.country(row["name"]).code) is None or iso3(code) != row["iso3"]
    ]

    # EAZ is in no list of ours: Zanzibar is given as Tanzania, marked as a part of it.
    assert ["Tanzania: Zanzibar"] == wrong
    assert "part" == ms.country("Tanzania: Zanzibar").mark


def test_none_of_the_negatives_of_the_field(shared):
    found = [ms.country(row["name"]) for row in rows(shared / "cases" / "country_names" / "no_match.csv")]

    assert [] == [one for one in found if one.code is not None]


def test_former_states_of_the_field_are_never_folded_in_silence(shared):
    for row in rows(shared / "cases" / "country_names" / "former.csv"):
        found = ms.country(row["name"])
        allowed = found.code in (row["iso3166_3"], None) or found.mark == "renamed"

        assert allowed, found
        assert found.code != row["never_silently"]
        assert found.code or found.candidates


@pytest.fixture(scope="module")
def nationalities(shared):
    folder = shared / "data" / "uk_gss_codelists" / "codelists"
    files = ("ho-country-of-nationality-wikidata.csv", "dwp-nationalities-wikidata.csv")
    return [rows(folder / file) for file in files]


def test_two_lists_of_nationalities_meet_where_wikidata_says_so(nationalities):
    codes = [
        {row["Wikidata ID"]: (row["Label"], ms.country(row["Label"])) for row in listed if row["Wikidata ID"]}
        for listed in nationalities
    ]
    both = codes[0].keys() & codes[1].keys()
    right = [id for id in both if codes[0][id][1].code and codes[0][id][1].code == codes[1][id][1].code]
    wrong = {
        (one, other)
        for id, (one, first) in codes[0].items()
        for item, (other, second) in codes[1].items()
        if id != item and first.code is not None and first.code == second.code
    }

    assert (220, 220) == (len(both), len(right))
    # The same label stands in both lists with two ids, which no matcher of labels can tell.
    assert all(one == other for one, other in wrong), wrong
    assert {"Cyprus", "Falkland Islands", "French Polynesia"} == {one for one, _ in wrong}


def test_groups_among_nationalities_match_nothing(nationalities):
    groups = [row["Label"] for listed in nationalities for row in listed if not row["Wikidata ID"]]

    assert [] == [label for label in groups if ms.country(label).code is not None]


def test_the_places_of_the_cps(shared):
    with gzip.open(shared / "data" / "us_cps_kdd" / "census-income.test.gz", "rt") as file:
        places = sorted({place.strip() for line in file for place in line.split(",")[32:35]} - {"?"})
    found = {place: ms.country(place, at=datetime.date(1995, 3, 1)) for place in places}
    special = {"Columbia", "Holand-Netherlands", "Trinadad&Tobago", "England", "Scotland", "Yugoslavia", "Hong Kong"}

    assert 42 == len(places)
    assert ["Outlying-U S (Guam USVI etc)"] == [place for place, one in found.items() if one.code is None]
    assert {"COL", "NLD", "TTO", "GBR", "YUCS", "HKG"} == {found[place].code for place in special}
    assert {"part"} == {found[place].mark for place in ("England", "Scotland")}
    for place in set(places) - special - {"Outlying-U S (Guam USVI etc)"}:
        name = place.replace("-", " ").replace("United States", "United States of America")
        names = {plain.casefold() for plain in ms.codelist("CL_AREA")[found[place].code].names.values()}
        known = {"Iran", "Laos", "South Korea", "Taiwan", "Vietnam", "Bolivia"}

        assert name.casefold() in names or place in known, place


def test_the_nationalities_of_irish_permits(shared):
    path = shared / "data" / "ireland_permits" / "domestic_residence_permissions.csv"
    with path.open(encoding="latin-1", newline="") as file:
        names = sorted({row["Nationality"] for row in csv.DictReader(file)})
    without = {name for name in names if ms.country(name).code is None}

    assert 217 <= len(names)
    assert {"*Other", "Ceuta", "Melilla", "Dual Nationality"} == without


STATES = {"Indiana": "IN", "California": "CA", "Georgia": "GA", "Delaware": "DE", "Maine": "ME", "Alabama": "AL",
          "Colorado": "CO", "Louisiana": "LA", "Massachusetts": "MA", "Maryland": "MD", "Missouri": "MO"}  # fmt: skip


@pytest.mark.parametrize(("state", "letters"), STATES.items())
def test_a_state_of_the_union_with_its_letters_is_no_country(state, letters):
    texts = (f"{state}/{letters}", f"{state} ({letters})", f"{state}, {letters}", f"{state}, USA")

    assert {None} == {ms.country(text).code for text in texts}


# What is asked of it beside.

RIGHT = {
    "COD": "Congo, Dem. Rep.|Congo, DRC|Zaire (now DR Congo)|RD Congo|Demokratische Republik Kongo|Congo (Kinshasa)",
    "COG": "Congo, Rep.|Republik Kongo|Congo/Brazzaville",
    "PRK": "Corée (Rép. pop. dém.)|Korea, D.P.R.|Nordkorea|朝鲜民主主义人民共和国|Korea (Dem. People's Rep. of)",
    "ESP": "Spain (not otherwise stated)",
    "NIU": "Niue Island",
    "KOR": "Korea (the Republic of) South Korea|Rép. de Corée|Corea (República de)|韩国|대한민국|S. Korea",
    "CIV": "CÃ´te dâ€™Ivoire|Ivory Coast (Côte d'Ivoire)|COTE D`IVOIRE|ساحل العاج",
    "EGY": "مصر|جمهورية مصر العربية|Egypt, Arab Republic of",
    "MKD": "Macedonia (Former Yug. Rep)|TFYR Macedonia|Macedonia, The Former Yugoslav Rep. of",
    "VEN": "Venezuela, Rep. Bol. de|VENEZUELA (BOLIVARIAN REPUBLIC OF)",
    "CHN": "China excl. Taiwan|China, P.R.|VR China|中华人民共和国|China (without Hong Kong)",
    "TWN": "Taiwan (Province of China)|China, Republic of|臺灣",
    "HKG": "China (Hong Kong)|Hong Kong, China (SAR)|香港",
    "ATG": "Antigua and Barb.|Antigua &amp; Barbuda",
    "VCT": "St. Vin. and Gren.|St Vincent & The Grenadines",
    "SWZ": "Eswatini (former Swaziland)|Swaziland",
    "PRT": "Portugal (incl. Azores and Madeira)|Португалия",
    "GBR": "U. K.|United Kingdom of GB & NI|Ireland (Northern)",
    "DEU": "Deutschland|المانيا|德国|deutsche Staatsangehörige|allemande",
    "SUHH": "URSS|СССР|Former Soviet Union|苏联|UdSSR",
    "FRG_280": "West Germany|Westdeutschland",
    "SUDAN_736": "Sudan (former)",
    "RUS": "россиянин|Российская Федерация|俄罗斯人",
    "IRQ": "عراقي|iraquí|Irak|irakische",
    "NER": "nigérien|nigerino|Niger",
    "NGA": "nigérian|nigeriana|Nigerian citizen",
    "PSE": "Occ. Palestinian Terr.|West Bank/Gaza",
    "GNQ": "Guinea, Equatorial|Eq. Guinea|ecuatoguineana",
}


@pytest.mark.parametrize(("code", "texts"), RIGHT.items())
def test_many_ways_to_write_a_country(code, texts):
    assert {code} == {ms.country(text).code for text in texts.split("|")}


REFUSED = """Georgia (USA)|Atlanta, Georgia|Paris, France|New York, USA|Mexico City|Africa (other)|Asia excl. China|
Other EU|Channel Islands|Virgin Islands|Czech Republic/Slovakia|Germany and Austria|USA or Canada|Niger/Nigeria|
Republic|Islands|United|New|Democratic Republic|Stateless|N/A|NA|n/a|no|in|XX|999|00|Total|Arab|American Indian|Guiana|
Republic of Texas|Lower Austria|Jersey City|Kuwait City|West Germany and East Germany|Korean|Congolese|Dominican|
Yugoslavia|Micronesia|Sharjah|Antigua|Raj of Sarawak|New South Wales|Gold Coast, Australia|Moldavia, Romania|
Gulf countries|Korea, unspecified|Africa North|Irian Jaya|CS|AN|ANT|YUG|891|fr|002|Austrlia|Kongo|
Coreia|Coréia|Корея|كوريا|Corée|Corea"""


@pytest.mark.parametrize("text", REFUSED.replace("\n", "").split("|"))
def test_what_is_no_single_country_has_no_code(text):
    assert ms.country(text).code is None


@pytest.mark.parametrize(
    ("text", "system", "code"),
    [
        ("CH", None, "CHE"),
        ("CH", "FIPS", "CHN"),
        ("NA", "ISO", "NAM"),
        ("na", "ISO2", "NAM"),
        ("AUS", None, "AUS"),
        ("AUS", "UNHCR_ORIGIN", "AUT"),
        ("GER", None, "DEU"),
        ("SUI", "ioc", "CHE"),
        ("BRN", "IOC", "BHR"),
        ("BRN", None, "BRN"),
        ("036", None, "AUS"),
        ("36", None, "AUS"),
        ("36.0", "M49", "AUS"),
        (36, None, "AUS"),
        ("280", None, "FRG_280"),
        ("EL", "ESTAT_GEO", "GRC"),
        ("EL", None, None),
        ("ZZ", "FIPS", None),
        ("RS", "FIPS", "RUS"),
        ("China", "FIPS", "CHN"),
        ("SUHH", None, "SUHH"),
        ("DDR", None, "DDDE"),
        ("BUR", None, "MMR"),
    ],
)
def test_codes_and_whose_they_are(text, system, code):
    [found] = ms.countries([text], system=system)

    assert code == found.code


@pytest.mark.parametrize(
    ("text", "at", "code", "mark"),
    [
        ("Burma", None, "MMR", "renamed"),
        ("Burma", "1980-01-01", "BUMM", "former"),
        ("Myanmar", "1980-01-01", "BUMM", "former"),
        ("Burma", "2020-01-01", "MMR", "renamed"),
        ("Yugoslavia", "1985-01-01", "SFRY_890", "former"),
        ("Yugoslavia", "1995-01-01", "YUCS", "former"),
        ("YUG", "1995-01-01", "YUCS", "former"),
        ("891", "2004-01-01", "CSXX", "former"),
        ("Sudan", "2005-01-01", "SUDAN_736", "former"),
        ("Sudan", "2015-01-01", "SDN", ""),
        ("Serbia", "2007-01-01", "SERBIA_INCL_XK", "former"),
        ("Ethiopia", "1980-01-01", "ETHIOPIA_230", "former"),
        ("Ukraine", "1985-01-01", "UKR", "not yet"),
        ("Slovakia", "1985-01-01", "SVK", "not yet"),
        ("Croatia", "1985-01-01", "HRV", "not yet"),
        ("USSR", "2020-01-01", "SUHH", "former"),
        ("Germany", "1980-01-01", None, ""),
        ("DE", "1980-01-01", "FRG_280", "former"),
        ("GE", "1975-01-01", None, ""),
        ("Netherlands Antilles", None, "ANHH", "former"),
        ("AN", "1990-01-01", "ANHH", "former"),
        ("France", "1980-01-01", "FRA", ""),
        ("Indonesia", "1980-01-01", "IDN", ""),
    ],
)
def test_the_day_decides(text, at, code, mark):
    found = ms.country(text, at=None if at is None else datetime.date.fromisoformat(at))

    assert (code, mark) == (found.code, found.mark)


def test_a_likeness_is_proposed_and_never_applied():
    found = ms.country("Afganistn", least=0.0)

    assert (None, "fuzzy", 0.0) == (found.code, found.how, found.confidence)
    assert "AFG" == found.candidates[0].code
    assert "no area bears this name; like 'afganistan' (AFG): a proposal only" == found.reason


@pytest.mark.parametrize("text", ["Amercan Samoa", "Noth Korea", "Frnch Guiana", "Equatoral Guinea", "Czesh Republic"])
def test_a_misspelt_word_beside_words_that_others_share_is_a_proposal(text):
    found = ms.country(text)

    assert (None, "fuzzy") == (found.code, found.how)
    assert found.candidates


def test_below_the_threshold_a_code_is_a_candidate_only():
    found = ms.country("England", least=0.95)

    assert (None, 0.0) == (found.code, found.confidence)
    assert ["GBR"] == [one.code for one in found.candidates]
    assert "a part of GBR; 0.92 is below 0.95" == found.reason


def test_the_language_chooses_where_languages_differ():
    assert (None, "COD", "COG") == tuple(ms.country("Kongo", language=one).code for one in (None, "nb", "pl"))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"system": "FIPZ"}, "there is no system of codes FIPZ\n  Mend: write FIPS"),
        ({"least": 2}, "least: 2 is not between 0 and 1\n  Mend: 0.9 lets through what leaves no doubt"),
    ],
)
def test_wrong_uses(asked, message):
    with pytest.raises(Misuse) as error:
        ms.country("Peru", **asked)

    assert message in str(error.value)


def test_a_table_of_names_tells_all_its_faults_at_once(tmp_path):
    path = tmp_path / "names.csv"
    path.write_text("areas,kind,languages,name\nPER,nmae,,Perú\nPRU,alias,,Peru\n,alias,,Nowhere\n", encoding="utf-8")

    with pytest.raises(MigstatError) as error:
        read_area_names(path)

    assert [
        "names.csv:2: 'nmae' is not a kind of name",
        "names.csv:3: the area 'PRU' is neither in CL_AREA nor in CL_AREA_HIST",
        "names.csv:4: names no area",
    ] == [f"{one.place}: {one.what}" for one in error.value.findings]


def test_names_of_an_office_go_before_ours_and_are_read_anew_when_they_change(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("areas,kind,languages,name\nKOR,nationality,en,Korean\nPER,alias,,Piruw\n", encoding="utf-8")
    found = [ms.country(text, names=path).code for text in ("Korean", "Piruw", "Chile")]
    path.write_text("areas,kind,languages,name\nPRK,nationality,en,Korean\n,not a country,,Chile\n", encoding="utf-8")

    assert ["KOR", "PER", "CHL"] == found
    assert ["PRK", None, None] == [ms.country(text, names=path).code for text in ("Korean", "Piruw", "Chile")]
    assert None is ms.country("Korean").code


def test_the_names_of_cldr_are_those_of_the_tool(root):
    path = root / "tools" / "area_names.py"
    if not path.exists() or not babel.__version__.startswith("2.18"):
        pytest.skip("needs tools/, and Babel 2.18, whose names are in the table")
    spec = importlib.util.spec_from_file_location("area_names", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    written = [tuple(row.values()) for row in rows(tool.TABLE)]

    assert tool.rows() == written, "run python tools/area_names.py"


def test_ten_thousand_texts_take_seconds():
    import random
    import time

    chance = random.Random(7)
    names = [name for name in _recogniser().gazetteer.spellings if name.isascii()]
    texts = {f"{chance.choice(names)}{chance.choice('abcdefgh')}{number}" for number in range(5000)}
    texts |= set(names[:5000])
    start = time.process_time()
    ms.countries(texts)

    assert time.process_time() - start < 15


def test_importing_migstat_brings_neither_rapidfuzz_nor_the_names():
    code = "import sys, migstat; assert not {'rapidfuzz', 'migstat.read.area_names'} & set(sys.modules)"

    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Estados Unidos de Norteamérica", "USA"),
        ("ESTADOS UNIDOS DE NORTE AMERICA", "USA"),
        ("Taiwan, provincia de China", "TWN"),
        ("Taïwan (province de Chine)", "TWN"),
    ],
)
def test_long_names_that_offices_write(text, code):
    assert code == ms.country(text).code
