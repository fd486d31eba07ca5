"""One extract of a plan in a process of its own: the job comes in as JSON, progress and outcome go out, a line each.

A process that is killed, or runs out of memory, takes no other extract with it.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from migstat.api.run_states import finding_of
from migstat.words.finding import Finding, Place
from migstat.words.run_plan import STEPS, ExtractRun, Ran
from migstat.write.run import finding_facts

OFTEN = 0.2
"""Seconds between two words of progress."""


def run_apart(job: Mapping[str, Any], progress: Callable[[str, int, float], None] | None) -> ExtractRun:
    """Run one extract in a process of its own, and return what became of it, whatever became of the process."""
    command = [sys.executable, "-m", "migstat.api.run_worker"]
    process = subprocess.Popen(  # noqa: S603 - this same Python, and a module of ours
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(one for one in sys.path if one)},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    outcome: ExtractRun | None = None
    try:
        with process.stdin as stdin:
            stdin.write(json.dumps(dict(job)).encode())
        for line in process.stdout:
            said = json.loads(line)
            if "progress" in said and progress is not None:
                progress(*said["progress"])
            elif "done" in said:
                outcome = _outcome(said["done"])
    except BaseException:
        process.terminate()
        raise
    finally:
        process.stdout.close()
        code = process.wait()
    return outcome or _ended(job, code)


def _ended(job: Mapping[str, Any], code: int) -> ExtractRun:
    """Return the outcome of a process that ended without a word."""
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        what = f"the process was ended from outside ({name})"
        mend = "run again: it goes on where it stopped; if memory ran out, give --memory, or --workers 1"
    else:
        what, mend = f"the process ended by itself, with {code}", "run again; if it ends again, please report it"
    finding = Finding(Place(job["shown"]), "", what, mend, rule="ended")
    first, *rest = STEPS
    return ExtractRun(
        Path(job["folder"]).name,
        job["shown"],
        (Ran(first, "failed", findings=(finding,)), *(Ran(step, "open") for step in rest)),
    )


def _outcome(facts: Mapping[str, Any]) -> ExtractRun:
    steps = (Ran(**{**one, "findings": tuple(map(finding_of, one["findings"]))}) for one in facts["steps"])
    return ExtractRun(facts["name"], facts["source"], tuple(steps))


def extract_facts(run: ExtractRun) -> dict[str, Any]:
    """Return what became of an extract as plain values."""
    steps = [{**asdict(one), "findings": [finding_facts(finding) for finding in one.findings]} for one in run.steps]
    return {"name": run.name, "source": run.source, "steps": steps}


def main() -> None:
    """Read a job, run it, and tell of it."""
    from migstat.api.ceiling import prepare
    from migstat.words.address import is_address
    from migstat.words.finding import MigstatError

    # What a library prints must not be taken for a word of ours.
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    job = json.loads(sys.stdin.read())
    prepare(job["memory"])
    from migstat.api.run_steps import Chain
    from migstat.read.run_plans import read_run_plan

    last = 0.0

    def tell(step: str, rows: int, share: float) -> None:
        nonlocal last
        if time.monotonic() - last > OFTEN or not rows:
            last = time.monotonic()
            _say(channel, {"progress": [step, rows, share]})

    source = job["source"] if is_address(job["source"]) else Path(job["source"])
    try:
        plan = read_run_plan(Path(job["plan"]))
        chain = Chain(
            plan, plan.extracts[job["wanted"]], source, Path(job["folder"]), tell, job["memory"], job["engine"]
        )
        _say(channel, {"done": extract_facts(chain.run())})
    except MigstatError as error:
        steps = (Ran(STEPS[0], "failed", findings=error.findings), *(Ran(step, "open") for step in STEPS[1:]))
        _say(channel, {"done": extract_facts(ExtractRun(Path(job["folder"]).name, job["shown"], steps))})
    except KeyboardInterrupt:
        os._exit(130)


def _say(channel: Any, said: Mapping[str, Any]) -> None:
    channel.write(json.dumps(said, ensure_ascii=False) + "\n")
    channel.flush()


if __name__ == "__main__":
    main()
