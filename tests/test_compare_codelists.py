"""Two versions of a codelist: what changed, and what the newer one breaks."""

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import migstat as ms
from migstat.words.change import Change

MAPPING = """id: EX
version: 1.0
into: CENSUS_PERSON
source: {kind: census, by: An office, area: KEN, date: 2019}
rules:
  SEX:
    from: SEX
    recode: {1: M, 2: F, 3: _O}
    else: _U
  AGE: {not_collected: made up}
  COUNTRY_BIRTH: {cases: [{when: "A = 1", give: KEN}, {when: "A = 2", from: B, recode: {7: UGA}}, {else: _O}]}
  CITIZENSHIP: {fixed: KEN}
  RESID_5Y: {not_collected: made up}
  YEAR_ARRIVAL: {not_collected: made up}
  MIG_REASON: {not_collected: made up}
"""


@pytest.fixture
def mapping(tmp_path):
    path = tmp_path / "mapping.yaml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


def changed(id, version="2.0", **codes):
    """The codelist with codes replaced by others, or taken out where the other is None."""
    old = ms.codelist(id)
    made = [codes.get(code.id, code) for code in old]
    return replace(old, version=version, codes=tuple(code for code in made if code is not None))


def test_every_kind_of_change_is_told():
    old = ms.codelist("CL_AREA")
    kenya, uganda, mali = old["KEN"], old["UGA"], old["MLI"]
    new = changed(
        "CL_AREA",
        KEN=replace(kenya, names={**kenya.names, "fr": "Le Kenya"}),
        UGA=replace(uganda, id="UGX"),
        MLI=replace(mali, parent="M49_015", valid_to=date(2026, 1, 1)),
    )
    found = ms.compare_codelists("CL_AREA", new, shipped=False)

    assert (
        Change("removed", "UGA", "Uganda"),
        Change("added", "UGX", after="Uganda"),
        Change("renamed", "KEN", "Kenya", "Le Kenya", "fr"),
        Change("moved", "MLI", "M49_011", "M49_015"),
        Change("validity", "MLI", "always", "2026-01-01"),
    ) == found.changes
    assert () == found.findings


def test_what_a_new_version_breaks_is_told_with_place_and_mend(mapping):
    old = ms.codelist("CL_COUNTRY_BIRTH")
    new = changed(
        "CL_COUNTRY_BIRTH", UGA=replace(old["UGA"], id="UGX"), KEN=replace(old["KEN"], valid_to=date(2026, 1, 1))
    )
    found = ms.compare_codelists("CL_COUNTRY_BIRTH", new, [mapping], shipped=False)
    said = [(str(one.place), one.component, one.what, one.mend) for one in found.findings]

    assert [
        (
            "mapping.yaml:11",
            "COUNTRY_BIRTH",
            "'KEN' ends on 2026-01-01 in CL_COUNTRY_BIRTH 2.0",
            "give the line valid_to: 2026-01-01, or write its successor",
        ),
        (
            "mapping.yaml:11",
            "COUNTRY_BIRTH",
            "CL_COUNTRY_BIRTH 2.0 has no code 'UGA' any more",
            "write UGX (Uganda)",
        ),
    ] == said
    assert {"EX": 2} == dict(found.mappings)


def test_the_shipped_mappings_and_correspondences_are_looked_through():
    found = ms.compare_codelists("CL_SEX", changed("CL_SEX", F=None))
    places = {one.place.file for one in found.findings}

    assert {"maps/ESTAT_SEX.csv", "maps/ILO_SEX.csv", "maps/OECD_SEX.csv", "mapping.yaml"} <= places
    assert {"USA_ACS_2018", "ARG_EPH", "CAN_CCHS", "ESTAT_SEX"} <= set(found.mappings)
    assert {"removed"} == {one.rule for one in found.findings}


def test_nothing_changed_breaks_nothing():
    found = ms.compare_codelists("CL_SEX", "CL_SEX")

    assert ((), ()) == (found.changes, found.findings)


def test_the_command_line_compares_files(tmp_path, root, mapping):
    folder = root / "codelists"
    for name in ("CL_SEX.csv", "CL_SEX.toml"):
        text = (folder / name).read_text(encoding="utf-8").replace("M,,Male,", "H,,Male,").replace('"1.0"', '"2.0"')
        (tmp_path / name).write_text(text, encoding="utf-8")

    def run(*words):
        return subprocess.run(
            [sys.executable, "-m", "migstat", "codes", *words],
            env={"PYTHONPATH": str(Path(ms.__file__).parents[1]), "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    done = run("diff", "CL_SEX", str(tmp_path / "CL_SEX.csv"), "--mapping", str(mapping))
    wrong = run("diff", "CL_SEX")
    maps = run("--map", "ESTAT_GEO", "--search", "greece")

    assert 1 == done.returncode
    assert "CL_SEX 1.0 to 2.0: 1 removed, 1 added, 0 renamed, 0 moved, 0 validity" in done.stdout
    assert "mapping.yaml:8  SEX\n  CL_SEX 2.0 has no code 'M' any more\n  Mend: write H (Male)" in done.stderr
    assert (2, True) == (wrong.returncode, "codes diff compares two codelists" in wrong.stderr)
    assert (0, True) == (maps.returncode, "EL    GRC" in maps.stdout)
