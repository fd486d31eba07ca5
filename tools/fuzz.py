"""Fuzz every reader, guided by coverage: no crash, no hang, no silent loss; only errors that say what is wrong.

python tools/fuzz.py --minutes 30            all readers, two at a time; `make fuzz` sets up what is needed
python tools/fuzz.py --minutes 5 csv yaml    some of them
python tools/fuzz.py --again FILE csv        one input, with its traceback

What breaks a reader is kept in build/fuzz/READER/, and becomes a case of tests/test_fuzzed.py.
"""

import argparse
import hashlib
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from fuzz_seeds import ROOT
from fuzz_targets import TARGETS, Target
from fuzz_warm import warm_readers

KEPT = ROOT / "build" / "fuzz"
MEMORY = Path("/dev/shm")
SECONDS_A_CALL = 20
MEGABYTES = 4096
ADDRESSES = 12 << 30
"""Bytes that a reader may reserve, the process that reads statistical files too."""


def run(name: str, seconds: int) -> None:
    """Fuzz one reader in this process, for so many seconds."""
    import atheris

    from migstat.words.finding import MigstatError

    target = TARGETS[name]
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    folder = Path(tempfile.mkdtemp())
    file = folder / f"input{target.suffix}"
    file.with_suffix(".toml").write_bytes((ROOT / "codelists" / "CL_SEX.toml").read_bytes())

    def once(given: bytes) -> None:
        file.write_bytes(given)
        try:
            target.read(file)
        except MigstatError as error:
            if not error.findings or not all(finding.what for finding in error.findings):
                raise ValueError("an error that says nothing") from error

    corpus = KEPT / name / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    with atheris.instrument_imports(include=["migstat.read"]):  # What the reader needs is loaded by its seeds.
        if target.warm:
            warm_readers()
        begun = list(seeds(target))
        for seed in begun:
            once(seed)
    for seed in begun:
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    limits = [f"-max_total_time={seconds}", f"-timeout={SECONDS_A_CALL}", f"-rss_limit_mb={MEGABYTES}"]
    place = [f"-artifact_prefix={KEPT / name}/", f"-max_len={target.longest}", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *limits, *place, str(corpus)], once)
    atheris.Fuzz()


def seeds(target: Target) -> Iterable[bytes]:
    """Yield what a reader begins with: the beginnings of good files, and wrong ones of the tests."""
    yield from (one[: target.longest] for one in target.made())
    for pattern in target.seeds:
        for path in sorted(ROOT.glob(pattern)):
            yield path.read_bytes()[: target.longest]


def main() -> int:
    """Run the readers that are named, or all, two at a time; return 1 where one of them broke."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("targets", nargs="*", choices=[[], *TARGETS], metavar="READER")
    words.add_argument("--minutes", type=float, default=30, help="for all together (default: 30)")
    words.add_argument("--at-once", type=int, default=2, help="processes at a time (default: 2)")
    words.add_argument("--again", type=Path, help="read this input once")
    words.add_argument("--seconds", type=int, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.again:
        return again(given.again, TARGETS[given.targets[0]])
    if given.seconds:
        run(given.targets[0], given.seconds)
        return 0
    names = given.targets or list(TARGETS)
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        return fuzz(names, given.minutes, given.at_once, folder)


def fuzz(names: list[str], minutes: float, at_once: int, folder: str) -> int:
    """Run readers, each in a process of its own, whose files lie in the folder; return 1 where one of them broke."""
    seconds = max(5, int(minutes * 60 * at_once / len(names)))
    waiting, running, broken = list(names), {}, []
    while waiting or running:
        while waiting and len(running) < at_once:
            name = waiting.pop(0)
            (KEPT / name).mkdir(parents=True, exist_ok=True)
            log = (KEPT / name / "log.txt").open("w", encoding="utf-8")
            command = [sys.executable, __file__, name, "--seconds", str(seconds)]
            apart = {"start_new_session": True, "env": {**os.environ, "TMPDIR": folder}}
            running[name] = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT, **apart), time.monotonic()
        for name, (process, since) in list(running.items()):
            stuck = time.monotonic() - since > seconds + 5 * SECONDS_A_CALL
            if stuck:
                process.kill()
            if process.poll() is not None:
                del running[name]
                with suppress(ProcessLookupError):  # A process that reads for it may be left.
                    os.killpg(process.pid, signal.SIGKILL)
                print(told(name, process.returncode, stuck), flush=True)
                if process.returncode:
                    broken.append(name)
        time.sleep(0.5)
    return 1 if broken else 0


def again(path: Path, target: Target) -> int:
    """Read one input, under the name that its kind has."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"input{target.suffix}"
        file.write_bytes(path.read_bytes())
        target.read(file)
    return 0


def told(name: str, code: int, stuck: bool) -> str:
    """Return one line on what came of a reader."""
    log = (KEPT / name / "log.txt").read_text(encoding="utf-8", errors="replace").splitlines()
    stats = dict(line.removeprefix("stat::").split(":") for line in log if line.startswith("stat::"))
    runs = int(stats.get("number_of_executed_units", "0"))
    if not code:
        return f"{name:20} {runs:>9,} inputs, nothing broke"
    why = next((line for line in log if " ERROR: " in line or "Error" in line or "Exception" in line), "stopped")
    return f"{name:20} BROKE{' (stuck)' if stuck else ''}: {why.strip()[:150]}"


if __name__ == "__main__":
    sys.exit(main())
