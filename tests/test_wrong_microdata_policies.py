"""Wrong microdata policies and their messages: each file says at its end, after ``#>``, exactly what is told of it."""

from pathlib import Path

import pytest

from migstat.read.microdata_policies import read_microdata_policy
from migstat.words.finding import MigstatError

FOLDER = Path(__file__).parent / "wrong_microdata_policies"
FILES = sorted(FOLDER.glob("*.yaml"))


def told(path: Path) -> str:
    try:
        read_microdata_policy(path)
    except MigstatError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_the_message_of_a_wrong_policy(path):
    said = path.read_text(encoding="utf-8").splitlines()
    expected = "\n".join(line.removeprefix("#> ") for line in said if line.startswith("#>"))

    assert expected
    assert expected == told(path)


def test_there_is_a_wrong_policy_for_each_habit():
    assert len(FILES) >= 55


def test_every_message_names_the_line_and_the_mend():
    for path in FILES:
        with pytest.raises(MigstatError) as error:
            read_microdata_policy(path)

        assert all(finding.mend and finding.what and finding.place.line for finding in error.value.findings)
