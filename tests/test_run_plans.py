"""Run plans: what a plan may say, and every fault of one told at once, with its line and its mend."""

from pathlib import Path

import pytest

from migstat.read.run_plans import read_run_plan
from migstat.words.finding import MigstatError

PLAN = """\
id: NIGHTLY
version: 1.0
mapping: USA_ACS_2018
extracts: "*.zip"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_plan_needs_a_mapping_and_little_else(tmp_path: Path) -> None:
    plan = read_run_plan(written(tmp_path, "id: P\nversion: 1.0\nmapping: USA_ACS_2018\n"))

    assert ("P", (), None, 0.0, False) == (plan.id, plan.tables, plan.policy, plan.rejects_borne, plan.failures_borne)
    assert ("parquet", "sdmx.csv") == plan.formats


def test_all_that_a_plan_can_say(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("id: OWN\nversion: 1.0\nrules: []\n", encoding="utf-8")
    text = PLAN + (
        "names: {en: Every night}\nwave: x\nrules: [own.yaml]\njudge: own\n"
        "references: {last: own.yaml}\nallow: {rejects: 0.5 %, failures: all}\n"
        "tables: {STOCK: {definition: FOREIGN_BORN, by: [SEX]}}\nprotect: THRESHOLD_5\nwrite: [csv, ml30.xml]\n"
    )
    plan = read_run_plan(written(tmp_path, text))

    assert (0.5, True, "THRESHOLD_5") == (plan.rejects_borne, plan.failures_borne, plan.policy and plan.policy.id)
    assert (True, {"last": tmp_path / "own.yaml"}) == (plan.only, plan.references)
    assert [("STOCK", ("SEX",))] == [(one.id, one.by) for one in plan.tables[0].tables]
    assert ("x", "*.zip") == (plan.extracts[0].wave, plan.extracts[0].files)
    assert ["own.yaml", "plan.yaml"] == list(plan.files)


def test_sets_that_ship_and_several_layouts(tmp_path: Path) -> None:
    text = (
        "id: P\nversion: 1.0\nextracts:\n- {files: a*.csv, mapping: USA_ACS_2018}\n"
        "- {files: b*.csv, mapping: CAN_CCHS, wave: w}\ntables: [un-census]\n"
    )
    plan = read_run_plan(written(tmp_path, text))

    assert [("a*.csv", None), ("b*.csv", "w")] == [(one.files, one.wave) for one in plan.extracts]
    assert ["un-census"] == [one.id for one in plan.tables]


WRONG = {
    "nothing": ("", "plan.yaml\n  is empty\n  Mend: write the mapping, structure or rules into it"),
    "a list": (
        "- id: P\n",
        "plan.yaml:1\n  the plan is a list, not keys with values\n  Mend: begin with id: NIGHTLY",
    ),
    "a typo": (PLAN + "tabels: {}\n", "plan.yaml:5\n  the plan has no key 'tabels'\n  Mend: write tables"),
    "no mapping": (
        "id: P\nversion: 1.0\n",
        "plan.yaml:1\n  the plan has no 'mapping'\n  Mend: write mapping: mapping.yaml, or the id of a pack",
    ),
    "no mapping for files": (
        "id: P\nversion: 1.0\nextracts: ['*.csv']\n",
        "plan.yaml:3\n  nothing says by which mapping these files are read\n"
        "  Mend: write mapping: mapping.yaml in the plan, or beside files:",
    ),
    "no such mapping": (
        "id: P\nversion: 1.0\nmapping: gone.yaml\n",
        "plan.yaml:3\n  there is no file gone.yaml\n"
        "  Mend: name a mapping, or the id of a pack, in the folder of the plan",
    ),
    "a mapping outside": (
        "id: P\nversion: 1.0\nmapping: ../other/mapping.yaml\n",
        "plan.yaml:3\n  ../other/mapping.yaml is no file in the folder of the plan\n  Mend: put it there",
    ),
    "extracts outside": (
        PLAN.replace('"*.zip"', '"../*.zip"'),
        "plan.yaml:4\n  ../*.zip leads out of the folder\n"
        "  Mend: write a pattern such as '*.csv', and name the folder in the command: --from FOLDER",
    ),
    "extracts of the root": (
        PLAN.replace('"*.zip"', '"/etc/*"'),
        "plan.yaml:4\n  /etc/* leads out of the folder\n"
        "  Mend: write a pattern such as '*.csv', and name the folder in the command: --from FOLDER",
    ),
    "rules outside": (
        PLAN + "rules: /etc/passwd\n",
        "plan.yaml:5\n  /etc/passwd is no file in the folder of the plan\n  Mend: put it there",
    ),
    "a set": (
        PLAN + "tables: un-cencus\n",
        "plan.yaml:5\n  there is no set of tables un-cencus\n"
        "  Mend: write one of profile-stock, un-census, or name a YAML file",
    ),
    "a dimension": (
        PLAN + "tables:\n  STOCK: {by: [SEXX]}\n",
        "plan.yaml:6  STOCK\n  MIGRANT_CHARACTERISTICS has no dimension SEXX\n  Mend: write SEX",
    ),
    "a policy": (
        PLAN + "protect: THRESHOLD_7\n",
        "plan.yaml:5\n  there is no policy THRESHOLD_7\n  Mend: write THRESHOLD_5, or name a policy file",
    ),
    "a format": (
        PLAN + "write: [xslx]\n",
        "plan.yaml:5\n  tables are not written as 'xslx'\n"
        "  Mend: one of parquet, csv, sdmx.csv, sdmx1.csv, xml, ml30.xml, json",
    ),
    "references outside": (
        PLAN + "references: {previous: ../last.csv}\n",
        "plan.yaml:5\n  ../last.csv is no file in the folder of the plan\n  Mend: put it there",
    ),
    "references without names": (
        PLAN + "references: [last.csv]\n",
        "plan.yaml:5\n  references is a list, not names with files\n"
        "  Mend: write references: {households: households.parquet}",
    ),
    "a share": (
        PLAN + "allow: {rejects: some}\n",
        "plan.yaml:5\n  rejects: some is not a share of rows\n  Mend: write all, none, or per cent: rejects: 0.1 %",
    ),
    "an id": (
        PLAN.replace("NIGHTLY", "a/b"),
        "plan.yaml:1\n  id: a/b is not an id: letters, digits and _\n  Mend: write id: NIGHTLY",
    ),
}


@pytest.mark.parametrize(("text", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(MigstatError) as error:
        read_run_plan(written(tmp_path, text))

    assert told == str(error.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = PLAN.replace("1.0", "''") + "protect: NONE\nwrite: [pdf]\nallow: {rejects: 101}\nextra: 1\n"
    with pytest.raises(MigstatError) as error:
        read_run_plan(written(tmp_path, text))

    assert [5, 6, 7, 8] == [one.place.line for one in error.value.findings]
