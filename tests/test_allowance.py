"""How many extracts run side by side: as a container or a service allows, not only as the machine would."""

import os

import pytest

from migstat.api import allowance

GIB = 1 << 30
OWN = {1: "4:memory:/machine/box\n1:cpu,cpuacct:/machine/box\n0::/\n", 2: "0::/machine/box\n"}
FILES = {
    1: {
        "memory": "memory/{}memory.limit_in_bytes",
        "cpu": "cpu/{}cpu.cfs_quota_us",
        "period": "cpu/{}cpu.cfs_period_us",
    },
    2: {"memory": "{}memory.max", "cpu": "{}cpu.max"},
}
NONE = {1: str((1 << 63) - 4096), 2: "max"}


@pytest.fixture(params=[1, 2], ids=["version 1", "version 2"])
def limited(request, tmp_path, monkeypatch):
    """Return what sets a limit in a control group; the machine has 16 processors and 64 GiB."""
    monkeypatch.setattr(allowance, "GROUPS", tmp_path)
    monkeypatch.setattr(allowance, "OWN", tmp_path / "own")
    monkeypatch.setattr(allowance, "MEMORY", tmp_path / "meminfo")
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: range(16), raising=False)
    (tmp_path / "own").write_text(OWN[request.param], encoding="utf-8")
    (tmp_path / "meminfo").write_text(f"MemTotal: 1 kB\nMemAvailable: {64 << 20} kB\n", encoding="utf-8")

    def limit(group, memory=None, processors=None):
        none = "-1" if request.param == 1 else "max"
        quota = none if processors is None else str(int(processors * 100_000))
        told = {
            "memory": NONE[request.param] if memory is None else str(memory),
            "cpu": quota if request.param == 1 else f"{quota} 100000",
            "period": "100000",
        }
        for what, name in FILES[request.param].items():
            path = tmp_path / name.format(group)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(told[what] + "\n", encoding="ascii")

    return limit


@pytest.mark.parametrize(
    ("group", "memory", "processors", "ceiling", "expected"),
    [
        pytest.param("machine/box/", None, None, 4 * GIB, 8, id="no limit: two processors each"),
        pytest.param("machine/box/", 5 * GIB, None, 4 * GIB, 1, id="the limit of its own group"),
        pytest.param("machine/", 9 * GIB, None, 4 * GIB, 2, id="the limit of a group above"),
        pytest.param("", 9 * GIB, None, 4 * GIB, 2, id="the limit at the top, as in a container"),
        pytest.param("machine/box/", 9 * GIB, None, None, 6, id="what an extract may need without a ceiling"),
        pytest.param("machine/box/", 1 * GIB, None, 4 * GIB, 1, id="never none"),
        pytest.param("machine/box/", None, 4, 4 * GIB, 2, id="a share of the processors"),
        pytest.param("", None, 0.5, 4 * GIB, 1, id="half a processor"),
    ],
)
def test_as_many_extracts_run_side_by_side_as_fit(limited, group, memory, processors, ceiling, expected):
    limited(group, memory, processors)

    assert expected == allowance.at_once(100, ceiling)


def test_no_more_run_than_there_are(limited):
    assert allowance.at_once(3, None) == 3


def test_a_system_that_tells_nothing_is_taken_for_a_small_one(limited, tmp_path, monkeypatch):
    monkeypatch.setattr(allowance, "OWN", tmp_path / "nothing")
    monkeypatch.setattr(allowance, "MEMORY", tmp_path / "nothing")

    assert allowance.at_once(100, None) == 4
