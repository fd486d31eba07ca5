"""The rules of census/rules.yaml as a good user would write them in Polars: one streaming query for all counts."""

import argparse
import json
from pathlib import Path

import polars as pl
from polars import col

HERE, AWAY = ["SAME_HOUSE", "DIFF_HOUSE"], "ABROAD"
ALWAYS = pl.lit(True)

RULES: dict[str, tuple[pl.Expr, pl.Expr]] = {
    "R01": (ALWAYS, col("SEX").is_in(["F", "M", "_N", "_U"])),
    "R02": (ALWAYS, col("RESID_1Y").is_in([*HERE, AWAY, "_Z", "_N"])),
    "R03": (ALWAYS, col("RESID_5Y").is_in([*HERE, AWAY, "_Z", "_N"])),
    "R04": (ALWAYS, col("DURATION").is_in(["Y_LT1", "Y1T4", "Y5T9", "Y_GE10", "_Z", "_N"])),
    "R05": (ALWAYS, col("AGE").is_between(0, 96)),
    "R06": (ALWAYS, col("YEAR_ARRIVAL").is_between(1945, 2019)),
    "R07": (ALWAYS, col("WEIGHT") > 0),
    "R08": (ALWAYS, col("AGE").is_null() != col("AGE_MISSING").is_null()),
    "R09": (ALWAYS, col("YEAR_ARRIVAL").is_null() != col("YEAR_ARRIVAL_MISSING").is_null()),
    "R10": (col("AGE") < 1, col("RESID_1Y") == "_Z"),
    "R11": (col("AGE") >= 1, col("RESID_1Y") != "_Z"),
    "R12": (col("AGE") < 5, col("RESID_5Y") == "_Z"),
    "R13": (col("AGE") >= 5, col("RESID_5Y") != "_Z"),
    "R14": (col("RESID_5Y") == AWAY, col("COUNTRY_RESID_5Y") != "KEN"),
    "R15": (col("RESID_5Y").is_in(HERE), col("COUNTRY_RESID_5Y") == "KEN"),
    "R16": (col("YEAR_ARRIVAL").is_not_null(), ~col("DURATION").is_in(["_Z", "_N"])),
    "R17": (ALWAYS, col("YEAR_ARRIVAL") + col("AGE") >= 2018),
    "R18": (col("DURATION") == "Y_LT1", col("YEAR_ARRIVAL") == 2019),
    "R19": (col("DURATION") == "Y1T4", col("YEAR_ARRIVAL").is_between(2015, 2018)),
    "R20": (col("DURATION") == "Y_GE10", col("AGE") >= 9),
    "R21": (col("RESID_1Y") == AWAY, col("YEAR_ARRIVAL") >= 2018),
    "R22": (
        (col("COUNTRY_BIRTH_MOTHER") == "KEN") & (col("COUNTRY_BIRTH_FATHER") == "KEN"),
        col("CITIZENSHIP").is_in(["KEN", "_N"]),
    ),
    "R23": (col("MIG_REASON") == "RETM", col("AGE") >= 40),
    "R24": (col("MIG_REASON").is_in(["EMP_F", "EMP_NF", "EMP_TRF"]), col("AGE") >= 15),
}
"""For each rule to which rows it applies, and what must hold there; null where it cannot be said."""

KEY = ["HOUSEHOLD_ID", "PERSON_ID"]


def counts() -> list[pl.Expr]:
    """Return for each rule the rows that pass, fail and cannot be judged, and the weight of those that fail."""
    wanted: list[pl.Expr] = []
    for id, (when, check) in RULES.items():
        applies = when.fill_null(False)
        fails = applies & ~check
        wanted += [
            (applies & check).sum().alias(f"{id} passed"),
            fails.sum().alias(f"{id} failed"),
            (applies & check.is_null()).sum().alias(f"{id} undecided"),
            pl.when(fails).then(col("WEIGHT")).sum().alias(f"{id} weight"),
        ]
    return wanted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("into", type=Path)
    parser.add_argument("--key", action="store_true", help="also find the keys that stand more than once")
    given = parser.parse_args()
    records = pl.scan_parquet(given.records)
    row = records.select(counts()).collect(engine="streaming").row(0, named=True)
    told = {id: [row[f"{id} {what}"] for what in ("passed", "failed", "undecided", "weight")] for id in RULES}
    if given.key:
        rows = pl.len().alias("rows")
        repeated = records.group_by(KEY).agg(rows).filter(pl.col("rows") > 1).select(pl.col("rows").sum())
        told["KEY"] = [None, repeated.collect(engine="streaming").item(), 0, None]
    given.into.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
