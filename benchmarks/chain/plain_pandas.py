"""The whole chain in pandas and pandera as their manuals show it: chunks of text, `map`, `select`, and a schema."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.parquet as parquet

from benchmarks.chain.cube_codes import BORN, DIMENSIONS, MIGRANT, born, pairs
from benchmarks.chain.hand_pandas import (
    AGES,
    CHUNK,
    EMPTY,
    GIVEN,
    ORDER,
    REASON,
    RESIDENCE,
    SEX,
    form,
    judge,
    layout,
    named,
    options,
    recode,
    whole,
)
from benchmarks.validate_pandera_pandas import AWAY, HERE, KEY, RULES, check

BIRTH, NATION, LIVED = recode("birthplace"), recode("citizenship"), recode("residence")

SCHEMA = pandera.DataFrameSchema(
    {
        "SEX": pandera.Column(str, pandera.Check.isin(["F", "M", "_N", "_U"], error="R01")),
        "RESID_1Y": pandera.Column(str, pandera.Check.isin([*HERE, AWAY, "_Z", "_N"], error="R02")),
        "RESID_5Y": pandera.Column(str, pandera.Check.isin([*HERE, AWAY, "_Z", "_N"], error="R03")),
        "DURATION": pandera.Column(
            str, pandera.Check.isin(["Y_LT1", "Y1T4", "Y5T9", "Y_GE10", "_Z", "_N"], error="R04")
        ),
        "AGE": pandera.Column("Int64", pandera.Check.in_range(0, 96, error="R05"), nullable=True),
        "YEAR_ARRIVAL": pandera.Column("Int64", pandera.Check.in_range(1945, 2019, error="R06"), nullable=True),
        "WEIGHT": pandera.Column(float, pandera.Check.greater_than(0, error="R07")),
    },
    checks=[pandera.Check(check(*rule), name=id, error=id) for id, rule in RULES.items() if id > "R07"],
)
"""Rules about one column are checks of that column, rules about several are checks of the frame."""


def chunks(path: Path) -> Iterator[pd.DataFrame]:
    """Read the extract chunk by chunk, all of it as text: CSV, Parquet or fixed width."""
    text: dict[str, Any] = {"dtype": "str", "keep_default_na": False, "na_values": [""], "chunksize": CHUNK}
    if path.suffix == ".csv":
        yield from pd.read_csv(path, **text)
    elif path.suffix == ".parquet":
        start = 0
        for batch in parquet.ParquetFile(path).iter_batches(CHUNK):
            yield batch.to_pandas().set_axis(pd.RangeIndex(start, start + len(batch)))
            start += len(batch)
    else:
        widths = [int(line["width"]) for line in layout()]
        yield from pd.read_fwf(path, widths=widths, header=None, names=[line["name"] for line in layout()], **text)


def filled(census: pd.DataFrame) -> pd.DataFrame:
    """Return the records of one chunk; rows with a value that no line covers are left out."""
    census = census[census["P00"].isin(["1", "2"])]
    old, arrived = pd.to_numeric(census["P11"]), pd.to_numeric(census["P21"])
    lived = census["P19"]
    made = pd.DataFrame(
        {
            **GIVEN,
            **EMPTY,
            "ROW": census.index + 1,
            "HOUSEHOLD_ID": census["HHID"],
            "PERSON_ID": census["LINE"],
            "WEIGHT": pd.to_numeric(census["PERWT"]) / 100,
            "SEX": census["P12"].fillna("").map({**SEX, "": "_U"}),
            "AGE": old.where(~old.isin([98, 99])).astype("Int64"),
            "AGE_MISSING": census["P11"].fillna("").map({"98": "_N", "99": "_N", "": "_U"}),
            "AGE_GROUP": census["P11"].fillna("").map({**AGES, "": "_U"}),
            "COUNTRY_BIRTH": census["P15"].str.zfill(3).fillna("").map({**BIRTH, "": "_U"}),
            "CITIZENSHIP": np.select(
                [census["P16"] == "1", census["P16"] == "2"],
                ["KEN", census["P17"].fillna("").map({**NATION, "": "_U"})],
                default="_N",
            ),
            "RESID_1Y": np.where(old < 1, "_Z", census["P18"].fillna("").map({**RESIDENCE, "": "_N"})),
            "RESID_5Y": np.where(old < 5, "_Z", lived.fillna("").map({**RESIDENCE, "": "_N"})),
            "COUNTRY_RESID_5Y": np.select(
                [old < 5, lived.isin(["1", "2"]), lived == "3"],
                ["_Z", "KEN", census["P20"].fillna("").map({**LIVED, "": "_N"})],
                default="_N",
            ),
            "YEAR_ARRIVAL": arrived.where(arrived != 9999).astype("Int64"),
            "YEAR_ARRIVAL_MISSING": census["P21"].fillna("").map({"9999": "_N", "": "_Z"}),
            "DURATION": np.select(
                [arrived.isna(), arrived == 9999, arrived == 2019, arrived >= 2015, arrived >= 2010, arrived >= 1900],
                ["_Z", "_N", "Y_LT1", "Y1T4", "Y5T9", "Y_GE10"],
                default=None,
            ),
            "MIG_REASON": census["P22"].fillna("").map({**REASON, "": "_Z"}),
            "COUNTRY_BIRTH_MOTHER": census["P13"].fillna("").map({**BIRTH, "": "_U"}),
            "COUNTRY_BIRTH_FATHER": census["P14"].fillna("").map({**BIRTH, "": "_U"}),
        }
    )
    return whole(made)[ORDER]


def finest(records: pd.DataFrame) -> pd.DataFrame:
    """Count the finest cells of a chunk, or of a whole file."""
    return named(records.groupby(list(DIMENSIONS.values()), observed=True)["WEIGHT"].agg(["size", "sum"]).reset_index())


def rolled(cells: pd.DataFrame) -> pd.DataFrame:
    """Give totals and parents to the cells, one dimension after the other."""
    keys = [*DIMENSIONS]
    cells = cells.groupby(keys, as_index=False)[["N_UNWEIGHTED", "OBS_VALUE"]].sum()
    for name in ("AGE", "CITIZENSHIP", "SEX", "DURATION", BORN):
        lines, columns = (born(), [name, "target", MIGRANT]) if name == BORN else (pairs(name), [name, "target"])
        cells = cells.merge(pd.DataFrame(lines, columns=columns), on=name).drop(columns=name)
        cells = cells.rename(columns={"target": name})
        keys += [MIGRANT] if name == BORN else []
        cells = cells.groupby(keys, as_index=False)[["N_UNWEIGHTED", "OBS_VALUE"]].sum()
    return cells


def main() -> None:
    given = options(__doc__)
    if given.cube:
        cells = finest(pd.read_parquet(given.extract, columns=[*DIMENSIONS.values(), "WEIGHT"]))
        cube = rolled(cells.astype(dict.fromkeys(DIMENSIONS, "str")))
    else:
        cube = rolled(chain(given.extract, given.into, key=given.key))
    cube.to_parquet(given.into / "cube.parquet", compression="zstd", index=False)


def chain(extract: Path, into: Path, *, key: bool) -> pd.DataFrame:
    """Write the records and what is told of the rules; return the finest cells."""
    told: dict[str, list[Any]] = {id: [None, 0, None, None] for id in RULES}
    cells, keys, text = [], [], form(pa.string())
    with parquet.ParquetWriter(into / "records.parquet", text, compression="zstd") as writer:
        for chunk in chunks(extract):
            records = filled(chunk)
            writer.write_table(pa.Table.from_pandas(records, text, preserve_index=False))
            judge(SCHEMA, records, told)
            cells.append(finest(records))
            if key:
                keys.append(records[KEY])
    if key:
        told["KEY"] = [None, int(pd.concat(keys).duplicated(keep=False).sum()), None, None]
    (into / "rules.json").write_text(json.dumps(told), encoding="utf-8")
    return pd.concat(cells)


if __name__ == "__main__":
    main()
