"""The files of a new pack: a mapping that lacks only what a person must decide, and all that its proof needs."""

import re

from migstat.words.structure import Structure
from migstat.words.undecided import TODO

TABLE = f"""\
from,to,match,because,label,confidence
1,{{area}},exact,,{TODO} what the source calls the country itself,general knowledge
{TODO},{TODO},exact,,{TODO} a line for each country of the source's list,general knowledge
"""
PERSON = {
    "SEX": (("SEX", "", "1*49 | 2*51 | 9"), "{from: SEX, recode: {1: M, 2: F}, not_stated: [9]}"),
    "AGE": (("AGE", "", "0..95*30 | 999"), "{from: AGE, not_stated: [999]}"),
    "COUNTRY_BIRTH": (
        ("BORN", "", "1*20 | recode*10"),
        "{from: BORN, recode: tables/country.csv, not_stated: [999]}",
    ),
    "CITIZENSHIP": (
        ("CITIZEN", "", "recode"),
        "{from: CITIZEN, recode: tables/country.csv, not_stated: [999]}",
    ),
    "RESID_5Y": (
        ("LIVED", "AGE >= 5", "1*30 | 2 | 3 | 9"),
        '{from: LIVED, universe: "AGE >= 5", recode: {1: SAME_HOUSE, 2: DIFF_HOUSE, 3: ABROAD}, not_stated: [9]}',
    ),
    "RESID_1Y": (
        ("LIVED", "AGE >= 1", "1*30 | 2 | 3 | 9"),
        '{from: LIVED, universe: "AGE >= 1", recode: {1: SAME_HOUSE, 2: DIFF_HOUSE, 3: ABROAD}, not_stated: [9]}',
    ),
    "YEAR_ARRIVAL": (
        ("CAME", "BORN <> 1 and AGE < 999", "{year - AGE}..{year}"),
        '{from: CAME, not_applicable: [""]}',
    ),
}
"""A component, the line that draws its column, and a rule that suits many sources and is true of none until checked."""


def scaffold(id: str, kind: str, area: str, structure: Structure) -> dict[str, str]:
    """Return the files of a new pack by name. ``TODO`` stands wherever a person must decide."""
    year = found[0] if (found := re.findall(r"(?:18|19|20|21)\d\d", id)) else ""
    wanted = [one for one in structure.components if one.required and not one.filled_by]
    drawn = {one.id: PERSON[one.id][0] for one in wanted if one.id in PERSON}
    columns = ["HHID", "LINE", *dict.fromkeys(column for column, _, _ in drawn.values())]
    weighted = kind == "survey"
    columns += ["WEIGHT"] if weighted else []
    case = kind if kind != "administrative" else "register"
    return {
        "mapping.yaml": _mapping(id, kind, area, year, structure, weighted),
        "layout.csv": "\n".join(["column", *columns]) + "\n",
        "generate.csv": _draws(drawn, year, weighted),
        "tables/country.csv": TABLE.format(area=area or TODO),
        "golden/cases.csv": f"case,mapping,wave,extract,rows,seed\n{case},mapping.yaml,,{case}_generated.csv,200,1\n",
        "README.md": README.format(id=id, TODO=TODO, folder=id.lower(), extract=f"{case}_generated.csv"),
    }


def _mapping(id: str, kind: str, area: str, year: str, structure: Structure, weighted: bool) -> str:
    rules = []
    for one in structure.components:
        if one.required and not one.filled_by:
            mend = f"{{not_collected: {TODO} say why or write a rule with from and recode}}"
            rules.append(f"  {one.id}: {PERSON[one.id][1] if one.id in PERSON else mend}")
    lines = [
        "# What a person must still decide is marked in capitals; migstat check refuses it until then.",
        f"id: {id}",
        "version: 0.1",
        f"into: {structure.id}",
        f"notes: {TODO} what a user of the records must know of how they compare",
        "",
        "source:",
        f"  kind: {kind}",
        f"  name: {TODO} the source in the words of its office",
        f"  by: {TODO} the office",
        f"  area: {area or TODO}",
        f"  date: {year or TODO}",
        *([f"  population: {TODO} de jure or de facto"] if kind == "census" else []),
        f"  licence: {TODO} who may use the file, and how",
        f"  url: {TODO} where the file and its code book can be got",
        "  key: [HHID, LINE]",
        *(["  weight: WEIGHT"] if weighted else []),
        '  format: {kind: csv, delimiter: ",", encoding: utf-8}',
        "  confidence: general knowledge   # say verified beside each rule and line that you read in the code book",
        "",
        "rules:",
        *rules,
    ]
    if all(one in PERSON for one in ("SEX", "AGE", "COUNTRY_BIRTH")) and "COUNTRY_BIRTH" in structure:
        lines += ["", "examples:", *_examples(area, structure, weighted)]
    return "\n".join(lines) + "\n"


def _examples(area: str, structure: Structure, weighted: bool) -> list[str]:
    weight = ", WEIGHT: 100" if weighted else ""
    given = f"HHID: 1, LINE: 1, SEX: 2, AGE: 34, BORN: 1, CITIZEN: 1, LIVED: 1{weight}"
    return [
        f"  - given: {{{given}}}",
        f"    gives: {{SEX: F, AGE: 34, COUNTRY_BIRTH: {area or TODO}}}",
        f"  - given: {{{given.replace('BORN: 1', 'BORN: 777')}}}",
        "    gives: reject",
    ]


def _draws(drawn: dict[str, tuple[str, str, str]], year: str, weighted: bool) -> str:
    lines = ["column,when,values,rows,because", "HHID,,{household:6},,", "LINE,,{person},,"]
    for column, when, values in dict.fromkeys(drawn.values()):
        values = values.replace("year", year or "2020")
        lines.append(f"{column},{when},{values},,")
    lines += ["WEIGHT,,50..400,,"] if weighted else []
    if any(column == "BORN" for column, _, _ in drawn.values()):
        lines.append("BORN,,777,2,two rows are spoilt: a code that no line takes")
    return "\n".join(lines) + "\n"


README = """\
# {id}

{TODO} what the source is: who is counted, how, when, and by whom.

## How to get the file

{TODO} where it can be asked for or fetched, what it costs, and under which licence.

    migstat harmonize {folder} {TODO}_the_true_file.csv --into build/

## Where the codes come from

{TODO} the code book that was read, with its edition and page, for each variable.

## What compares, and what does not

{TODO} who is counted elsewhere and not here; what is asked otherwise; which lists are shorter.

## What is not verified

{TODO} what was not read in the source's own documents. The mapping marks it, and every report shows it.

## How this pack is proved

Every record of `extract/{extract}` is invented: no figure from it says anything about a country. `generate.csv` says
how it is drawn; `golden/` holds what must come of it.

    migstat pack extract {folder}
    migstat pack test {folder} --update
    migstat pack test {folder}
"""
