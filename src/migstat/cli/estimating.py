"""The commands on precision: estimates of a sample, and tests of difference."""

import argparse
from collections.abc import Callable, Sequence
from typing import Any

from migstat import api
from migstat.cli import show
from migstat.words.design import LONELY, METHODS, Design
from migstat.words.estimates import PRECISION, TEST, Estimates
from migstat.words.finding import Finding, Place, misuse
from migstat.words.how_many import how_many

STATISTICS = ["total", "mean", "proportion", "ratio", "quantile"]
Command = Callable[[str, str], argparse.ArgumentParser]


def add_commands(command: Command) -> None:
    """Add the commands to the parser."""
    estimate = command(
        "estimate",
        "migstat estimate build/USA_ACS_2018.records.parquet --by US_NATIVITY\n"
        "migstat estimate build/X.records.parquet --statistic mean --of AGE --by SEX --domain 'AGE >= 15'\n"
        "migstat estimate build/X.records.parquet --statistic proportion --of LABOUR --into labour.csv",
    )
    _common(estimate, "total")
    estimate.add_argument("--probabilities", metavar="P[,P]", default="0.25,0.5,0.75", help="of quantiles")
    estimate.add_argument("--symmetric", action="store_true", help="symmetric intervals for proportions, not the logit")

    difference = command(
        "difference",
        "migstat difference build/X.records.parquet --statistic mean --of AGE --by SEX --groups F,M\n"
        "migstat difference build/X2019.records.parquet --other build/X2018.records.parquet --of LABOUR "
        "--statistic proportion",
    )
    _common(difference, "mean")
    difference.add_argument("--groups", metavar="A,B", default="", help="two codes of --by: the first less the second")
    difference.add_argument("--other", metavar="RECORDS", help="a second sample, drawn independently")


def _common(made: argparse.ArgumentParser, statistic: str) -> None:
    made.add_argument("records", metavar="RECORDS", nargs="+", help="Parquet files that harmonize wrote")
    made.add_argument("--statistic", choices=STATISTICS, default=statistic, help=f"default: {statistic}")
    made.add_argument("--of", metavar="ID", default="", help="a number, or codes; INCOME/HOURS_WORKED for a ratio")
    made.add_argument("--by", metavar="ID[,ID]", default="", help="groups: components, or definitions")
    made.add_argument("--domain", metavar="CONDITION", default="", help="who is asked about, such as 'AGE >= 15'")
    made.add_argument("--confidence", metavar="SHARE", type=float, default=0.95, help="of intervals (default: 0.95)")
    made.add_argument("--into", metavar="FILE", help="write the lines: .csv or .parquet; none prints them")
    design = made.add_argument_group("a design of your own, in place of the mapping's")
    for name, what in (("weight", "the weight"), ("strata", "strata"), ("psu", "sampling units"), ("fpc", "sizes")):
        design.add_argument(f"--{name}", metavar="COLUMN", default="", help=f"the column of {what}")
    design.add_argument("--replicates", metavar="COLUMNS", default="", help="such as REPWT_1..REPWT_80")
    design.add_argument("--method", choices=METHODS, help="of the replicates; without columns they are made")
    design.add_argument("--fay", metavar="FACTOR", type=float, default=0.0, help="Fay's factor")
    design.add_argument("--lonely", choices=LONELY, help="for strata with a single unit (default: fail)")


def estimate(options: argparse.Namespace) -> int:
    """Estimate a statistic of a sample."""
    found = api.estimate(
        options.records,
        options.statistic,
        of=options.of,
        by=options.by,
        domain=options.domain,
        design=_design(options),
        probabilities=_shares(options.probabilities),
        confidence=options.confidence,
        symmetric=options.symmetric,
    )
    code = _shown(found, options)
    if options.domain and not found.frame["N_UNWEIGHTED"].sum():
        mend = "look at its codes and numbers: SEX = F, AGE >= 15"
        nobody = Finding(Place("domain"), "", "nobody of the sample is in it", mend)
        show.findings([] if options.json else [nobody], json=False)
        return 1
    return code


def difference(options: argparse.Namespace) -> int:
    """Test a difference."""
    found = api.difference(
        options.records,
        options.statistic,
        of=options.of,
        by=options.by,
        groups=[part.strip() for part in options.groups.split(",") if part.strip()],
        other=options.other,
        domain=options.domain,
        design=_design(options),
        confidence=options.confidence,
    )
    return _shown(found, options)


def _design(options: argparse.Namespace) -> Design | None:
    given = {name: getattr(options, name) for name in ("weight", "strata", "psu", "fpc") if getattr(options, name)}
    replicates = None
    if options.replicates or options.method:
        if not options.method:
            raise misuse("--replicates without --method", f"--method: one of {', '.join(METHODS)}")
        replicates = {"columns": options.replicates, "method": options.method, "fay": options.fay}
    if not given and replicates is None:
        if options.lonely is None:
            return None
        from dataclasses import replace

        return replace(api.design(options.records), lonely=options.lonely)
    return api.design(**given, lonely=options.lonely or "fail", replicates=replicates)


def _shares(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise misuse(f"--probabilities {text}: not numbers", "write --probabilities 0.25,0.5") from None


def _shown(found: Estimates, options: argparse.Namespace) -> int:
    if options.into:
        api.write_estimates(found, options.into)
        show.say(f"{how_many(found.frame.height, 'line')} written: {options.into}", options)
    if options.json:
        rows: Sequence[Any] = [] if options.into else found.frame.to_dicts()
        show.line({"statistic": found.statistic, "of": found.of, **found.facts, "notes": found.notes, "rows": rows})
    elif not options.into:
        names = found.frame.columns
        numbers = [at for at, name in enumerate(names) if name in (*PRECISION, *TEST)]
        show.say(f"{found.statistic}{f' of {found.of}' if found.of else ''}; {found.method}", options)
        show.table(names, [tuple(row) for row in found.cells()], options, numbers)
        for note in found.notes:
            show.say(note, options)
    return 0
