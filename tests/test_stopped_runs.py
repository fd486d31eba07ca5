"""Runs that are cut off, at every step: nothing is half-written, what is wrong is told, and the next run completes."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import migstat as ms
from migstat.words.finding import Misuse
from migstat.write import atomic
from office import NAME, furnished, held

KILLED = """
import os, pathlib, signal, sys
import migstat as ms
real, left = pathlib.Path.replace, int(sys.argv[3])
def replace(part, target):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(part, target)
pathlib.Path.replace = replace
ms.run(sys.argv[1], into=sys.argv[2])
"""
"""A run that is killed when so many files are written and the last of them has not taken its place."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnished(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def whole(office: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], int]:
    """What a run leaves that nobody disturbs, and how many files it writes on the way."""
    count, real = 0, atomic._flush

    def flush(part: Path) -> None:
        nonlocal count
        count += 1
        real(part)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(atomic, "_flush", flush)
        folder = tmp_path_factory.mktemp("whole")
        assert ms.run(office / "plan.yaml", into=folder).ok
    return held(folder), count


def only_whole(folder: Path, whole: dict[str, bytes]) -> None:
    """Every file that a reader would find is as an undisturbed run leaves it; the account of the run is whole too."""
    for name, data in held(folder).items():
        if name == "run.json":
            json.loads(data)
        elif name == "index.html":
            assert data.endswith(b"</html>\n")
        elif not Path(name).name.startswith("."):
            assert whole[name] == data


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_killed_at_any_file_nothing_is_half_written_and_the_next_run_completes(
    office: Path, whole: tuple[dict[str, bytes], int], tmp_path: Path
) -> None:
    files, count = whole
    for number in range(1, count + 1):
        into = tmp_path / str(number)
        command = [sys.executable, "-c", KILLED, str(office / "plan.yaml"), str(into), str(number)]
        done = subprocess.run(command, check=False, capture_output=True)

        assert -9 == done.returncode
        only_whole(into, files)
        again = ms.run(office / "plan.yaml", into=into)
        assert again.ok
        assert files == held(into)
        assert [] == [*into.rglob("*.part")]


@pytest.mark.slow
def test_a_full_disk_at_any_file_is_told_and_the_next_run_completes(
    office: Path, whole: tuple[dict[str, bytes], int], tmp_path: Path
) -> None:
    files, count = whole
    for number in range(1, count + 1):
        into, left, real = tmp_path / str(number), number, atomic._flush

        def flush(part: Path, real: Any = real) -> None:
            nonlocal left
            left -= 1
            if not left:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            real(part)

        told = ""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(atomic, "_flush", flush)
            try:
                outcome = ms.run(office / "plan.yaml", into=into)
                told = " ".join(one.what for one in outcome[NAME].findings)
            except Misuse as error:
                # The account of the run itself found no room.
                told = str(error)

        assert "cannot be written: No space left on device" in told
        only_whole(into, files)
        assert [] == [*into.rglob("*.part")]
        assert ms.run(office / "plan.yaml", into=into).ok
        assert files == held(into)


@pytest.mark.skipif(os.name == "nt", reason="needs a limit of the size of files")
@pytest.mark.parametrize("room", [100, 2_000, 6_000])
def test_a_disk_that_takes_no_more_in_the_middle_of_a_file(
    office: Path, whole: tuple[dict[str, bytes], int], tmp_path: Path, room: int
) -> None:
    limit = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room})); from migstat.cli import main; main(sys.argv[1:])"
    )
    words = ["run", str(office / "plan.yaml"), "--into", str(tmp_path / "out")]
    done = subprocess.run([sys.executable, "-c", limit, *words], check=False, capture_output=True, text=True)

    assert done.returncode in (1, 2)
    assert "cannot be written: File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert "fault of migstat" not in done.stderr
    only_whole(tmp_path / "out", whole[0])
    assert [] == [*(tmp_path / "out").rglob("*.part")]
    assert ms.run(office / "plan.yaml", into=tmp_path / "out").ok
    assert whole[0] == held(tmp_path / "out")


def test_what_a_killed_run_left_on_the_way_is_removed(office: Path, tmp_path: Path) -> None:
    left = tmp_path / NAME / "records" / ".KEN_TEST.records.parquet.0123abcd.part"
    left.mkdir(parents=True)
    (left / "part-0.parquet").write_bytes(b"half of it, as Spark writes it: a folder")
    (tmp_path / ".run.json.0123abcd.part").write_bytes(b"half of it")

    assert ms.run(office / "plan.yaml", into=tmp_path).ok
    assert [] == [*tmp_path.rglob("*.part")]


@pytest.mark.parametrize("folder", ["records", "validation", "inside", "tables"])
def test_an_output_that_cannot_be_written_is_told(
    office: Path, whole: tuple[dict[str, bytes], int], tmp_path: Path, folder: str
) -> None:
    place = tmp_path / NAME / folder
    place.parent.mkdir()
    place.write_text("a file where a folder is due", encoding="utf-8")
    outcome = ms.run(office / "plan.yaml", into=tmp_path)

    assert not outcome.ok
    assert "cannot be written" in outcome[NAME].findings[-1].what
    place.unlink()
    assert ms.run(office / "plan.yaml", into=tmp_path).ok
    assert whole[0] == held(tmp_path)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="whoever may do everything is refused nothing")
def test_a_folder_that_may_not_be_written_to_is_told(office: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o500)
    with pytest.raises(Misuse) as error:
        ms.run(office / "plan.yaml", into=tmp_path / "out")

    assert "cannot be written: Permission denied" in error.value.findings[0].what


@pytest.mark.slow
def test_an_extract_that_vanishes_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    office = furnished(tmp_path / "office")
    data = office / "data"
    (data / "vanishing.csv").write_bytes((data / f"{NAME}.csv").read_bytes())

    def vanish(*_: Any) -> None:
        (data / "vanishing.csv").unlink(missing_ok=True)

    outcome = ms.run(office / "plan.yaml", into=tmp_path / "out", workers=1, progress=vanish)

    assert (True, False) == (outcome[NAME].ok, outcome["vanishing"].ok)
    assert ["cannot be read: No such file or directory"] == [one.what for one in outcome["vanishing"].findings]
    assert [] == [*(tmp_path / "out" / "vanishing").rglob("*.parquet")]
