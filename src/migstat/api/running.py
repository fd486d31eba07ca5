"""Run: extracts through a plan, from harmonizing to tables that may be published, each extract read once."""

import json
import os
import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from migstat.api.allowance import at_once
from migstat.api.engines import Engine, refuse_unknown
from migstat.api.run_states import clear_parts
from migstat.api.run_worker import extract_facts, run_apart
from migstat.read.run_plans import read_run_plan
from migstat.words.address import is_address, told
from migstat.words.finding import Finding, Misuse, Place, misuse
from migstat.words.memory import memory_bytes
from migstat.words.run_plan import ExtractRun, RunOutcome, RunPlan, Wanted
from migstat.write.atomic import write_text
from migstat.write.lock import locked
from migstat.write.run import finding_facts

ENDINGS = re.compile(
    r"\.(csv|tsv|txt|dat|asc|prn|parquet|sav|zsav|por|dta|sas7bdat|xpt|xlsx|xlsb|xls|ods|csdb|xml|json|gz|zip|bz2|xz|zst)$",
    re.IGNORECASE,
)

Told = Callable[[str, str, int, float], None]
"""Called with the name of the extract, the step, the rows done, and the share of the step that is done."""

Matched = tuple[list[tuple[Wanted, Path | str]], list[Finding]]
"""Extracts with how each is read, and what is wrong with the patterns."""


def run(
    plan: str | os.PathLike[str],
    extracts: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
    *,
    into: str | os.PathLike[str],
    folder: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    memory: str | int | None = None,
    engine: Engine = "polars",
    progress: Told | None = None,
) -> RunOutcome:
    """Run extracts through a plan: harmonize, validate, tabulate, protect, write.

    ``plan`` is a YAML file. ``extracts`` are files, folders of parts, or addresses of databases; without them those
    that the plan's patterns find in ``folder``, which is the folder of the plan unless it is named. Each extract has a
    folder of its own in ``into``: ``records``, ``validation`` and ``inside`` (the tables as they were counted) stay
    in the office; ``tables`` has those that may be published.

    Every extract is read once. A step is kept where nothing that it is made of has changed and its files are as they
    were left, so that a run that was stopped goes on, and a run with nothing new does nothing. An extract that fails
    ends no other. Several run side by side, each in a process of its own: as many as ``workers`` says, or as the
    processors and the memory allow; ``memory`` is the most that each may take, such as ``4G``. With ``engine="spark"``
    rows are worked on there, one extract after the other, and ``into`` is a folder that all machines see.

    Raises MigstatError where the plan cannot be used, and Misuse where there is no extract, or another run writes into
    the folder.
    """
    path = Path(plan)
    if not path.is_file():
        raise misuse("there is no such plan", "name a YAML file", place=path.name)
    refuse_unknown(engine)
    memory_bytes(memory)
    read = read_run_plan(path)
    given = [extracts] if isinstance(extracts, str | os.PathLike) else list(extracts)
    found, findings = _named(read, given) if given else _matched(read, Path(folder) if folder is not None else None)
    target = Path(into)
    names = _folders(found)
    with locked(target):
        clear_parts(target, deep=False)
        jobs = [
            {
                "plan": str(path),
                "wanted": read.extracts.index(wanted),
                "source": source if isinstance(source, str) else str(source),
                "shown": told(source) if isinstance(source, str) else source.name,
                "folder": str(target / name),
                "memory": memory,
                "engine": engine,
            }
            for (wanted, source), name in zip(found, names, strict=True)
        ]
        if engine == "spark" or (len(found) == 1 and workers is None):
            from migstat.api.run_steps import Chain  # only here: what is run apart is loaded there

            done = [
                Chain(read, wanted, source, target / name, _of(progress, name), memory, engine).run()
                for (wanted, source), name in zip(found, names, strict=True)
            ]
        else:
            done = _side_by_side(jobs, names, workers or at_once(len(jobs), memory_bytes(memory)), progress)
        outcome = RunOutcome(read, target, tuple(done), tuple(findings))
        _write(outcome)
    return outcome


def _side_by_side(
    jobs: Sequence[dict[str, Any]], names: Sequence[str], workers: int, progress: Told | None
) -> list[ExtractRun]:
    one_at_a_time = threading.Lock()

    def run_one(job: dict[str, Any], name: str) -> ExtractRun:
        def tell(step: str, rows: int, share: float) -> None:
            if progress is not None:
                with one_at_a_time:
                    progress(name, step, rows, share)

        return run_apart(job, tell)

    with ThreadPoolExecutor(max(1, workers)) as threads:
        return list(threads.map(run_one, jobs, names))


def _of(progress: Told | None, name: str) -> Callable[[str, int, float], None] | None:
    return None if progress is None else lambda step, rows, share: progress(name, step, rows, share)


def _named(plan: RunPlan, given: Sequence[str | os.PathLike[str]]) -> Matched:
    """Return the extracts that the caller names, each read as the pattern says that its name fits."""
    found: list[tuple[Wanted, Path | str]] = []
    faults: list[Finding] = []
    for one in given:
        if is_address(one):
            found.append((plan.extracts[0], str(one)))
            continue
        path = Path(one)
        fits = [wanted for wanted in plan.extracts if not wanted.files or path.match(wanted.files)]
        if not path.exists():
            faults.append(Finding(Place(path.name), "", "there is no such file or folder", "check the path"))
        elif not fits and len(plan.extracts) > 1:
            patterns = ", ".join(wanted.files for wanted in plan.extracts)
            what = f"fits none of the patterns of the plan: {patterns}"
            faults.append(Finding(Place(path.name), "", what, "rename it, or add its pattern to the plan"))
        else:
            found.append(((fits or plan.extracts)[0], path))
    if faults:
        raise Misuse(faults)
    return found, []


def _matched(plan: RunPlan, folder: Path | None) -> Matched:
    """Return the extracts that the patterns of the plan find, in the order of their names."""
    place = folder or plan.folder
    if not place.is_dir():
        raise misuse("there is no such folder", "name the folder of the extracts", place=place.name)
    found: dict[Path, Wanted] = {}
    findings: list[Finding] = []
    for wanted in plan.extracts:
        if not wanted.files:
            mend = "name the extracts in the command, or write extracts: '*.csv' into the plan"
            raise misuse("nothing says which extracts are to be run", mend, place=str(plan.place))
        met = [path for path in sorted(place.glob(wanted.files)) if not path.name.startswith(".")]
        # A plan of others leads nowhere out of its folder, not by a link either.
        if folder is None:
            met = [path for path in met if path.resolve().is_relative_to(place.resolve())]
        if not met:
            what = f"no file fits {wanted.files}"
            findings.append(Finding(wanted.place, "extracts", what, "check the pattern and the folder: --from FOLDER"))
        for path in met:
            found.setdefault(path, wanted)
    if not found:
        raise Misuse(findings)
    return [(wanted, path) for path, wanted in sorted(found.items())], findings


def _folders(found: Sequence[tuple[Wanted, Path | str]]) -> list[str]:
    """Return the name of each extract's folder; raise Misuse where two would have the same."""
    names = [_folder(wanted, source) for wanted, source in found]
    faults = []
    for name in sorted({one for one in names if names.count(one) > 1}):
        sources = [told(str(source)) for (_, source), one in zip(found, names, strict=True) if one == name]
        what = f"{' and '.join(sources)} would both be written into {name}"
        faults.append(Finding(Place(name), "", what, "rename one of them, or run them into different folders"))
    if faults:
        raise Misuse(faults)
    return names


def _folder(wanted: Wanted, source: Path | str) -> str:
    name = source.name if isinstance(source, Path) else re.split(r"[/=]", source)[-1]
    while (shorter := ENDINGS.sub("", name)) != name:
        name = shorter
    plain = re.sub(r"[^\w.-]+", "_", name).strip("._") or "extract"
    return f"{plain}.{wanted.wave}" if wanted.wave else plain


def outcome_facts(outcome: RunOutcome) -> dict[str, Any]:
    """Return what became of a plan as plain values; the same for the same outcome."""
    return {
        "plan": {"id": outcome.plan.id, "version": outcome.plan.version, "files": dict(outcome.plan.files)},
        "ok": outcome.ok,
        "findings": [finding_facts(one) for one in outcome.findings],
        "extracts": [{**extract_facts(one), "ok": one.ok} for one in outcome.extracts],
    }


def _write(outcome: RunOutcome) -> None:
    """Write the account of the run and its page. They say what there is, not whether a step was made now or before."""
    from migstat.report.outcome_page import outcome_page

    facts = outcome_facts(outcome)
    for extract in facts["extracts"]:
        for step in extract["steps"]:
            step["standing"] = "made" if step["standing"] == "kept" else step["standing"]
    write_text(outcome.into / "run.json", json.dumps(facts, ensure_ascii=False, indent=1) + "\n")
    write_text(outcome.into / "index.html", outcome_page(outcome))
