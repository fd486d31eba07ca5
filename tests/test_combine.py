"""Combined tables: nobody is lost or counted twice, every loss and difference is named, unlike is not added."""

import dataclasses
import datetime

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import migstat as ms
from migstat.report.comparability_page import comparability_page
from migstat.words.table import Table
from migstat.work.combine.common import Nest
from migstat.work.combine.historic import Finding, follow

STOCK = ms.structure("MIGRANT_STOCK")
BIRTH, AGE = (Nest(ms.codelist(id)) for id in ("CL_COUNTRY_BIRTH", "CL_AGE"))


def table(area, cells, *, by="COUNTRY_BIRTH", period="2019", definition="FOREIGN_BORN", totals=True, **source):
    """A stock table of one dimension, with its total; ``source`` is what its metadata say."""
    codes = dict(cells) | ({"_T": sum(cells.values())} if totals and None not in cells.values() else {})
    rest = {one.id: "_T" for one in STOCK.with_role("dimension")}
    rows = [
        rest
        | {"FREQ": "A", "REF_AREA": area, "TIME_PERIOD": period, "DEFINITION": definition, "MIGRANT": "Y"}
        | {"UNIT_MEASURE": "PS", by: code, "OBS_VALUE": value, "OBS_STATUS": "A" if value is not None else "Q"}
        for code, value in codes.items()
    ]
    said = {"name": area, "by": area, "kind": "census", "population": "de jure", "birthplace": "actual"}
    said |= {"boundaries": "census date", "coverage": "all", "duration": "12 months"} | source
    frame = pl.DataFrame(rows, schema_overrides={"OBS_VALUE": pl.Float64})
    return Table(frame, STOCK, {"records": "CENSUS_PERSON", "provenance": {"source": said}})


def cells(done, source, by="COUNTRY_BIRTH"):
    frame = done.table.frame.filter(DATA_SOURCE=source)
    return dict(frame.select(by, "OBS_VALUE").iter_rows())


def test_detail_is_levelled_to_what_all_can_give():
    done = ms.combine(
        {"FINE": table("KEN", {"UGA": 5, "TZA": 7, "FRA": 1}), "COARSE": table("UGA", {"M49_014": 20, "FRA": 2})}
    )

    assert {"M49_014": 12, "FRA": 1, "_T": 13} == cells(done, "FINE")
    assert {"M49_014": 20, "FRA": 2, "_T": 22} == cells(done, "COARSE")
    assert [("FINE", "TZA, UGA are added up to M49_014 (Eastern Africa)")] == [(x.source, x.what) for x in done.losses]


def test_a_source_without_detail_leaves_only_the_total_and_is_named():
    tables = {"FINE": table("KEN", {"UGA": 5, "FRA": 1}), "NONE": table("UGA", {"_O": 9})}
    done = ms.combine(tables)
    given_done = ms.combine(tables, levels="given")

    assert {"_T": 6} == cells(done, "FINE")
    assert done.losses[0].what == "FRA, UGA are in the total only, since NONE gives none"
    assert {"UGA": 5, "FRA": 1, "_T": 6} == cells(given_done, "FINE")
    assert given_done.levels[0].without == ("NONE",)


def test_the_people_of_a_loss_are_told_once_though_they_stand_in_many_cells():
    one = table("KEN", {"UGA": 5, "_O": 7, "M49_002": 10})
    counts = [{"SEX": pl.lit(sex), "MIGRANT": pl.lit(who)} for sex in ("_T", "F") for who in ("_T", "Y")]
    again = [one.frame.with_columns(**more) for more in counts]
    counted = dataclasses.replace(one, frame=pl.concat(again))
    done = ms.combine({"A": counted, "B": table("UGA", {"KEN": 2, "UGA": 3})}, levels="country")
    told = {loss.codes: loss.what for loss in done.losses if loss.source == "A" and loss.component == "COUNTRY_BIRTH"}

    assert told["_O",] == "7 people are under _O: what that holds differs from source to source"
    assert told["_U",] == "10 people are under _U: known to a wider code only, or unknown"


def test_each_may_keep_its_finest():
    done = ms.combine({"A": table("KEN", {"UGA": 5}), "B": table("UGA", {"M49_014": 2})}, levels="finest")

    assert {"UGA": 5, "_T": 5} == cells(done, "A")
    assert () == done.losses


def test_levels_by_dimension_and_by_kind():
    tables = {"A": table("KEN", {"UGA": 5, "FRA": 2}), "B": table("UGA", {"KEN": 2})}
    done = ms.combine(tables, levels={"COUNTRY_BIRTH": "region", "": "common"})

    assert {"M49_014": 5, "M49_155": 2, "_T": 7} == cells(done, "A")


def test_overlapping_ages_are_lifted_together():
    found = AGE.common({"A": frozenset({"Y10T19", "Y20T24"}), "B": frozenset({"Y0T14", "Y15T24"})})
    open_ended = AGE.common({"A": frozenset({"Y80", "Y_GE81"}), "B": frozenset({"Y_GE80"})})

    assert [(0, 24)] == [AGE.codelist.bounds(code) for code in found]
    assert frozenset({"Y_GE80"}) == open_ended


def test_two_names_of_one_class_are_one_class():
    first, second = table("ARG", {"Y0T24": 5, "Y25": 1}, by="AGE"), table("CAN", {"Y_LT25": 7, "Y25": 2}, by="AGE")
    done = ms.combine({"A": first, "B": second})

    assert cells(done, "A", "AGE").keys() == cells(done, "B", "AGE").keys()
    assert {"Y0T24", "Y_LT25"} & cells(done, "A", "AGE").keys()
    assert {5.0, 1.0, 6.0} == set(cells(done, "A", "AGE").values())


def test_classes_that_overlap_in_one_source_are_added_from_the_finest():
    """Y95T99 and Y_GE98 overlap; a sum of both would count some twice, a sum of neither would lose all."""
    mine = {"Y95": 1, "Y96": 2, "Y97": 3, "Y95T99": 6, "Y_GE98": 4}
    first = table("ARG", mine, by="AGE", totals=False)
    total = first.frame.head(1).with_columns(AGE=pl.lit("_T"), OBS_VALUE=10.0)
    first = Table(pl.concat([first.frame, total]), STOCK, first.metadata)
    done = ms.combine({"A": first, "B": table("CAN", {"Y_GE80": 7}, by="AGE")})

    assert {"Y_GE80": 10, "_T": 10} == cells(done, "A", "AGE")


def test_what_the_parts_lack_to_the_total_is_unknown():
    short = table("KEN", {"UGA": 5, "M49_014": 8}, totals=False)
    total = short.frame.head(1).with_columns(COUNTRY_BIRTH=pl.lit("_T"), OBS_VALUE=10.0)
    done = ms.combine({"A": Table(pl.concat([short.frame, total]), STOCK, {}), "B": table("UGA", {"UGA": 1})})

    assert {"UGA": 5, "_U": 5, "_T": 10} == cells(done, "A")


def test_a_sum_with_a_suppressed_part_has_no_value_and_says_why():
    done = ms.combine({"A": table("KEN", {"UGA": None, "TZA": 7}), "B": table("UGA", {"M49_014": 2})})
    row = done.table.frame.filter(DATA_SOURCE="A", COUNTRY_BIRTH="M49_014").row(0, named=True)

    assert (None, "Q") == (row["OBS_VALUE"], row["OBS_STATUS"])


def test_absent_cells_are_zero_missing_or_never_asked():
    counted, silent = table("KEN", {"UGA": 5}), table("TZA", {"_O": 4})
    published = Table(table("UGA", {"KEN": 2}).frame, STOCK, {"published": "X"})
    done = ms.combine({"COUNTED": counted, "PUBLISHED": published, "SILENT": silent}, levels="given", absent=True)
    frame = done.table.frame.filter(pl.col("COUNTRY_BIRTH").is_in(["KEN", "UGA"]))
    rows = frame.sort("DATA_SOURCE").select("DATA_SOURCE", "COUNTRY_BIRTH", "OBS_VALUE", "OBS_STATUS").rows()

    assert {
        ("COUNTED", "KEN", 0.0, "A"),
        ("COUNTED", "UGA", 5.0, "A"),
        ("PUBLISHED", "KEN", 2.0, "A"),
        ("PUBLISHED", "UGA", None, "O"),
        ("SILENT", "KEN", None, "L"),
        ("SILENT", "UGA", None, "L"),
    } == set(rows)


def test_groups_are_left_out_by_name():
    tables = {"A": table("KEN", {"FRA": 5, "EU27_2020": 5}, totals=False), "B": table("UGA", {"FRA": 2})}
    done = ms.combine(tables)

    assert {"FRA": 5, "_T": 5} == cells(done, "A")
    assert ["groups of areas are left out, since their members have rows: EU27_2020"] == [x.what for x in done.losses]


def test_the_notes_of_the_sources_are_on_the_page():
    first = table("KEN", {"UGA": 5})
    noted = Table(first.frame.drop("OBS_STATUS"), STOCK, first.metadata | {"notes": ["Not checked for disclosure."]})
    done = ms.combine({"A": noted, "B": table("UGA", {"KEN": 2})})

    assert "A: Not checked for disclosure." in comparability_page(done)


def test_parts_above_their_whole_are_an_error():
    done = ms.combine({"A": table("KEN", {"UGA": 5, "M49_014": 3}), "B": table("UGA", {"M49_014": 2})})

    assert ["A: M49_014 (Eastern Africa) has fewer people than the codes below it"] == [x.what for x in done.findings]


codes = st.sampled_from(["UGA", "TZA", "KEN", "FRA", "DEU", "M49_155", "USA", "MEX", "_U", "_N", "_O"])
content = st.dictionaries(codes, st.integers(0, 50).map(float), min_size=1)


@example({"_U": 0.0}, {"UGA": 0.0, "_O": 3.0, "M49_155": 0.0, "FRA": 1.0}, "common")
@given(content, content, st.sampled_from(["common", "given", "finest", "region", "0"]))
def test_nobody_is_lost_or_counted_twice(first, second, levels):
    """Of each source, whatever the levels, the total is what it was, and the parts, where any are left, reach it."""
    frames = []
    for area, one in (("ARG", first), ("BRA", second)):
        if "M49_155" in one:
            # A region's row holds those of its countries, as tables with parents have it.
            one = one | {"M49_155": one["M49_155"] + one.get("FRA", 0) + one.get("DEU", 0)}
        top = sum(v for code, v in one.items() if not ("M49_155" in one and code in ("FRA", "DEU")))
        made = table(area, one, totals=False)
        total = made.frame.head(1).with_columns(COUNTRY_BIRTH=pl.lit("_T"), OBS_VALUE=pl.lit(float(top)))
        frames.append((Table(pl.concat([made.frame, total]), STOCK, made.metadata), top))
    done = ms.combine({"A": frames[0][0], "B": frames[1][0]}, levels=levels)
    for name, (_, top) in zip("AB", frames, strict=True):
        found = cells(done, name)
        parts = {code: value for code, value in found.items() if code != "_T"}

        assert top == found["_T"]
        if parts and levels != "finest":
            assert sum(parts.values()) == pytest.approx(top)


DIFFERENCES = {
    "population": ({"population": "de facto"}, "de jure against de facto"),
    "birthplace": ({"birthplace": "mother's residence"}, "actual against mother's residence"),
    "boundaries": ({"boundaries": "at birth"}, "census date against at birth"),
    "duration": ({"duration": "3 months"}, "12 months against 3 months"),
    "source type": ({"kind": "survey"}, "census against survey"),
}


@pytest.mark.parametrize("concept", DIFFERENCES)
def test_each_difference_is_named(concept):
    source, what = DIFFERENCES[concept]
    done = ms.combine({"A": table("KEN", {"UGA": 5}), "B": table("UGA", {"KEN": 2}, **source)})
    one = done.comparisons[0]

    assert ("with care", [(concept, what)]) == (one.verdict, [(reason.concept, reason.what) for reason in one.reasons])


def test_like_sources_compare_and_what_nobody_said_is_not_stated():
    like = ms.combine({"A": table("KEN", {"UGA": 5}), "B": table("UGA", {"KEN": 2})})
    silent = ms.combine({"A": table("KEN", {"UGA": 5}), "B": table("UGA", {"KEN": 2}, duration="")})

    assert "comparable" == like.comparisons[0].verdict
    assert [("duration", "not stated by B", False)] == [
        (reason.concept, reason.what, reason.stated) for reason in silent.comparisons[0].reasons
    ]
    assert {"not stated"} == set(silent.table.frame.filter(DATA_SOURCE="B")["DURATION_CONCEPT"])


def test_other_definitions_are_not_comparable_nor_added_up():
    tables = {"A": table("KEN", {"UGA": 5}), "B": table("UGA", {"UGA": 2}, definition="FOREIGN_CITIZEN")}
    with pytest.raises(ms.MigstatError) as error:
        ms.combine(tables, add="M49_014")
    marked = ms.combine(tables, add="M49_014", unlike=True).table.frame.filter(DATA_SOURCE="_T")

    assert "not comparable" == ms.combine(tables).comparisons[0].verdict
    assert (
        "combine  add\n  A and B are not added up: definition: FOREIGN_BORN against FOREIGN_CITIZEN: other people"
        in (str(error.value))
    )
    assert {"UGA": 7, "_T": 7} == dict(marked.select("COUNTRY_BIRTH", "OBS_VALUE").iter_rows())
    assert ({"D"}, {"_Z"}) == (set(marked["OBS_STATUS"]), set(marked["DEFINITION"]))
    assert {"a sum of unlike sources, which differ in: definition"} == set(marked["COMMENT_OBS"])


def test_like_sources_are_added_up_if_asked():
    done = ms.combine({"A": table("KEN", {"UGA": 5, "FRA": 1}), "B": table("TZA", {"UGA": 2})}, add="M49_014")
    sums = dict(done.table.frame.filter(DATA_SOURCE="_T").select("COUNTRY_BIRTH", "OBS_VALUE").iter_rows())

    assert {"UGA": 7, "_T": 8} == sums  # B has no cell for France, and what it lacks is not taken for 0


def test_one_area_of_two_sources_is_never_added_up():
    with pytest.raises(ms.MigstatError, match="KEN is counted by A and B: its people would be added up twice"):
        ms.combine({"A": table("KEN", {"UGA": 5}), "B": table("KEN", {"UGA": 5})}, add="M49_014", unlike=True)


def test_two_vintages_of_one_source_are_no_error():
    old, new = table("KEN", {"UGA": 5, "FRA": 4}), table("KEN", {"UGA": 6, "FRA": 4})
    old, new = (
        Table(one.frame, STOCK, one.metadata | {"vintage": vintage}) for one, vintage in ((old, "2019"), (new, "2020"))
    )
    one = ms.combine({"OLD": old, "NEW": new}).comparisons[0]

    assert ("vintage", "2019 against 2020 of one source: take one of them") == (
        one.reasons[0].concept,
        one.reasons[0].what,
    )
    assert (3, 1) == (one.shared, one.equal)


# Historic areas

HISTORIC = {
    ("SUHH", "keep"): None,
    ("BUMM", "successor"): "MMR",
    ("ZRCD", "region"): "M49_017",
    ("DDDE", "successor"): "DEU",
    ("SUHH", "region"): None,  # its successors share no region
    ("YUCS", "successor"): Finding,  # by way of CSXX, which was split
}


@pytest.mark.parametrize(("code", "policy"), HISTORIC)
def test_former_states(code, policy):
    found = follow(BIRTH.codelist, code, policy, None)
    expected = HISTORIC[code, policy]

    assert isinstance(found, Finding) if expected is Finding else (found and found.to) == expected


def test_a_former_state_is_followed_up_to_a_day():
    before = follow(BIRTH.codelist, "YUCS", "successor", datetime.date(2005, 1, 1))

    assert "CSXX" == before.to


def test_a_successor_bears_a_mark_and_a_split_is_refused():
    tables = {"A": table("DEU", {"BUMM": 5, "MMR": 1}), "B": table("FRA", {"MMR": 2})}
    done = ms.combine(tables, historic="successor")
    row = done.table.frame.filter(DATA_SOURCE="A", COUNTRY_BIRTH="MMR").row(0, named=True)
    with pytest.raises(ms.MigstatError) as error:
        ms.combine({"A": table("DEU", {"CSHH": 5}), "B": table("FRA", {"MMR": 2})}, historic="successor")

    assert (6.0, "A") == (row["OBS_VALUE"], row["OBS_STATUS"])
    assert ["BUMM (Burma) is counted under MMR (Myanmar)"] == [one.what for one in done.historic]
    assert [
        "combine  CL_COUNTRY_BIRTH\n  CSHH (Czechoslovakia) had 2 successors: CZE, SVK\n"
        "  Mend: a split needs figures nobody has: write historic='keep', or 'region'"
    ] == [str(one) for one in error.value.findings]


WRONG = {
    "1 table is given": {"tables": {"A": table("KEN", {"UGA": 5})}},
    "date: 2019 is not a day": {"date": "2019"},
    "historic: split is not known": {"historic": "split"},
    "MIGRANT_STOCK has no dimension AGES": {"levels": {"AGES": "common"}},
    "there is no level 'finer'": {"levels": "finer"},
    "CL_AREA has no area 'Africa'": {"add": "Africa"},
    "CENSUS_PERSON describes records, not tables": {"into": "CENSUS_PERSON"},
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_use(what):
    call = {"tables": {"A": table("KEN", {"UGA": 5}), "B": table("UGA", {"KEN": 2})}} | WRONG[what]
    with pytest.raises(ms.MigstatError) as error:
        ms.combine(call.pop("tables"), **call)

    assert error.value.findings[0].what == what


def test_the_files_and_the_page(tmp_path):
    tables = {"<b>A</b>": table("KEN", {"UGA": 5, "TZA": 7}), "B": table("UGA", {"M49_014": 2}, population="de facto")}
    done = ms.combine(tables)
    files = ms.write_combined(done, tmp_path)
    again = [file.read_bytes() for file in files]
    ms.write_combined(done, tmp_path)
    page = files[3].read_text(encoding="utf-8")
    back = ms.read_table(files[0]).frame

    assert again == [file.read_bytes() for file in files]
    assert back.height == done.table.frame.height
    assert "DATA_SOURCE" in files[1].read_text(encoding="utf-8").splitlines()[0]
    assert "TZA, UGA are added up to M49_014 (Eastern Africa),TZA UGA" in files[2].read_text(encoding="utf-8").replace(
        '"', ""
    )
    assert "<b>A</b>" not in page
    assert "de jure against de facto" in page
    assert "http" not in page.replace("http-equiv", "")
    assert comparability_page(done) == page


def test_totals_carry_the_unknown():
    parts, totals = table("KEN", {"UGA": 5, "TZA": 7}, totals=False), table("KEN", {"_T": 15})
    made = ms.add_totals(parts, totals)
    above = ms.add_totals(parts, table("KEN", {"_T": 11}))

    assert {"UGA": 5, "TZA": 7, "_U": 3, "_T": 15} == dict(made.frame.select("COUNTRY_BIRTH", "OBS_VALUE").iter_rows())
    assert ["the parts are above their total, first in REF_AREA KEN, TIME_PERIOD 2019: 12 against 11"] == [
        one.what for one in above.findings
    ]
