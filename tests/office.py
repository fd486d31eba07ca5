"""A small office: a plan, a mapping and an extract, for the tests of runs."""

from pathlib import Path

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
BIRTHPLACES = ["450"] * 24 + ["800"]
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
    mapping = (Path(__file__).parent / "small_census.yaml").read_text(encoding="utf-8")
    (folder / "mapping.yaml").write_text(mapping.replace("{FORMAT}", "{kind: csv}"), encoding="utf-8")
    (folder / "data" / f"{NAME}.csv").write_text(GOOD, encoding="utf-8")
    return folder


def held(folder: Path) -> dict[str, bytes]:
    """All that a run leaves, but the account by which it goes on."""
    left = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in (".lock", "state.json"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in left}


def decide(folder: Path) -> None:
    """Decide all that a new pack leaves open."""
    for path in folder.rglob("*"):
        if path.suffix in (".yaml", ".csv", ".md"):
            text = path.read_text(encoding="utf-8")
            text = text.replace("TODO,TODO,exact,,TODO a line for each", "2,UGA,exact,,a line for each")
            text = text.replace("population: TODO de jure or de facto", "population: de facto")
            path.write_text(text.replace("TODO ", "").replace("TODO_", ""), encoding="utf-8")
