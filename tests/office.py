"""A small office: a plan, a mapping and an extract, for the tests of runs."""

from pathlib import Path

MAPPING = """\
id: KEN_TEST
version: 1.0
into: CENSUS_PERSON
source:
  kind: census
  by: nobody
  area: KEN
  date: 2019-08-24
  population: de facto
  birthplace: actual
  boundaries: census date
  key: [HH, LINE]
  weight: W
rules:
  SEX: {from: P12, recode: {1: M, 2: F}}
  AGE: {from: P11, not_stated: [98, 99]}
  COUNTRY_BIRTH: {from: P15, recode: {450: KEN, 800: UGA, 834: TZA}}
  CITIZENSHIP: {from: P15, recode: {450: KEN, 800: UGA, 834: TZA}, match: broader, because: a test}
  RESID_5Y: {not_collected: a test}
  YEAR_ARRIVAL: {not_collected: a test}
  MIG_REASON: {not_collected: a test}
"""
PLAN = """\
id: NIGHTLY
version: 1.0
names: {en: Kenya every night}
mapping: mapping.yaml
extracts: "data/*.csv*"
allow: {rejects: 5 %}
tables:
  STOCK: {definition: FOREIGN_BORN, by: [COUNTRY_BIRTH, SEX], names: {en: Foreign-born by country of birth}}
  AGES: {by: [AGE, SEX]}
protect: THRESHOLD_5
write: [parquet, csv]
"""
NAME = "persons"
BIRTHPLACES = ["450"] * 20 + ["800"] * 4 + ["834"]
LINES = [
    f"{number // 4},{number % 4},{1 + number % 2},{7 * number % 90},{BIRTHPLACES[number % len(BIRTHPLACES)]},1.5\n"
    for number in range(200)
]
GOOD = "HH,LINE,P12,P11,P15,W\n" + "".join(LINES) + "60,1,3,20,450,2.5\n"
"""Two hundred persons, and one whose sex no rule covers."""


def furnished(folder: Path) -> Path:
    """Make a folder with a plan, a mapping and one extract."""
    (folder / "data").mkdir(parents=True)
    (folder / "plan.yaml").write_text(PLAN, encoding="utf-8")
    (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    (folder / "data" / f"{NAME}.csv").write_text(GOOD, encoding="utf-8")
    return folder


def held(folder: Path) -> dict[str, bytes]:
    """All that a run leaves, but the account by which it goes on."""
    left = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in (".lock", "state.json"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in left}
