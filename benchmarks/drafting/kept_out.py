"""Two real files held out: what their columns are is known, from the notes beside the data."""

from pathlib import Path

import migstat as ms
from benchmarks.drafting.truth import Score, Told, compare, of_draft

BOOKS = Path(__file__).parent
KDD = {
    ("AGE", "AAGE"), ("CITIZENSHIP", "PRCITSHP"), ("COUNTRY_BIRTH", "PENATVTY"), ("COUNTRY_BIRTH_FATHER", "PEFNTVTY"),
    ("COUNTRY_BIRTH_MOTHER", "PEMNTVTY"), ("EDUCATION", "AHGA"), ("EMP_STATUS", "ACLSWKR"), ("MARITAL", "AMARITL"),
    ("RESID_1Y", "MIGSAME"), ("SEX", "ASEX"), ("weight", "MARSUPWT"),
}  # fmt: skip
URUGUAY = {
    ("AGE", "e27"), ("COUNTRY_BIRTH", "e37"), ("DURATION", "e38_1"), ("HOUSEHOLD_ID", "numero"), ("PERSON_ID", "nper"),
    ("SEX", "e26"), ("key", "nper"), ("key", "numero"), ("weight", "pesoano"),
}  # fmt: skip
URUGUAY_LINES = {
    ("SEX", "e26", "1"): "M", ("SEX", "e26", "2"): "F",
    ("COUNTRY_BIRTH", "e37", "1"): "URY", ("COUNTRY_BIRTH", "e37", "2"): "URY", ("COUNTRY_BIRTH", "e37", "3"): "URY",
    ("COUNTRY_BIRTH", "e37", "4"): "_O",
}  # fmt: skip


def kdd(data: Path) -> tuple[Score, Score]:
    """Return the scores of the Current Population Survey of 1994-95: no header, answers as words; columns only."""
    made = ms.draft(data / "us_cps_kdd/census-income.test.gz", BOOKS / "kdd.csv", area="USA", date="1995",
                    structure="SURVEY_PERSON")  # fmt: skip
    told = of_draft(made)
    told.lines = {}
    return compare(told, Told(KDD, {}, {component for component, _ in KDD}))


def uruguay(data: Path) -> tuple[Score, Score]:
    """Return the scores of Uruguay's household survey of 2018."""
    made = ms.draft(data / "uruguay_ech_2018/ech_2018_migration.csv", BOOKS / "uruguay.csv", area="URY", date="2018",
                    structure="SURVEY_PERSON")  # fmt: skip
    return compare(of_draft(made), Told(URUGUAY, URUGUAY_LINES, {component for component, _ in URUGUAY}))
