"""Tells figures: one table with ratios, the machine under it; kept as a file, and quoted in docs/performance.md."""

import datetime
import json
import statistics
from pathlib import Path
from typing import Any

from benchmarks.inputs import ROOT
from benchmarks.measuring import Figures

PAGE = ROOT / "docs" / "performance.md"
RESULTS = ROOT / "benchmarks" / "results"
STEADY = 1.25
"""Wall times of one job that differ by more than this factor say that something else was running."""
KEYED = ", and the key"
FIGURES = ("wall", "wall_min", "cpu", "gb")


def summary(figures: Figures) -> list[dict[str, Any]]:
    """Return a line for each job: medians, the spread of wall times, and ratios to the first job of its kind."""
    lines = []
    for job, runs in figures.items():
        walls = [run["wall"] for run in runs]
        lines.append(
            {
                "job": job,
                "runs": len(runs),
                "wall": statistics.median(walls),
                "wall_min": min(walls),
                "wall_max": max(walls),
                "cpu": statistics.median(run["cpu"] for run in runs),
                "gb": max(run["gb"] for run in runs),
            }
        )
    for line in lines:
        first = next(one for one in lines if one["job"].endswith(KEYED) == line["job"].endswith(KEYED))
        for figure in FIGURES:
            line[f"{figure}_ratio"] = line[figure] / first[figure]
    return lines


def table(lines: list[dict[str, Any]]) -> str:
    """Return the summary as a table in Markdown, ready for docs/performance.md."""
    rows = [["job", "wall, s", "lowest to highest", "CPU, s", "peak memory, GB"]]
    rows[0] += ["wall ratio", "of the lowest", "CPU ratio", "memory ratio"]
    for line in lines:
        rows.append(
            [
                line["job"],
                f"{line['wall']:.2f}",
                f"{line['wall_min']:.2f} to {line['wall_max']:.2f}",
                f"{line['cpu']:.1f}",
                f"{line['gb']:.2f}",
                *(f"{line[f'{figure}_ratio']:.2f}" for figure in FIGURES),
            ]
        )
    return grid(rows)


def grid(rows: list[list[str]]) -> str:
    """Return rows, of which the first is the head, as a table in Markdown."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    shown = [f"| {' | '.join(row)} |" for row in padded]
    shown.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(shown)


def told(kept: dict[str, Any]) -> str:
    """Return what is printed at the end: the size, the table, the machine, and whether the results agree."""
    runs = f"{kept['runs']} runs of each job, alternating; medians" if kept["runs"] > 1 else "one run of each job"
    seldom = [line["job"].removesuffix(KEYED) for line in kept["summary"] if line["runs"] < kept["runs"]]
    runs += "".join(f"; only one run of *{name}*" for name in dict.fromkeys(seldom))
    lines = [
        f"{kept['rows']:,} rows, {kept['mb']:,} MB of {kept['kind']}; {runs}; {kept['date']}",
        "",
        table(kept["summary"]),
        "",
        on(kept["machine"]),
    ]
    unsteady = [line["job"] for line in kept["summary"] if line["wall_max"] > STEADY * line["wall_min"]]
    if unsteady:
        lines += [
            "",
            f"**Not a steady machine**: the wall times of {' and '.join(unsteady)} differ by more than a factor of "
            f"{STEADY}, so that the wall ratio says little. Look at the ratios of the lowest and of the CPU times, and "
            "measure again.",
        ]
    lines += [part for said in (agreed(kept["agreement"]), *kept.get("notes", ())) if said for part in ("", said)]
    return "\n".join(lines)


def on(about: dict[str, Any]) -> str:
    """Return the machine and the versions in a line."""
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    return (
        f"{about['cores']} cores ({about['processor']}), {about['memory_gb']} GB, {about['system']}; "
        f"load at the start {about['load_at_start']}; {versions}"
    )


def agreed(agreement: dict[str, Any]) -> str:
    """Say in what the results of all jobs were found equal."""
    if "columns" in agreement:
        shown = f"{agreement['records']:,} records in {agreement['columns']} columns, value by value"
        return f"The results agree: {shown}; {agreement['rejects']} rejects, as planted."
    if "told" in agreement:
        return f"The jobs agree: the same {len(agreement['told'])} sums and counts."
    parts = []
    if "cells" in agreement and "records" in agreement:
        parts.append(f"{agreement['records']:,} records, value by value")
    if "rules" in agreement:
        parts.append(f"the counts of {agreement['rules']} rules ({agreement['failed']:,} failures in all)")
    if "cells" in agreement:
        parts.append(f"{agreement['cells']:,} cells of the cube")
    return f"The jobs agree: {', '.join(parts)}." if parts else ""


def keep(
    name: str, kind: str, mb: float, rows: int, runs: int, about: dict[str, Any], figures: Figures,
    agreement: dict[str, Any] | None = None, *, notes: tuple[str, ...] = (), results: Path = RESULTS,
    quoted: bool = False,
) -> None:  # fmt: skip
    """Print the table, keep it with all its figures, and quote it in its section of the page where that is wanted."""
    date = datetime.date.today().isoformat()
    kept = {
        "date": date, "rows": rows, "runs": runs, "mb": round(mb), "kind": kind, "machine": about,
        "agreement": agreement or {}, "notes": list(notes), "summary": summary(figures), "figures": figures,
    }  # fmt: skip
    text, file = told(kept), f"{date}-{name}-{rows}.json"
    print(f"\n{text}", flush=True)
    results.mkdir(exist_ok=True)
    (results / file).write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    if quoted:
        quote(f"{text}\n\nKept in `benchmarks/results/{file}`.", name)


def marks(section: str) -> tuple[str, str]:
    """Return the two lines of docs/performance.md between which a section is quoted."""
    return f"<!-- printed by the benchmark: {section} -->", f"<!-- until here: {section} -->"


def quote(text: str, section: str) -> None:
    """Put what was printed into docs/performance.md, between its two marks."""
    begin, end = marks(section)
    page = PAGE.read_text(encoding="utf-8")
    assert page.count(begin) == 1 == page.count(end), f"docs/performance.md has no place for {section}"
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
