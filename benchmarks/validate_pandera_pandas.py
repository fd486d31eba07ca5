"""The rules of census/rules.yaml as checks of a pandera schema over a pandas frame, which is pandera's own ground."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.errors
import pandera.pandas as pandera

HERE, AWAY = ["SAME_HOUSE", "DIFF_HOUSE"], "ABROAD"
KEY = ["HOUSEHOLD_ID", "PERSON_ID"]
COLUMNS = [
    "AGE", "AGE_MISSING", "CITIZENSHIP", "COUNTRY_BIRTH_FATHER", "COUNTRY_BIRTH_MOTHER", "COUNTRY_RESID_5Y",
    "DURATION", "MIG_REASON", "RESID_1Y", "RESID_5Y", "SEX", "WEIGHT", "YEAR_ARRIVAL", "YEAR_ARRIVAL_MISSING",
]  # fmt: skip

Frame = Any
RULES: dict[str, tuple[Callable[[Frame], Any] | None, Callable[[Frame], Any]]] = {
    "R01": (None, lambda d: d.SEX.isin(["F", "M", "_N", "_U"])),
    "R02": (None, lambda d: d.RESID_1Y.isin([*HERE, AWAY, "_Z", "_N"])),
    "R03": (None, lambda d: d.RESID_5Y.isin([*HERE, AWAY, "_Z", "_N"])),
    "R04": (None, lambda d: d.DURATION.isin(["Y_LT1", "Y1T4", "Y5T9", "Y_GE10", "_Z", "_N"])),
    "R05": (None, lambda d: d.AGE.between(0, 96)),
    "R06": (None, lambda d: d.YEAR_ARRIVAL.between(1945, 2019)),
    "R07": (None, lambda d: d.WEIGHT > 0),
    "R08": (None, lambda d: d.AGE.isna() != d.AGE_MISSING.isna()),
    "R09": (None, lambda d: d.YEAR_ARRIVAL.isna() != d.YEAR_ARRIVAL_MISSING.isna()),
    "R10": (lambda d: d.AGE < 1, lambda d: d.RESID_1Y == "_Z"),
    "R11": (lambda d: d.AGE >= 1, lambda d: d.RESID_1Y != "_Z"),
    "R12": (lambda d: d.AGE < 5, lambda d: d.RESID_5Y == "_Z"),
    "R13": (lambda d: d.AGE >= 5, lambda d: d.RESID_5Y != "_Z"),
    "R14": (lambda d: d.RESID_5Y == AWAY, lambda d: d.COUNTRY_RESID_5Y != "KEN"),
    "R15": (lambda d: d.RESID_5Y.isin(HERE), lambda d: d.COUNTRY_RESID_5Y == "KEN"),
    "R16": (lambda d: d.YEAR_ARRIVAL.notna(), lambda d: ~d.DURATION.isin(["_Z", "_N"])),
    "R17": (None, lambda d: d.YEAR_ARRIVAL + d.AGE >= 2018),
    "R18": (lambda d: d.DURATION == "Y_LT1", lambda d: d.YEAR_ARRIVAL == 2019),
    "R19": (lambda d: d.DURATION == "Y1T4", lambda d: d.YEAR_ARRIVAL.between(2015, 2018)),
    "R20": (lambda d: d.DURATION == "Y_GE10", lambda d: d.AGE >= 9),
    "R21": (lambda d: d.RESID_1Y == AWAY, lambda d: d.YEAR_ARRIVAL >= 2018),
    "R22": (
        lambda d: (d.COUNTRY_BIRTH_MOTHER == "KEN") & (d.COUNTRY_BIRTH_FATHER == "KEN"),
        lambda d: d.CITIZENSHIP.isin(["KEN", "_N"]),
    ),
    "R23": (lambda d: d.MIG_REASON == "RETM", lambda d: d.AGE >= 40),
    "R24": (lambda d: d.MIG_REASON.isin(["EMP_F", "EMP_NF", "EMP_TRF"]), lambda d: d.AGE >= 15),
}
"""For each rule to which rows it applies (None for all), and what must hold there; missing where it cannot be said."""


def check(when: Callable[[Frame], Any] | None, holds: Callable[[Frame], Any]) -> Callable[[Frame], Any]:
    """Return a check of whole rows: true where the rule does not apply, holds, or cannot be judged."""

    def passes(frame: Frame) -> Any:
        held = holds(frame).fillna(True).astype(bool)
        return held if when is None else held | ~when(frame).fillna(False).astype(bool)

    return passes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("into", type=Path)
    parser.add_argument("--key", action="store_true", help="also find the keys that stand more than once")
    given = parser.parse_args()
    schema = pandera.DataFrameSchema(
        checks=[pandera.Check(check(*rule), name=id, error=id) for id, rule in RULES.items()],
        unique=KEY if given.key else None,
    )
    told = {id: [None, 0, None, None] for id in RULES} | ({"KEY": [None, 0, None, None]} if given.key else {})
    columns = [*COLUMNS, *(KEY if given.key else [])]
    frame = pd.read_parquet(given.records, columns=columns, dtype_backend="numpy_nullable")
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as failure:
        rows = failure.failure_cases.groupby("check")["index"].nunique()
        for name, count in rows.items():
            told[str(name) if str(name) in told else "KEY"] = [None, int(count), None, None]
    given.into.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
