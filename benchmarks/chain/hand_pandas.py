"""The whole chain as a good user would write it in pandas and pandera: chunk by chunk, codes as categories."""

import argparse
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pandera.errors
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.parquet as parquet

from benchmarks.chain.cube_codes import BORN, DIMENSIONS, MIGRANT, born, pairs
from benchmarks.validate_pandera_pandas import COLUMNS, RULES, check

CENSUS = Path(__file__).resolve().parents[1] / "census"
CHUNK = 500_000
SEX = {"1": "M", "2": "F", "9": "_N"}
RESIDENCE = {"1": "SAME_HOUSE", "2": "DIFF_HOUSE", "3": "ABROAD", "9": "_N"}
REASON = {
    "11": "EMP_F", "12": "EMP_NF", "13": "EMP_TRF", "21": "EDUC", "22": "RETM", "31": "FAM_REU", "32": "FAM_FORM",
    "41": "HEALTH", "51": "IPROT_REF", "52": "SECUR", "61": "RETN", "90": "OTH", "99": "_N",
}  # fmt: skip
AGES = {str(age): f"Y{age}" if age < 97 else "Y_GE97" for age in range(98)} | {"98": "_N", "99": "_N"}
TEXTS = ["HOUSEHOLD_ID", "PERSON_ID"]
NUMBERS = ["ROW", "WEIGHT", "AGE", "YEAR_ARRIVAL"]
ORDER = [
    "REF_AREA", "TIME_PERIOD", "SOURCE_TYPE", "ROW", "HOUSEHOLD_ID", "HOUSEHOLD_ID_MISSING", "PERSON_ID",
    "PERSON_ID_MISSING", "WEIGHT", "SEX", "AGE", "AGE_MISSING", "AGE_GROUP", "COUNTRY_BIRTH", "CITIZENSHIP", "RESID_1Y",
    "RESID_5Y", "COUNTRY_RESID_5Y", "YEAR_ARRIVAL", "YEAR_ARRIVAL_MISSING", "DURATION", "MIG_REASON",
    "COUNTRY_BIRTH_MOTHER", "COUNTRY_BIRTH_FATHER",
]  # fmt: skip
GIVEN = {"REF_AREA": "KEN", "TIME_PERIOD": "2019-08-24", "SOURCE_TYPE": "CENSUS"}
EMPTY = {"HOUSEHOLD_ID_MISSING": None, "PERSON_ID_MISSING": None}
PAIRS = ["AGE", "AGE_MISSING", "YEAR_ARRIVAL", "YEAR_ARRIVAL_MISSING"]
"""Either a number or why there is none; every other component that is filled must stand."""


def recode(name: str) -> dict[str, str]:
    with (CENSUS / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {line["from"]: line["to"] for line in csv.DictReader(file)} | {"999": "_N"}


def layout() -> list[dict[str, str]]:
    """Return the columns of the extract, with where each begins and how wide it is."""
    with (CENSUS / "layout.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def chunks(path: Path) -> Iterator[pd.DataFrame]:
    """Read the extract chunk by chunk: identifiers as text, all else as categories, of which there are few."""
    names = [line["name"] for line in layout()]
    kinds: dict[Any, Any] = {name: "str" if name in ("HHID", "LINE") else "category" for name in names}
    if path.suffix == ".parquet":
        start = 0
        for batch in parquet.ParquetFile(path).iter_batches(CHUNK, columns=names):
            chunk = batch.to_pandas().astype(kinds)
            chunk.index = pd.RangeIndex(start, start + len(chunk))
            start += len(chunk)
            yield chunk
    elif path.suffix == ".csv":
        # Categories that are made while reading would be numbers, and 008 would be 8.
        read: dict[str, Any] = {"dtype": "str", "keep_default_na": False, "na_values": [""]}
        for chunk in pd.read_csv(path, chunksize=CHUNK, **read):
            yield chunk.astype(kinds)
    else:
        # Slices of one column of lines take a third of the time of read_fwf.
        lines = pd.read_csv(path, header=None, names=["line"], sep="\x01", quoting=3, dtype="str", chunksize=CHUNK)
        for chunk in lines:
            line = chunk["line"]
            ends = [(int(one["start"]) - 1, int(one["start"]) - 1 + int(one["width"])) for one in layout()]
            cut = {name: line.str.slice(*end).str.rstrip() for name, end in zip(names, ends, strict=True)}
            frame = pd.DataFrame({name: value.where(value != "") for name, value in cut.items()}, index=chunk.index)
            yield frame.astype(kinds)


def coded(column: Any, codes: dict[str, str], blank: str) -> Any:
    """Recode a column by its categories, whose blanks have the last place; what no line covers stays empty."""
    targets = [codes.get(value) for value in column.cat.categories] + [blank]
    categories = [code for code in dict.fromkeys(targets) if code is not None]
    places = np.array([-1 if code is None else categories.index(code) for code in targets])
    return pd.Series(pd.Categorical.from_codes(places[column.cat.codes], categories), index=column.index)


class Census:
    """The recodes of a census, made once."""

    def __init__(self) -> None:
        self.birth, self.nation, self.lived = recode("birthplace"), recode("citizenship"), recode("residence")

    def filled(self, census: pd.DataFrame) -> pd.DataFrame:
        """Return the records of one chunk; rows with a value that no line covers are left out."""
        census = census[census["P00"].isin(["1", "2"])]
        old = census["P11"].astype("Int64")
        stated = ~census["P11"].isin(["98", "99"])
        arrived = census["P21"].astype("Int64")
        dated = census["P21"] != "9999"
        made = pd.DataFrame({"ROW": census.index + 1}, index=census.index)
        made["HOUSEHOLD_ID"], made["PERSON_ID"] = census["HHID"], census["LINE"]
        made["WEIGHT"] = census["PERWT"].astype("float64") / 100
        made["SEX"] = coded(census["P12"], SEX, "_U")
        made["AGE"] = old.where(stated)
        made["AGE_MISSING"] = coded(census["P11"], {"98": "_N", "99": "_N"}, "_U")
        made["AGE_GROUP"] = coded(census["P11"], AGES, "_U")
        places = {
            code: self.birth[code.zfill(3)] for code in census["P15"].cat.categories if code.zfill(3) in self.birth
        }
        made["COUNTRY_BIRTH"] = coded(census["P15"], places, "_U")
        made["COUNTRY_BIRTH_MOTHER"] = coded(census["P13"], self.birth, "_U")
        made["COUNTRY_BIRTH_FATHER"] = coded(census["P14"], self.birth, "_U")
        nation = coded(census["P17"], self.nation, "_U")
        nation = nation.cat.set_categories(nation.cat.categories.union(["KEN", "_N"]))
        nation = nation.mask(census["P16"] == "1", "KEN")
        made["CITIZENSHIP"] = nation.where(census["P16"].isin(["1", "2"]), "_N")
        infant, child = (old < 1).fillna(False).astype(bool), (old < 5).fillna(False).astype(bool)
        for name, column, young in (("RESID_1Y", "P18", infant), ("RESID_5Y", "P19", child)):
            one = coded(census[column], RESIDENCE, "_N")
            made[name] = one.cat.add_categories(["_Z"]).mask(young, "_Z")
        before = coded(census["P20"], self.lived, "_N")
        before = before.cat.set_categories(before.cat.categories.union(["KEN", "_N", "_Z"]))
        before = before.mask(census["P19"].isin(["1", "2"]), "KEN").where(census["P19"].isin(["1", "2", "3"]), "_N")
        made["COUNTRY_RESID_5Y"] = before.mask(child, "_Z")
        made["YEAR_ARRIVAL"] = arrived.where(dated)
        made["YEAR_ARRIVAL_MISSING"] = coded(census["P21"], {"9999": "_N"}, "_Z")
        made["DURATION"] = coded(census["P21"], {year: duration(year) for year in census["P21"].cat.categories}, "_Z")
        made["MIG_REASON"] = coded(census["P22"], REASON, "_Z")
        return whole(made.assign(**GIVEN, **EMPTY))[ORDER]


def whole(records: pd.DataFrame) -> pd.DataFrame:
    """Leave out the rows with a value that no line covers."""
    kept = records[[name for name in records.columns if name not in (*EMPTY, *PAIRS)]].notna().all(axis=1)
    kept &= records["AGE"].notna() | records["AGE_MISSING"].notna()
    return records[kept & (records["YEAR_ARRIVAL"].notna() | records["YEAR_ARRIVAL_MISSING"].notna())]


def duration(year: str) -> str:
    if year == "9999":
        return "_N"
    return "Y_LT1" if year == "2019" else "Y1T4" if year >= "2015" else "Y5T9" if year >= "2010" else "Y_GE10"


def form(code: pa.DataType) -> pa.Schema:
    """Return the columns of the file of records, with the kind of column that codes have there."""
    numbers = {"WEIGHT": pa.float64()}
    kinds = {
        name: numbers.get(name, pa.int64()) if name in NUMBERS else pa.string() if name in TEXTS else code
        for name in ORDER
    }
    return pa.schema(list(kinds.items()))


def judge(schema: Any, records: pd.DataFrame, told: dict[str, list[Any]]) -> None:
    """Add the rows of a chunk that fail to what is told of each rule."""
    try:
        schema.validate(records, lazy=True)
    except pandera.errors.SchemaErrors as failure:
        for name, count in failure.failure_cases.groupby("check")["index"].nunique().items():
            told[str(name)][1] += int(count)


def finest(records: pd.DataFrame) -> pd.DataFrame:
    """Count the finest cells of a chunk."""
    cells = records.groupby(list(DIMENSIONS.values()), observed=True)["WEIGHT"].agg(["size", "sum"]).reset_index()
    return named(cells.astype(dict.fromkeys(DIMENSIONS.values(), "str")))


def named(cells: pd.DataFrame) -> pd.DataFrame:
    cells.columns = pd.Index([*DIMENSIONS, "N_UNWEIGHTED", "OBS_VALUE"])
    return cells


def rolled(cells: pd.DataFrame) -> pd.DataFrame:
    """Give totals and parents to the cells, one dimension after the other."""
    keys = [*DIMENSIONS]
    cells = cells.groupby(keys, as_index=False, sort=False)[["N_UNWEIGHTED", "OBS_VALUE"]].sum()
    for name in ("AGE", "CITIZENSHIP", "SEX", "DURATION", BORN):
        lines, columns = (born(), [name, "target", MIGRANT]) if name == BORN else (pairs(name), [name, "target"])
        cells = cells.merge(pd.DataFrame(lines, columns=columns), on=name).drop(columns=name)
        cells = cells.rename(columns={"target": name})
        keys += [MIGRANT] if name == BORN else []
        cells = cells.astype(dict.fromkeys(keys, "category"))
        cells = cells.groupby(keys, as_index=False, sort=False, observed=True)[["N_UNWEIGHTED", "OBS_VALUE"]].sum()
        cells = cells.astype(dict.fromkeys(keys, "str"))
    return cells


def made(records: Path) -> pd.DataFrame:
    """Make the cube from a file of records, part by part."""
    columns = [*DIMENSIONS.values(), "WEIGHT"]
    batches = parquet.ParquetFile(records, read_dictionary=columns[:-1]).iter_batches(CHUNK, columns=columns)
    return rolled(pd.concat([finest(batch.to_pandas()) for batch in batches]))


def options(does: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=does)
    parser.add_argument("extract", type=Path)
    parser.add_argument("into", type=Path)
    parser.add_argument("--key", action="store_true", help="also find the keys that stand more than once")
    parser.add_argument("--cube", action="store_true", help="the file holds records: make the cube only")
    given = parser.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    return given


def main() -> None:
    given = options(__doc__)
    if given.cube:
        made(given.extract).to_parquet(given.into / "cube.parquet", compression="zstd", index=False)
        return
    checks = [pandera.Check(check(*rule), name=id, error=id) for id, rule in RULES.items()]
    schema = pandera.DataFrameSchema(checks=checks)
    told: dict[str, list[Any]] = {id: [None, 0, None, None] for id in RULES}
    cells, keys, census, codes = [], [], Census(), form(pa.dictionary(pa.int32(), pa.string()))
    with parquet.ParquetWriter(given.into / "records.parquet", codes, compression="zstd") as writer:
        for chunk in chunks(given.extract):
            records = census.filled(chunk)
            writer.write_table(pa.Table.from_pandas(records, codes, preserve_index=False))
            judge(schema, records[COLUMNS], told)
            cells.append(finest(records))
            if given.key:
                keys.append(records["HOUSEHOLD_ID"].astype("int64") * 100 + records["PERSON_ID"].astype("int64"))
    if given.key:
        told["KEY"] = [None, int(pd.concat(keys).duplicated(keep=False).sum()), None, None]
    (given.into / "rules.json").write_text(json.dumps(told), encoding="utf-8")
    rolled(pd.concat(cells)).to_parquet(given.into / "cube.parquet", compression="zstd", index=False)


if __name__ == "__main__":
    main()
