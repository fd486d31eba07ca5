"""A recode sheet over six cycles of a survey, as a mapping with waves: the same 19,000 values."""

import csv
import gzip
import json
import re
from collections import defaultdict

import pytest

import migstat as ms

MISSING = {"NA::a": "_Z", "NA::b": "_N"}
DERIVED = [
    {"when": "SDCFIMM = 2 and SDCGCBG = 1 and SDCGCGT = 1", "give": "1"},
    {"when": "SDCFIMM = 2 and SDCGCBG = 1 and SDCGCGT = 2", "give": "2"},
    {"when": "SDCFIMM = 1 and SDCGCBG = 2 and SDCGRES = 1 and SDCGCGT = 1", "give": "3"},
    {"when": "SDCFIMM = 1 and SDCGCBG = 2 and SDCGRES = 1 and SDCGCGT = 2", "give": "4"},
    {"when": "SDCFIMM = 1 and SDCGCBG = 2 and SDCGRES = 2 and SDCGCGT = 1", "give": "5"},
    {"when": "SDCFIMM = 1 and SDCGCBG = 2 and SDCGRES = 2 and SDCGCGT = 2", "give": "6"},
    {"when": "SDCFIMM = 6 or SDCGCBG = 6 or SDCGCGT = 6 or SDCGRES = 6", "give": "_Z"},
    {"else": "_N"},
]
"""The one function of the sheet, immigration_fun. The order matters: who was born there has no years since arrival."""
HEAD = """\
id: CCHS
version: 1.0
into: structures/CCHS.yaml
source: {kind: survey, by: Statistics Canada, area: CAN, weight: WTS_M}
"""
STRUCTURE = """\
id: CCHS
kind: record
version: 1.0
agency: TEST
names: {en: Person, fr: Personne, es: Persona, ar: شخص, ru: Лицо, zh: 个人}
description: A person of the survey.
unit: person
key: [ROW]
components:
  REF_AREA: {role: attribute, codelist: CL_AREA, required: true, filled_by: source.area}
  TIME_PERIOD: {role: attribute, type: text, required: true, filled_by: source.date}
  ROW: {role: identifier, type: integer, minimum: 1, filled_by: row}
"""
CODELIST = """\
id = "{id}"
agency = "TEST"
version = "1.0"
description = "Codes of the sheet"
source = "the sheet"
standing = "standard"
retrieved = 2026-01-31
licence = "MIT"

[names]
en = "{id}"
"""


@pytest.fixture(scope="module")
def case(shared):
    return shared / "cases" / "cchsflow_recode"


@pytest.fixture(scope="module")
def sheet(case):
    with (case / "mapping.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def cycles_of(sheet):
    return sorted({cycle for row in sheet for cycle in row["cycles"].split(";")})


def column_of(row, cycle):
    """The source column of a row in a cycle; the name in brackets is that of every cycle without its own."""
    named = dict(one.split("::") for one in row["sources"].split(";") if "::" in one)
    default = next((one[1:-1] for one in row["sources"].split(";") if one.startswith("[")), "")
    return named.get(cycle, default)


def forms_of(sheet, variable):
    """The rows of a variable by the cycles that share them, and the column that each cycle reads."""
    found = defaultdict(dict)
    for cycle in cycles_of(sheet):
        rows = [row for row in sheet if row["variable"] == variable and cycle in row["cycles"].split(";")]
        if rows:
            found[tuple((row["from"], row["to"]) for row in rows)][cycle] = column_of(rows[0], cycle)
    return found


def rule_of(column, lines):
    """A recode; with values that are copied, cases. What is left over takes blanks too, and stands last."""
    given = [(f"{source[1:-1].replace(',', '..')}" if source[0] == "[" else source, to) for source, to in lines]
    rest = next((MISSING.get(to, to) for source, to in given if source == "else"), None)
    known = [(source, MISSING.get(to, to)) for source, to in given if source != "else"]
    if "copy" not in dict(known).values():
        lines = [{"from": source, "to": to} for source, to in known]
        lines += [{"from": "", "to": rest}] if rest else []
        return {"from": column, "recode": lines} | ({"else": rest} if rest else {})
    arms = [{"when": f"{column} in ({source})", **({"from": column} if to == "copy" else {"give": to})}
            for source, to in known]  # fmt: skip
    return {"cases": arms + ([{"else": rest}] if rest else [])}


def written(sheet, folder):
    """The sheet as a mapping in a folder of its own, with the structure and codelists that it fills."""
    waves = {cycle: {"date": cycle[4:8], "columns": {}, "not_collected": []} for cycle in cycles_of(sheet)}
    rules, structure = {}, [STRUCTURE]
    (folder / "structures").mkdir()
    for variable in dict.fromkeys(row["variable"] for row in sheet):
        id, rows = variable.upper(), [row for row in sheet if row["variable"] == variable]
        forms = forms_of(sheet, variable) if variable != "immigration_der" else {}
        arms = []
        for number, (lines, columns) in enumerate(forms.items(), 1):
            alias = variable if len(forms) == 1 else f"{variable}_{number}"
            for cycle, wave in waves.items():
                if cycle in columns:
                    wave["columns"][alias] = columns[cycle]
                else:
                    wave["not_collected"].append(alias)
            arms.append({"when": f"{alias} is not missing"} | rule_of(alias, lines))
        if len(arms) > 1:
            rules[id] = {"cases": [*arms, {"else": "_N"}]}
        else:
            rules[id] = {key: one for key, one in arms[0].items() if key != "when"} if arms else {"cases": DERIVED}
        if rows[0]["type_end"] == "cont":
            structure.append(f"  {id}: {{concept: ROW, role: measure, type: number}}\n")
        else:
            structure.append(f"  {id}: {{concept: ROW, codelist: CL_{id}}}\n")
            labels = {row["to"]: row["label"] for row in rows if re.fullmatch(r"\d+", row["to"])}
            labels |= {"_Z": "not applicable", "_N": "missing", "_X": "not collected"}
            with (folder / "structures" / f"CL_{id}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(
                    [("id", "parent", "name_en"), *((id, "", name) for id, name in labels.items())]
                )
            (folder / "structures" / f"CL_{id}.toml").write_text(CODELIST.format(id=f"CL_{id}"), encoding="utf-8")
    (folder / "structures" / "CCHS.yaml").write_text("".join(structure), encoding="utf-8")
    parts = [HEAD, "waves:\n", *(f"  {cycle}: {json.dumps(wave)}\n" for cycle, wave in waves.items())]
    parts += ["rules:\n", *(f"  {id}: {json.dumps(rule)}\n" for id, rule in rules.items())]
    (folder / "mapping.yaml").write_text("".join(parts), encoding="utf-8")
    return folder / "mapping.yaml"


def expected_of(case):
    found = defaultdict(dict)
    with gzip.open(case / "expected_long.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["cycle"], int(row["row"])][row["variable"]] = row["value"]
    return found


def test_the_sheet_as_a_mapping_gives_the_same_values(case, sheet, tmp_path):
    mapping = written(sheet, tmp_path)
    compared, different, absent = 0, [], set()
    expected = expected_of(case)
    for cycle in cycles_of(sheet):
        run = ms.harmonize(case / f"{cycle}.csv", mapping, wave=cycle)
        assert run.ok, [str(one) for one in run.findings]
        for record in run.records.to_dicts():
            for variable in dict.fromkeys(row["variable"] for row in sheet):
                id = variable.upper()
                actual = record[id] if record[id] is not None else record[f"{id}_MISSING"]
                wanted = expected[cycle, record["ROW"]].get(variable)
                if wanted is None:
                    absent.add((cycle, variable, actual))
                    continue
                compared += 1
                wanted = MISSING.get(wanted, wanted)
                if wanted != actual and not (isinstance(actual, float) and abs(float(wanted) - actual) <= 1e-9):
                    different.append((cycle, record["ROW"], variable, wanted, actual))

    assert [] == different
    assert sum(len(one) for one in expected.values()) == compared
    assert {"_X"} == {value for _, _, value in absent}, "what a cycle did not ask is not collected"


@pytest.mark.parametrize("again", ["1", "[1,2]", "[7,9]"])
def test_two_rows_of_one_source_value_are_refused(sheet, tmp_path, again):
    sex = next(row for row in sheet if row["variable"] == "DHH_SEX")
    mapping = written([*sheet, sex | {"from": again, "to": "2"}], tmp_path)

    found = [one for one in ms.check(mapping) if one.severity == "error"]

    value = again.strip("[]").replace(",", "..")
    assert {"DHH_SEX"} == {one.component for one in found}
    assert all(f"'{value}' is already taken" in one.what for one in found)
    with pytest.raises(ms.MigstatError, match="is already taken"):
        ms.harmonize(tmp_path / "none.csv", mapping, wave="cchs2001_p")
