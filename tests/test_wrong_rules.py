"""Wrong rule files and their messages: each file says at its end, after ``#>``, exactly what is told of it."""

from pathlib import Path

import pytest

from migstat.read.rules import read_rules
from migstat.words.finding import MigstatError

FOLDER = Path(__file__).parent / "wrong_rules"
FILES = sorted(FOLDER.glob("*.yaml"))


def told(path: Path) -> str:
    try:
        read_rules(path)
    except MigstatError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_the_message_of_a_wrong_rule_file(path):
    said = path.read_text(encoding="utf-8").splitlines()
    expected = "\n".join(line.removeprefix("#> ") for line in said if line.startswith("#>"))

    assert expected
    assert expected == told(path)


def test_there_is_a_wrong_rule_file_for_each_habit():
    assert len(FILES) >= 60


def test_every_message_names_the_line_and_the_mend():
    for path in FILES:
        with pytest.raises(MigstatError) as error:
            read_rules(path)

        assert all(finding.mend and finding.what for finding in error.value.findings)
        assert all(finding.place.line for finding in error.value.findings)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(MigstatError, match=r"rules\.yaml\n  cannot be read"):
        read_rules(tmp_path / "rules.yaml")


def test_a_file_outside_the_folder_is_not_opened(tmp_path):
    (tmp_path / "other.yaml").write_text("id: OTHER\nversion: 1.0\nrules: [{id: O, check: AGE > 3}]")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "rules.yaml").write_text("id: R\nversion: 1.0\ninclude: ['../other.yaml', '..', '/etc/hosts']\n")
    with pytest.raises(MigstatError) as error:
        read_rules(inside / "rules.yaml")

    assert 3 == len(error.value.findings)
    assert all("outside the folder" in finding.what for finding in error.value.findings)
