"""Wrong policies and their messages: each file says at its end, after ``#>``, exactly what is told of it."""

from pathlib import Path

import pytest

import migstat as ms
from migstat.read.policies import read_policy
from migstat.words.finding import MigstatError, Misuse

FOLDER = Path(__file__).parent / "wrong_policies"
FILES = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_the_message_of_a_wrong_policy(path):
    said = path.read_text(encoding="utf-8").splitlines()
    expected = "\n".join(line.removeprefix("#> ") for line in said if line.startswith("#>"))
    with pytest.raises(MigstatError) as error:
        read_policy(path)

    assert expected
    assert expected == str(error.value)
    assert all(finding.mend for finding in error.value.findings)


def test_there_is_a_wrong_policy_for_each_habit():
    assert len(FILES) >= 30


def test_a_policy_that_does_not_ship():
    with pytest.raises(Misuse, match="there is no policy TRESHOLD_5\n  Mend: write THRESHOLD_5, or name a policy file"):
        ms.read_policy("TRESHOLD_5")


def test_a_policy_file_that_is_not_there(tmp_path):
    with pytest.raises(Misuse, match=r"office\.yaml\n  there is no such policy"):
        ms.read_policy(tmp_path / "office.yaml")
