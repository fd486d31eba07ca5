"""Each rule that ships is broken by a record that breaks nothing else, and holds in files that are right."""

import calendar
import datetime
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import polars as pl
import pytest

import migstat as ms
from migstat.read.rules import shipped_rules
from migstat.read.structures import structure, structure_ids
from migstat.words.codelist import LANGUAGES
from migstat.words.missing import KINDS

RULE_FILES = (
    "BORDER_CROSSING",
    "CENSUS_PERSON",
    "HOUSEHOLD",
    "MIGRANT_STOCK",
    "MIGRATION_FLOW",
    "PERMITS",
    "RESIDENCE_PERMIT",
    "SURVEY_PERSON",
    "VISA",
)
TYPES = {"integer": pl.Int64, "year": pl.Int64, "number": pl.Float64, "date": pl.Date}
Rows = list[dict[str, object]]


def frame_of(rows: Rows, id: str) -> pl.DataFrame:
    """Rows as a typed frame of a structure; a kind of missing of what is not coded goes into the column beside."""
    found = structure(id)
    columns = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        values = [row.get(name) for row in rows]
        component = found[name]
        if component.coded or (found.kind == "table" and component.type == "text"):
            columns[name] = pl.Series(values, dtype=pl.String)
            continue
        kinds = [value if value in KINDS else None for value in values]
        plain = [None if kind else value for kind, value in zip(kinds, values, strict=True)]
        if component.type == "date":
            plain = [None if value is None else datetime.date.fromisoformat(value) for value in plain]
        columns[name] = pl.Series(plain, dtype=TYPES.get(component.type, pl.String))
        if any(kinds):
            columns[f"{name}_MISSING"] = pl.Series(kinds, dtype=pl.String)
    return pl.DataFrame(columns)


def failing(rows: Rows, id: str, references: dict[str, pl.DataFrame]) -> set[str]:
    run = ms.validate(frame_of(rows, id), structure=id, references=references, sample=0)
    return {one.rule.id for one in run.results if one.failed}


# People: a reference person, a child and a parent in each of 200 households, counted in Kenya on 9 May 2021.

NATIVE = {
    "COUNTRY_BIRTH": "KEN", "CITIZENSHIP": "KEN", "CITIZENSHIP_2": "_Z", "ACQUISITION": "BIRTH_TERRITORY",
    "YEAR_ACQUISITION": "_Z", "NATIONAL_AT_BIRTH": "Y", "MIG_STATUS": "NAT_CIT", "YEAR_ARRIVAL": "_Z",
    "YEAR_ARRIVAL_FIRST": "_Z", "ARRIVAL_DATE": "_Z", "DURATION": "_Z", "COUNTRY_PREVIOUS": "_Z", "EVER_ABROAD": "N",
    "MIG_REASON": "_Z", "RESID_1Y": "SAME_HOUSE", "COUNTRY_RESID_1Y": "KEN", "RESID_5Y": "SAME_HOUSE",
    "COUNTRY_RESID_5Y": "KEN",
}  # fmt: skip


def arrived(year: int, day: str = "03-15") -> dict[str, object]:
    years = 2021 - year - (day > "05-09")
    classes = ((20, "Y_GE20"), (15, "Y15T19"), (10, "Y10T14"), (5, "Y5T9"), (1, "Y1T4"), (0, "Y_LT1"))
    found: dict[str, object] = {
        "YEAR_ARRIVAL": year, "YEAR_ARRIVAL_FIRST": year, "ARRIVAL_DATE": f"{year}-{day}", "COUNTRY_PREVIOUS": "UGA",
        "DURATION": next(name for least, name in classes if years >= least), "EVER_ABROAD": "Y", "MIG_REASON": "EMP",
    }  # fmt: skip
    if year > 2016:
        found |= {"RESID_5Y": "ABROAD", "COUNTRY_RESID_5Y": "UGA"}
    return found | ({"RESID_1Y": "ABROAD", "COUNTRY_RESID_1Y": "UGA"} if years < 1 else {})


FOREIGN = {
    "COUNTRY_BIRTH": "UGA", "CITIZENSHIP": "UGA", "ACQUISITION": "_Z", "NATIONAL_AT_BIRTH": "N", "MIG_STATUS": "TEMP",
}  # fmt: skip
KINDS_OF_PERSON: tuple[Callable[[int], dict[str, object]], ...] = (
    lambda n: FOREIGN | arrived(2001 + n % 15) | {"CITIZENSHIP": "KEN", "CITIZENSHIP_2": "UGA", "MIG_STATUS": "NAT_CIT",
                                                  "ACQUISITION": "NATURALISATION", "YEAR_ACQUISITION": 2006 + n % 15},
    lambda n: FOREIGN | arrived(2017 + n % 4),
    lambda n: arrived(2010) | {"YEAR_ARRIVAL_FIRST": "_Z"},
    lambda n: FOREIGN | arrived(2020, "10-15") | {"CITIZENSHIP": "STLS", "MIG_STATUS": "STLS"},
)  # fmt: skip
NATURALISED, FOREIGNER, RETURNED, STATELESS = (3 * household for household in (4, 1, 2, 3))
"""The rows of reference persons of each kind; the child is in the next row, the parent in the one after."""


@cache
def _people() -> tuple[dict[str, object], ...]:
    rows: Rows = []
    for household in range(200):
        age, female = 26 + household * 7 % 35, household % 2 == 0
        mother, father = ("1", "_Z") if female else ("_Z", "1")
        for person, (relationship, years, sex, own, parents) in enumerate(
            (
                ("REFERENCE", age, "F" if female else "M", KINDS_OF_PERSON[household % 4](household),
                 ("_Z", "3") if female else ("3", "_Z")),
                ("CHILD", age - 26, "M", {}, (mother, father)),
                ("PARENT", age + 25, "M" if female else "F", {}, ("_Z", "_Z")),
            ),
            1,
        ):  # fmt: skip
            month, day = 1 + (household + person) % 12, 2 + (household * 5 + person) % 26
            born = 2021 - years - ((month, day) > (5, 9))
            young = {"RESID_1Y": "_Z", "COUNTRY_RESID_1Y": "_Z"} if years < 1 else {}
            young |= {"RESID_5Y": "_Z", "COUNTRY_RESID_5Y": "_Z"} if years < 5 else {}
            rows.append(
                {"REF_AREA": "KEN", "TIME_PERIOD": "2021-05-09", "SOURCE_TYPE": "CENSUS", "ROW": len(rows) + 1,
                 "HOUSEHOLD_ID": f"H{household}", "PERSON_ID": str(person), "RELATIONSHIP": relationship, "SEX": sex,
                 "AGE": years, "BIRTH_DATE": f"{born}-{month:02}-{day:02}", "MOTHER_ID": parents[0],
                 "FATHER_ID": parents[1], **NATIVE, **own, **young}
            )  # fmt: skip
    return tuple(rows)


def people() -> Rows:
    return [dict(row) for row in _people()]


def households(rows: Rows) -> pl.DataFrame:
    counted = Counter(str(row["HOUSEHOLD_ID"]) for row in rows)
    return pl.DataFrame({"HOUSEHOLD_ID": list(counted), "PERSONS": list(counted.values())})


def plain_people(**values: Callable[[int], object]) -> Rows:
    """600 people of whom almost nothing was collected."""
    kept = {"REF_AREA": "KEN", "TIME_PERIOD": "2021-05-09", "SOURCE_TYPE": "CENSUS", "SEX": "F", "AGE": 31}
    rows = [dict.fromkeys(_people()[0], "_X") | kept | {"ROW": n} for n in range(1, 601)]
    return [row | {name: value(n) for name, value in values.items()} for n, row in enumerate(rows)]


def born(row: dict[str, object], years: int = 0) -> int:
    return int(str(row["BIRTH_DATE"])[:4]) + years


UNDATED = {"ARRIVAL_DATE": "_N", "DURATION": "_N"}
OUTSIDE_FAMILY = {"MOTHER_ID": "_Z", "FATHER_ID": "_Z"}
OF_PEOPLE: dict[str, tuple[int, Callable[[dict[str, object]], dict[str, object]]]] = {
    "BIRTH_BY_REFERENCE": (2, lambda row: {"BIRTH_DATE": "2021-06-15", "AGE": "_N"}),
    "AGE_REACHED": (2, lambda row: {"BIRTH_DATE": f"{born(row, -3)}-01-01"}),
    "AGE_COMPLETED": (2, lambda row: {"BIRTH_DATE": f"{2021 - row['AGE']}-05-10"}),
    "ARRIVAL_AFTER_BIRTH": (NATURALISED, lambda row: UNDATED | {"YEAR_ARRIVAL": born(row, -1),
                                                                   "YEAR_ARRIVAL_FIRST": "_N"}),
    "ARRIVAL_BY_REFERENCE": (RETURNED, lambda row: UNDATED | {"YEAR_ARRIVAL": 2022}),
    "ARRIVAL_DAY_AFTER_BIRTH": (RETURNED, lambda row: {"YEAR_ARRIVAL": "_N", "ARRIVAL_DATE": f"{born(row, -1)}-03-15"}),
    "ARRIVAL_DAY_BY_REFERENCE": (RETURNED, lambda row: {"YEAR_ARRIVAL": "_N", "ARRIVAL_DATE": "2021-05-10"}),
    "ARRIVAL_DAY_YEAR": (RETURNED, lambda row: {"ARRIVAL_DATE": "2009-03-15"}),
    "FIRST_ARRIVAL_AFTER_BIRTH": (NATURALISED, lambda row: {"YEAR_ARRIVAL_FIRST": born(row, -1)}),
    "FIRST_ARRIVAL_BY_REFERENCE": (FOREIGNER, lambda row: {"YEAR_ARRIVAL": "_N", "YEAR_ARRIVAL_FIRST": 2022}),
    "FIRST_ARRIVAL_BEFORE_LAST": (NATURALISED, lambda row: {"YEAR_ARRIVAL_FIRST": row["YEAR_ARRIVAL"] + 1}),
    "FOREIGN_BORN_ARRIVED": (FOREIGNER, lambda row: {"YEAR_ARRIVAL": "_Z"}),
    "FOREIGN_BORN_ABROAD": (FOREIGNER, lambda row: {"EVER_ABROAD": "N"}),
    "NATIVE_ARRIVAL_RETURN": (RETURNED, lambda row: {"EVER_ABROAD": "N"}),
    "NATIVE_ARRIVAL_FROM_ABROAD": (RETURNED, lambda row: {"COUNTRY_PREVIOUS": "KEN"}),
    "DURATION_NOT_LONGER": (RETURNED, lambda row: {"DURATION": "Y15T19"}),
    "DURATION_NOT_SHORTER": (RETURNED, lambda row: {"DURATION": "Y5T9"}),
    "RESIDENCE_1Y_COUNTRY": (2, lambda row: {"COUNTRY_RESID_1Y": "UGA"}),
    "RESIDENCE_5Y_COUNTRY": (FOREIGNER, lambda row: {"COUNTRY_RESID_5Y": "KEN"}),
    "RESIDENCE_1Y_ARRIVAL": (STATELESS, lambda row: UNDATED | {"YEAR_ARRIVAL": 2019, "YEAR_ARRIVAL_FIRST": 2019}),
    "RESIDENCE_5Y_ARRIVAL": (FOREIGNER, lambda row: UNDATED | {"YEAR_ARRIVAL": 2015, "YEAR_ARRIVAL_FIRST": 2015}),
    "ACQUIRED_BY_NATIONALS": (FOREIGNER, lambda row: {"ACQUISITION": "MARRIAGE"}),
    "ACQUIRED_AFTER_BIRTH": (2, lambda row: {"YEAR_ACQUISITION": 2000}),
    "ACQUIRED_AS_AT_BIRTH": (NATURALISED, lambda row: {"NATIONAL_AT_BIRTH": "Y"}),
    "ACQUIRED_BY_TERRITORY": (NATURALISED, lambda row: {"ACQUISITION": "BIRTH_TERRITORY", "NATIONAL_AT_BIRTH": "Y",
                                                        "YEAR_ACQUISITION": "_Z"}),
    "ACQUIRED_YEAR_AFTER_BIRTH": (NATURALISED, lambda row: {"ACQUISITION": "MARRIAGE",
                                                            "YEAR_ACQUISITION": born(row, -1)}),
    "ACQUIRED_YEAR_BY_REFERENCE": (NATURALISED, lambda row: {"YEAR_ACQUISITION": 2022}),
    "NATURALISED_AFTER_ARRIVAL": (NATURALISED, lambda row: {"YEAR_ACQUISITION": row["YEAR_ARRIVAL"] - 1}),
    "SECOND_CITIZENSHIP_OTHER": (NATURALISED, lambda row: {"CITIZENSHIP_2": "KEN"}),
    "STATELESS_WITHOUT_SECOND": (STATELESS, lambda row: {"CITIZENSHIP_2": "UGA"}),
    "STATUS_OF_NATIONALS": (FOREIGNER, lambda row: {"MIG_STATUS": "NAT_CIT"}),
    "STATUS_OF_FOREIGNERS": (2, lambda row: {"MIG_STATUS": "ASY"}),
    "MOTHER_FOUND": (1, lambda row: {"MOTHER_ID": "9"}),
    "MOTHER_OLDER": (2, lambda row: {"MOTHER_ID": "1"}),
    "MOTHER_SEX": (1, lambda row: {"MOTHER_ID": "3"}),
    "FATHER_FOUND": (4, lambda row: {"FATHER_ID": "9"}),
    "FATHER_OLDER": (5, lambda row: {"FATHER_ID": "1"}),
    "FATHER_SEX": (4, lambda row: {"FATHER_ID": "3"}),
    "CHILDREN_YOUNGER": (2, lambda row: {"RELATIONSHIP": "CHILD"}),
    "PARENTS_OLDER": (1, lambda row: {"RELATIONSHIP": "PARENT"}),
    "ONE_REFERENCE_PERSON": (1, lambda row: {"RELATIONSHIP": "REFERENCE"}),
    "REFERENCE_PERSON_PRESENT": (0, lambda row: {"RELATIONSHIP": "OTHER_RELATIVE"}),
    "WEIGHT_POSITIVE": (2, lambda row: {"WEIGHT": 0.0}),
    "PSU_IN_ONE_STRATUM": (2, lambda row: {"STRATA": "S9"}),
    "HOURS_OF_EMPLOYED": (2, lambda row: {"LABOUR": "OLF", "EMP_STATUS": "_Z"}),
    "EMPLOYMENT_STATUS_OF_EMPLOYED": (2, lambda row: {"LABOUR": "OLF", "HOURS_WORKED": "_Z"}),
    "WORKED_ABROAD_LIVED_ABROAD": (2, lambda row: {"WORKED_ABROAD": "Y"}),
    "SCHOOL_ABROAD_LIVED_ABROAD": (2, lambda row: {"EDUCATION_ABROAD": "Y"}),
}  # fmt: skip
"""For each rule the row to change, and what to write there."""
FILES_OF_PEOPLE: dict[str, Callable[[], Rows]] = {
    "AGE_HEAPING": lambda: plain_people(AGE=lambda n: 23 + n % 40 if n % 3 else 25 + n // 3 % 8 * 5),
    "BIRTH_DATE_HEAPING": lambda: plain_people(BIRTH_DATE=lambda n: "1989-12-12" if n % 10 else "1990-01-01"),
    "ARRIVAL_HEAPING": lambda: plain_people(YEAR_ARRIVAL=lambda n: 2010 if n % 2 else 2011),
}  # fmt: skip


def surveyed() -> Rows:
    rows = people()
    for n, row in enumerate(rows):
        abroad = "Y" if n == NATURALISED else "N"
        row |= {
            "SOURCE_TYPE": "SURVEY", "WEIGHT": 1.5, "STRATA": f"S{n // 150}", "PSU": f"P{n // 30}", "LABOUR": "EMP",
            "EMP_STATUS": "EMPLOYEE", "HOURS_WORKED": 40, "WORKED_ABROAD": abroad, "EDUCATION_ABROAD": abroad,
        }  # fmt: skip
    return rows


def not_stated(rows: Rows, component: str, natives: bool = False) -> Rows:
    """Leave a tenth of the answers out: of everyone who is asked, or of natives who never left only."""
    asked = [row for row in rows if row[component] not in ("_Z", "_X") and (not natives or row["EVER_ABROAD"] == "N")]
    for row in asked[::10]:
        row[component] = "_N"
    return rows


def twice(rows: Rows, at: int = 1) -> Rows:
    rows[at] |= OUTSIDE_FAMILY
    return [*rows, rows[at] | {"ROW": len(rows) + 1}]


# Crossings: each of 40 people comes in March, leaves in September, and comes again; one comes from a journey.


def crossings() -> Rows:
    rows: Rows = []
    for person in range(40):
        for number, date in enumerate(("2019-03-10", "2019-09-20", "2020-02-03")):
            direction, age = "DEP" if number == 1 else "ARR", 31 if number else 30
            rows.append(
                {"REF_AREA": "NZL", "TIME_PERIOD": "2020", "SOURCE_TYPE": "ADM_BORDER", "ROW": len(rows) + 1,
                 "PERSON_ID": f"P{person}", "CROSSING_DATE": date, "CROSSING_TIME": "8:00", "DIRECTION": direction,
                 "VISA_TYPE": "LONG_WORK", "PURPOSE": "WORK", "INTENDED_STAY": 14 if number else 4,
                 "INTENDED_DURATION": "GE12M" if number else "3T5M", "SEX": "F", "AGE": age, "BIRTH_DATE": "1988-06-15",
                 "COUNTRY_BIRTH": "AUS", "CITIZENSHIP": "AUS", "COUNTRY_PREVIOUS": "AUS" if number != 1 else "_Z",
                 "COUNTRY_NEXT": "_Z" if number != 1 else "AUS"}
            )  # fmt: skip
    return rows


OF_CROSSINGS: dict[str, tuple[int, dict[str, object]]] = {
    "CROSSING_BY_REFERENCE": (2, {"CROSSING_DATE": "2021-02-03", "AGE": 32}),
    "ARRIVAL_FROM_ABROAD": (0, {"COUNTRY_PREVIOUS": "NZL"}),
    "DEPARTURE_TO_ABROAD": (1, {"COUNTRY_NEXT": "NZL"}),
    "STAY_NOT_SHORTER_THAN_CLASS": (1, {"INTENDED_STAY": 11}),
    "STAY_NOT_LONGER_THAN_CLASS": (0, {"INTENDED_STAY": 6}),
    "VISA_OF_FOREIGNERS": (0, {"CITIZENSHIP": "NZL"}),
    "DIRECTIONS_ALTERNATE": (2, {"DIRECTION": "DEP", "COUNTRY_PREVIOUS": "_Z", "COUNTRY_NEXT": "AUS"}),
    "BORN_BEFORE_EVENT": (0, {"PERSON_ID": "Q", "BIRTH_DATE": "2019-03-20", "AGE": "_N"}),
    "AGE_REACHED_AT_EVENT": (0, {"PERSON_ID": "Q", "BIRTH_DATE": "1985-06-01"}),
    "AGE_COMPLETED_AT_EVENT": (0, {"AGE": 31}),
    "ONE_BIRTH_DATE": (0, {"BIRTH_DATE": "1988-06-20"}),
    "ONE_SEX": (0, {"SEX": "M"}),
    "ONE_COUNTRY_BIRTH": (0, {"COUNTRY_BIRTH": "FJI"}),
}


def repeated_crossing() -> Rows:
    """A departure twice, with an arrival between at the same time, so that directions take turns."""
    rows = crossings()
    away = rows[1] | {"PERSON_ID": "Q"}
    back = away | {"DIRECTION": "ARR", "COUNTRY_PREVIOUS": "AUS", "COUNTRY_NEXT": "_Z"}
    return [*rows, away | {"ROW": 121}, back | {"ROW": 122}, away | {"ROW": 123}]


# Permits: each of 40 people has a first permit, a renewal, and after a gap of eight months a first one for study.


def permits() -> Rows:
    rows: Rows = []
    for person in range(40):
        for event, reason, before, issued, start, end, duration, long in (
            ("FIRST", "EMP", "_Z", "2018-02-10", "2018-02-15", "2019-02-14", "GE12M", "N"),
            ("CHANGE", "FAM", "EMP", "2019-02-10", "2019-02-15", "2019-09-14", "6T11M", "N"),
            ("FIRST", "EDUC", "_Z", "2020-05-10", "2020-05-15", "_Z", "GE12M", "Y"),
        ):
            rows.append(
                {"REF_AREA": "IRL", "TIME_PERIOD": "2020", "SOURCE_TYPE": "ADM_PERMIT", "ROW": len(rows) + 1,
                 "PERSON_ID": f"P{person}", "PERMIT_ID": f"N{len(rows)}", "PERMIT_EVENT": event,
                 "PERMIT_REASON": reason, "PERMIT_REASON_PREVIOUS": before,
                 "APPLICATION_DATE": issued[:8] + "05", "ISSUE_DATE": issued,
                 "VALID_FROM": start, "VALID_TO": end, "END_DATE": "_Z" if event == "FIRST" else "2019-09-01",
                 "DURATION": duration, "FIRST_PERMIT": "Y" if event == "FIRST" else "N", "LONG_TERM": long,
                 "MIG_STATUS": "TEMP", "SEX": "M", "AGE": int(issued[:4]) - 1990, "BIRTH_DATE": "1990-02-03",
                 "COUNTRY_BIRTH": "IND", "CITIZENSHIP": "IND", "ARRIVAL_DATE": "2018-03-01"}
            )  # fmt: skip
    return rows


OF_PERMITS: dict[str, tuple[int, dict[str, object]]] = {
    "VALID_FROM_BEFORE_TO": (1, {"VALID_FROM": "2019-09-20", "DURATION": "_N", "END_DATE": "_Z", "LONG_TERM": "_N"}),
    "VALID_THREE_MONTHS": (1, {"VALID_TO": "2019-05-13", "DURATION": "LT3M", "END_DATE": "_Z"}),
    "APPLIED_BEFORE_ISSUE": (0, {"APPLICATION_DATE": "2018-02-11"}),
    "ISSUED_BEFORE_END": (1, {"ISSUE_DATE": "2019-09-15"}),
    "ISSUED_BY_REFERENCE": (2, {"ISSUE_DATE": "2021-05-10", "AGE": 31}),
    "ENDED_WITHIN_VALIDITY": (1, {"END_DATE": "2019-09-15"}),
    "BORN_BEFORE_VALID": (0, {"PERSON_ID": "Q", "BIRTH_DATE": "2018-02-16", "AGE": "_N"}),
    "ARRIVED_BY_END": (1, {"ARRIVAL_DATE": "2019-09-15"}),
    "PERMIT_OF_FOREIGNERS": (0, {"CITIZENSHIP": "IRL"}),
    "NO_TEMPORARY_PROTECTION": (0, {"MIG_STATUS": "TMPP"}),
    "FIRST_PERMIT_EVENT": (0, {"FIRST_PERMIT": "N"}),
    "CHANGE_OF_REASON": (1, {"PERMIT_REASON_PREVIOUS": "FAM"}),
    "FIRST_WITHOUT_PREVIOUS": (0, {"PERMIT_REASON_PREVIOUS": "FAM"}),
    "LONG_TERM_FIVE_YEARS": (0, {"LONG_TERM": "Y"}),
    "DURATION_NOT_LONGER_THAN_VALID": (1, {"DURATION": "GE12M"}),
    "DURATION_NOT_SHORTER_THAN_VALID": (1, {"DURATION": "3T5M"}),
    "PERMIT_OF_ONE_PERSON": (3, {"PERMIT_ID": "N0", "VALID_FROM": "2018-02-16", "PERMIT_EVENT": "ISSUE"}),
    "PERMITS_DO_NOT_OVERLAP": (1, {"VALID_FROM": "2019-02-14"}),
    "FIRST_AFTER_SIX_MONTHS": (2, {"VALID_FROM": "2020-02-15", "PERMIT_REASON": "FAM"}),
    "AGE_REACHED_AT_EVENT": (0, {"PERSON_ID": "Q", "BIRTH_DATE": "1985-02-01"}),
    "AGE_COMPLETED_AT_EVENT": (0, {"AGE": 27}),
    "ONE_BIRTH_DATE": (0, {"BIRTH_DATE": "1990-02-04"}),
    "ONE_SEX": (0, {"SEX": "F"}),
    "ONE_COUNTRY_BIRTH": (0, {"COUNTRY_BIRTH": "PAK"}),
}


def repeated_permit() -> Rows:
    """A document replaced twice on one day."""
    rows = permits()
    gone = rows[0] | {"PERSON_ID": "Q", "PERMIT_ID": "Q", "PERMIT_EVENT": "REPLACE", "FIRST_PERMIT": "_N"}
    return [*rows, gone | {"ROW": 121}, gone | {"ROW": 122}]


def visas() -> Rows:
    return [
        {"REF_AREA": "FRA", "TIME_PERIOD": "2020", "SOURCE_TYPE": "ADM_VISA", "ROW": n + 1, "PERSON_ID": f"P{n // 2}",
         "VISA_ID": f"N{n}", "VISA_TYPE": "LONG_STUDY", "VISA_GRANTED": "N" if n % 10 == 3 else "Y",
         "APPLICATION_DATE": "2020-01-10", "DECISION_DATE": "2020-02-10", "ISSUE_DATE": "2020-02-12",
         "VALID_FROM": "_Z" if n % 10 == 3 else "2020-03-01", "VALID_TO": "_Z" if n % 10 == 3 else "2020-08-31",
         "DAYS_ALLOWED": 120, "ENTRIES": 1, "DURATION": "3T5M", "SEX": "F", "AGE": 30, "BIRTH_DATE": "1990-02-03",
         "COUNTRY_BIRTH": "SEN", "CITIZENSHIP": "SEN"}
        for n in range(120)
    ]  # fmt: skip


OF_VISAS: dict[str, tuple[int, dict[str, object]]] = {
    "VISA_VALID_FROM_BEFORE_TO": (0, {"VALID_FROM": "2020-09-01"}),
    "VISA_APPLIED_BEFORE_DECISION": (0, {"APPLICATION_DATE": "2020-02-11"}),
    "VISA_DECIDED_BEFORE_ISSUE": (0, {"DECISION_DATE": "2020-02-13"}),
    "VISA_ISSUED_BEFORE_END": (0, {"VALID_FROM": "2020-01-31", "VALID_TO": "2020-02-11", "DAYS_ALLOWED": "_N"}),
    "VISA_ISSUED_BY_REFERENCE": (0, {"ISSUE_DATE": "2021-02-12", "AGE": 31, "VALID_TO": "_N"}),
    "VISA_ISSUED_IF_GRANTED": (0, {"VISA_GRANTED": "N"}),
    "VISA_DAYS_WITHIN_VALIDITY": (0, {"DAYS_ALLOWED": 200, "DURATION": "6T11M"}),
    "VISA_OF_FOREIGNERS": (0, {"CITIZENSHIP": "FRA"}),
    "VISA_DURATION_REACHED": (0, {"DURATION": "6T11M"}),
    "VISA_DURATION_KEPT": (0, {"DURATION": "LT3M"}),
    "VISA_ONCE": (0, {"VISA_ID": "N1"}),
    "BORN_BEFORE_EVENT": (0, {"PERSON_ID": "Q", "BIRTH_DATE": "2020-02-13", "AGE": "_N"}),
    "AGE_REACHED_AT_EVENT": (0, {"PERSON_ID": "Q", "BIRTH_DATE": "1985-02-01"}),
    "AGE_COMPLETED_AT_EVENT": (0, {"AGE": 29}),
    "ONE_BIRTH_DATE": (0, {"BIRTH_DATE": "1990-02-04"}),
    "ONE_SEX": (0, {"SEX": "M"}),
    "ONE_COUNTRY_BIRTH": (0, {"COUNTRY_BIRTH": "MLI"}),
}


# Tables: cells by one dimension at a time, all others in total.


def cells(id: str, values: dict[str, dict[str, float]], **fixed: str) -> Rows:
    """Cells whose total is 300, and the parts of some dimensions."""
    found = structure(id)
    total = dict.fromkeys(found.key, "_T") | {"FREQ": "A", "TIME_PERIOD": "2020", "UNIT_MEASURE": "PS"}
    total |= {"DEFINITION": "_Z"} | fixed
    rows = [total | {"OBS_VALUE": 300.0}]
    for dimension, parts in values.items():
        rows += [total | {dimension: code, "OBS_VALUE": value} for code, value in parts.items()]
    return rows


AGES = {"Y0T14": 100.0, "Y15T64": 150.0, "Y_GE65": 50.0, "Y0T4": 40.0, "Y5T9": 30.0, "Y10T14": 30.0}
SEXES = {"F": 160.0, "M": 140.0}
COUNTRIES = {"M49_002": 190.0, "M49_202": 190.0, "M49_014": 190.0, "UGA": 120.0, "TZA": 70.0, "_U": 110.0}
REASONS = {"EMP": 200.0, "FAM": 60.0, "_N": 40.0, "EMP_F": 150.0, "EMP_NF": 50.0}
DURATIONS = {"Y0T4": 90.0, "Y_GE5": 210.0, "Y_LT1": 20.0, "Y1T4": 70.0}


def stock() -> Rows:
    ways = {"MIGRANT": {"Y": 130.0, "N": 170.0}, "SEX": SEXES, "AGE": AGES, "COUNTRY_BIRTH": COUNTRIES,
            "CITIZENSHIP": COUNTRIES, "MIG_REASON": REASONS, "DURATION": DURATIONS}  # fmt: skip
    rows = cells("MIGRANT_STOCK", ways, REF_AREA="KEN", DEFINITION="FOREIGN_BORN")
    citizens = cells("MIGRANT_STOCK", {}, REF_AREA="KEN", DEFINITION="FOREIGN_CITIZEN")
    foreign = [citizens[0] | {"MIGRANT": "Y", "CITIZENSHIP": "UGA", "OBS_VALUE": 80.0}]
    born_abroad = [rows[0] | {"MIGRANT": "Y", "COUNTRY_BIRTH": "UGA", "OBS_VALUE": 120.0}]
    shares = [rows[0] | {"MIGRANT": "Y", "UNIT_MEASURE": "PT", "OBS_VALUE": 43.3}]
    return [*rows, *citizens, *foreign, *born_abroad, *shares]


def flows() -> Rows:
    rows: Rows = []
    for flow, share in (("IMM", 1.0), ("EMI", 0.4), ("NET", 0.6)):
        ways = {"SEX": SEXES, "AGE": AGES, "COUNTRY_PREVIOUS": COUNTRIES, "COUNTRY_NEXT": COUNTRIES,
                "COUNTRY_BIRTH": COUNTRIES, "CITIZENSHIP": COUNTRIES, "MIG_REASON": REASONS,
                "DURATION": DURATIONS}  # fmt: skip
        made = cells("MIGRATION_FLOW", ways, REF_AREA="KEN", FLOW=flow, AGE_DEF="COMPLET")
        made += [made[0] | {"AGE_DEF": "REACH"}, made[0] | {"UNIT_MEASURE": "PT", "OBS_VALUE": 100.0}]
        rows += [row if row["UNIT_MEASURE"] == "PT" else row | {"OBS_VALUE": row["OBS_VALUE"] * share} for row in made]
    return rows


def permit_cells() -> Rows:
    ways = {"PERMIT_REASON": {"EMP": 200.0, "EDUC": 50.0, "FAM": 40.0, "OTH": 10.0}, "CITIZENSHIP": COUNTRIES,
            "SEX": SEXES, "AGE": AGES, "DURATION": DURATIONS}  # fmt: skip
    rows = cells("PERMITS", ways, REF_AREA="IRL", PERMIT_EVENT="FIRST")
    return [*rows, rows[0] | {"PERMIT_REASON": "EMP", "UNIT_MEASURE": "PT", "OBS_VALUE": 66.7}]


def without(rows: Rows, dimension: str, code: str) -> Rows:
    """Leave out the first cell of a code."""
    gone = next(row for row in rows if row[dimension] == code)
    return [row for row in rows if row is not gone]


PART = {
    "MIGRANT": "N", "SEX": "M", "AGE": "Y15T64", "COUNTRY_BIRTH": "TZA", "CITIZENSHIP": "TZA",
    "COUNTRY_PREVIOUS": "TZA", "COUNTRY_NEXT": "TZA", "MIG_REASON": "FAM", "DURATION": "Y1T4", "PERMIT_REASON": "FAM",
}  # fmt: skip
OF_CELLS: dict[str, dict[str, Rows]] = {
    "MIGRANT_STOCK": {
        "FOREIGN_BORN_ELSEWHERE": [{"DEFINITION": "FOREIGN_BORN", "MIGRANT": "Y", "COUNTRY_BIRTH": "KEN"}],
        "FOREIGN_CITIZENS_FOREIGN": [{"DEFINITION": "FOREIGN_CITIZEN", "MIGRANT": "Y", "CITIZENSHIP": "KEN"}],
        "SHARE_WITHIN_100": [{"UNIT_MEASURE": "PT", "OBS_VALUE": 100.5}],
    },
    "MIGRATION_FLOW": {
        "NET_IS_THE_DIFFERENCE": [{"FLOW": "IMM"}, {"FLOW": "EMI"}, {"FLOW": "NET"}],
        "AGE_DEFINITIONS_AGREE_IN_TOTAL": [{"AGE_DEF": "COMPLET"}, {"AGE_DEF": "REACH", "OBS_VALUE": 21.0}],
        "IMMIGRANTS_FROM_ABROAD": [{"FLOW": "IMM", "COUNTRY_PREVIOUS": "KEN"}],
        "EMIGRANTS_TO_ABROAD": [{"FLOW": "EMI", "COUNTRY_NEXT": "KEN"}],
        "ONLY_NET_BELOW_ZERO": [{"FLOW": "EMI", "OBS_VALUE": -5.0}],
        "SHARE_WITHIN_100": [{"UNIT_MEASURE": "PT", "OBS_VALUE": 100.5}],
    },
    "PERMITS": {
        "PERMITS_OF_FOREIGNERS": [{"CITIZENSHIP": "IRL"}],
        "SHARE_WITHIN_100": [{"UNIT_MEASURE": "PT", "OBS_VALUE": 100.5}],
    },
}
"""For each rule the cells to add, in a corner of the table that has no others."""
REFUGEES, RENEWALS = {"MIG_STATUS": "REF"}, {"PERMIT_EVENT": "RENEWAL"}
CORNER = {"MIGRANT_STOCK": REFUGEES, "MIGRATION_FLOW": REFUGEES, "PERMITS": RENEWALS}

BASES: dict[str, Callable[[], Rows]] = {
    "BORDER_CROSSING": crossings,
    "CENSUS_PERSON": people,
    "MIGRANT_STOCK": stock,
    "MIGRATION_FLOW": flows,
    "PERMITS": permit_cells,
    "RESIDENCE_PERMIT": permits,
    "SURVEY_PERSON": surveyed,
    "VISA": visas,
}
OF_EVENTS = {"BORDER_CROSSING": OF_CROSSINGS, "RESIDENCE_PERMIT": OF_PERMITS, "VISA": OF_VISAS}


def changed(rows: Rows, at: int, values: dict[str, object]) -> Rows:
    rows[at] |= values
    return rows


def references_of(id: str) -> dict[str, pl.DataFrame]:
    rows = BASES[id]()
    others = {"households": households(rows)} if "HOUSEHOLD_ID" in rows[0] else {}
    return others | {"previous": frame_of(rows, id)}


def broken(id: str, rule: str) -> Rows:
    """The rows that are right, with what breaks one rule."""
    rows = BASES[id]()
    component, _, what = rule.rpartition("_")
    if what == "KNOWN":
        return not_stated(rows, component, natives=component == "COUNTRY_BIRTH")
    if rule.endswith("_ADDS_UP"):
        component = rule.removesuffix("_ADDS_UP")
        return without(rows, component, PART[component])
    if id in OF_CELLS:
        return [*rows, *(rows[0] | CORNER[id] | {"OBS_VALUE": 20.0} | cell for cell in OF_CELLS[id].get(rule, []))]
    if rule in FILES_OF_PEOPLE:
        return FILES_OF_PEOPLE[rule]()
    if rule in OF_PEOPLE and id in ("CENSUS_PERSON", "SURVEY_PERSON"):
        at, values = OF_PEOPLE[rule]
        return changed(rows, at, values(rows[at]))
    if rule in OF_EVENTS.get(id, {}):
        return changed(rows, *OF_EVENTS[id][rule])
    special = {"CROSSING_ONCE": repeated_crossing, "RECORDED_IN_ORDER": unordered_crossings,
               "PERMIT_ONCE": repeated_permit, "PERSON_ONCE": lambda: twice(rows)}  # fmt: skip
    return special.get(rule, lambda: rows)()


def other_files(id: str, rule: str, rows: Rows) -> dict[str, pl.DataFrame]:
    """The other files that go with the rows; some rules are broken by what stands there."""
    others = references_of(id)
    if "households" in others:
        others["households"] = households(rows)
        first = pl.col("HOUSEHOLD_ID") == "H0"
        if rule == "HOUSEHOLD_LISTED":
            others["households"] = others["households"].filter(~first)
        if rule == "HOUSEHOLD_SIZE":
            others["households"] = others["households"].with_columns(pl.col("PERSONS") + first)
    if rule.endswith("_JUMP"):
        column = rule.removesuffix("_JUMP")
        often = {"CENSUS_PERSON": "UGA", "BORDER_CROSSING": "AUS", "RESIDENCE_PERMIT": "IND", "VISA": "SEN"}[id]
        others["previous"] = others["previous"].filter(pl.col(column) != often)
    elif "OBS_VALUE" not in rows[0]:
        others["previous"] = frame_of(rows, id)
    elif rule.startswith("FAR_"):
        factor = pl.when(pl.int_range(pl.len()) == 0).then(0.1 if "MORE" in rule else 10.0).otherwise(1.0)
        others["previous"] = others["previous"].with_columns(pl.col("OBS_VALUE") * factor)
    return others


def unordered_crossings() -> Rows:
    rows = crossings()
    rows[0]["ROW"], rows[2]["ROW"] = 3, 1
    return rows


def own(id: str) -> list[str]:
    """The rules of a structure's own file, without those of the files it includes."""
    found = shipped_rules(id)
    assert found is not None
    return [rule.id for rule in found.rules if rule.place.file == f"{id}.yaml"]


CASES = [(id, rule) for id in BASES for rule in own(id)]


@pytest.mark.parametrize("id", sorted(BASES))
def test_files_that_are_right_pass_every_rule(id):
    rows = BASES[id]()

    run = ms.validate(frame_of(rows, id), structure=id, references=references_of(id))

    assert {} == {one.rule.id: one.sample for one in run.results if one.failed}
    assert [] == [rule for rule in own(id) if not run[rule].passed]


@pytest.mark.parametrize(("id", "rule"), CASES, ids=lambda value: value)
def test_a_record_that_breaks_one_rule_is_caught_by_it_alone(id, rule):
    rows = broken(id, rule)

    assert {rule} == failing(rows, id, other_files(id, rule, rows))


def three_months_on(day: datetime.date) -> datetime.date:
    year, month = divmod(day.year * 12 + day.month + 2, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def test_three_months_of_a_permit_are_counted_by_the_calendar():
    starts = [datetime.date(2022, 11, 1) + datetime.timedelta(days) for days in range(520)]
    pairs = [(day, three_months_on(day) + datetime.timedelta(days)) for day in starts for days in range(-6, 4)]
    frame = pl.DataFrame(pairs, schema={"VALID_FROM": pl.Date, "VALID_TO": pl.Date}, orient="row")
    rules = shipped_rules("RESIDENCE_PERMIT")
    one = replace(rules, rules=(rules["VALID_THREE_MONTHS"],))

    (judged,) = ms.validate(frame, rules=one, sample=len(pairs)).results

    short = [row for row, (start, last) in enumerate(pairs, 1) if last + datetime.timedelta(1) < three_months_on(start)]
    assert short == [row["_row"] for row in judged.sample]


HOUSEHOLD_FILES = {
    "HOUSEHOLD_ONCE": {"HOUSEHOLD_ID": ["A", "B", "B"], "PERSONS": [2, 1, 1]},
    "HOUSEHOLD_HAS_PERSONS": {"HOUSEHOLD_ID": ["A", "B", "C"], "PERSONS": [2, 1, 1]},
    "HOUSEHOLD_COUNTS_PERSONS": {"HOUSEHOLD_ID": ["A", "B"], "PERSONS": [2, 2]},
    "": {"HOUSEHOLD_ID": ["A", "B"], "PERSONS": [2, 1]},
}


@pytest.mark.parametrize("rule", sorted(HOUSEHOLD_FILES))
def test_a_household_file_that_breaks_one_rule_is_caught_by_it_alone(rule):
    persons = {"persons": pl.DataFrame({"HOUSEHOLD_ID": ["A", "A", "B"]})}

    run = ms.validate(pl.DataFrame(HOUSEHOLD_FILES[rule]), rules=shipped_rules("HOUSEHOLD"), references=persons)

    assert ({rule} if rule else set()) == {one.rule.id for one in run.results if one.failed}
    assert set(own("HOUSEHOLD")) == {one.rule.id for one in run.results if one.passed or one.failed}


@pytest.mark.parametrize("id", RULE_FILES)
def test_each_rule_is_named_described_and_sourced(id):
    for rule in shipped_rules(id).rules:
        assert set(LANGUAGES) == {language for language in LANGUAGES if rule.names.get(language)}, rule.id
        assert rule.description.endswith("."), rule.id
        assert rule.mend, rule.id
        assert not rule.mend.endswith("."), rule.id
        assert rule.origin, rule.id
        assert rule.standing in ("standard", "derived", "library choice", "general knowledge, to be confirmed"), rule.id
        assert rule.component, rule.id


def test_the_rules_that_ship_are_those_of_structures_and_of_households(root):
    assert set(RULE_FILES) == {path.stem for path in (root / "schemas" / "rules").glob("*.yaml")}
    assert {"HOUSEHOLD"} == set(RULE_FILES) - set(structure_ids())
