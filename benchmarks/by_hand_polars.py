"""The job of census/mapping.yaml as a good user would write it in Polars: one streaming pass, recodes as joins."""

import argparse
import json
from pathlib import Path
from typing import Any

import polars as pl

TABLES = Path(__file__).parent / "census" / "tables"
MISSING = ["_Z", "_N", "_U", "_X", "_O"]
RESIDENCE = {"1": "SAME_HOUSE", "2": "DIFF_HOUSE", "3": "ABROAD"}
REASON = {
    "11": "EMP_F", "12": "EMP_NF", "13": "EMP_TRF", "21": "EDUC", "22": "RETM", "31": "FAM_REU", "32": "FAM_FORM",
    "41": "HEALTH", "51": "IPROT_REF", "52": "SECUR", "61": "RETN", "90": "OTH",
}  # fmt: skip
DURATION = ["Y_LT1", "Y1T4", "Y5T9", "Y_GE10"]
AGES = pl.Enum([f"Y{age}" for age in range(97)] + ["Y_GE97", *MISSING])
COVERED = {
    "COUNTRY_BIRTH": ["P15"],
    "COUNTRY_BIRTH_MOTHER": ["P13"],
    "COUNTRY_BIRTH_FATHER": ["P14"],
    "CITIZENSHIP": ["P16", "P17"],
    "COUNTRY_RESID_5Y": ["P20"],
    "SEX": ["P12"],
    "RESID_1Y": ["P18"],
    "RESID_5Y": ["P19"],
    "DURATION": ["P21"],
    "MIG_REASON": ["P22"],
}


def enum(codes: list[str]) -> pl.Enum:
    return pl.Enum([code for code in dict.fromkeys(codes) if code not in MISSING] + MISSING)


def table(name: str, source: str, target: str, **missing: str) -> pl.LazyFrame:
    """Return a recode table ready for a join: source values beside codes; BLANK names what a blank means."""
    lines = pl.read_csv(TABLES / f"{name}.csv", infer_schema=False, columns=["from", "to"])
    codes = enum(lines["to"].to_list())
    extra = pl.DataFrame({"from": ["999", *[""] * bool(missing)], "to": ["_N", *missing.values()]})
    both = pl.concat([lines, extra])
    return both.select(pl.col("from").alias(source), pl.col("to").cast(codes).alias(target)).lazy()


def short(column: str, recode: dict[str, str], blank: str) -> pl.Expr:
    """Recode a column of few values in `replace_strict`, which is no slower than a join and shorter."""
    codes = enum(list(recode.values()))
    return pl.col(column).fill_null("").replace_strict({**recode, "": blank}, default=None, return_dtype=codes)


def constant(code: str) -> pl.Expr:
    return pl.lit(code, pl.Enum([code]))


def scanned(path: Path) -> pl.LazyFrame:
    """Return the extract with all its columns as text and a number for each row: CSV, Parquet or fixed width."""
    numbered: dict[str, Any] = {"row_index_name": "ROW"}
    if path.suffix == ".parquet":
        return pl.scan_parquet(path, **numbered).with_columns(pl.col("ROW") + 1)
    numbered["row_index_offset"] = 1
    if path.suffix == ".csv":
        return pl.scan_csv(path, infer_schema=False, **numbered)
    line = pl.scan_csv(
        path, has_header=False, separator="\x01", quote_char=None, new_columns=["line"], infer_schema=False, **numbered
    )
    layout = pl.read_csv(TABLES.parent / "layout.csv")
    values = [
        pl.col("line").str.slice(start - 1, width).str.strip_chars_end(" ").replace("", None).alias(name)
        for name, start, width in layout.rows()
    ]
    return line.select("ROW", *values)


def filled(path: Path) -> pl.LazyFrame:
    """Return the persons that are kept, with their source columns and every target beside them."""
    census = scanned(path)
    census = census.filter(pl.col("P00").is_in(["1", "2"])).with_columns(
        pl.col("P15").str.zfill(3).fill_null("").alias("birth"),
        pl.col("P13").fill_null("").alias("mother"),
        pl.col("P14").fill_null("").alias("father"),
        pl.col("P17").fill_null("").alias("nation"),
        pl.col("P20").fill_null("").alias("lived"),
    )
    for name, source, target, blank in [
        ("birthplace", "birth", "COUNTRY_BIRTH", "_U"),
        ("birthplace", "mother", "COUNTRY_BIRTH_MOTHER", "_U"),
        ("birthplace", "father", "COUNTRY_BIRTH_FATHER", "_U"),
        ("citizenship", "nation", "abroad", "_U"),
        ("residence", "lived", "before", "_N"),
    ]:
        census = census.join(table(name, source, target, blank=blank), on=source, how="left", maintain_order="left")
    age = pl.col("P11").replace({"98": None, "99": None}).cast(pl.Int64, strict=False)
    old = pl.col("P11").cast(pl.Int64, strict=False)
    arrival = pl.col("P21").replace({"9999": None}).cast(pl.Int64, strict=False)
    citizenship = enum(pl.read_csv(TABLES / "citizenship.csv", infer_schema=False)["to"].to_list())
    residence = enum(pl.read_csv(TABLES / "residence.csv", infer_schema=False)["to"].to_list())
    reasons = pl.Enum(MISSING)
    census = census.with_columns(
        age.alias("AGE"),
        arrival.alias("YEAR_ARRIVAL"),
        pl.col("P11").fill_null("").replace_strict({"98": "_N", "99": "_N", "": "_U"}, default=None,
                                                   return_dtype=reasons).alias("AGE_MISSING"),
        pl.col("P21").fill_null("").replace_strict({"9999": "_N", "": "_Z"}, default=None,
                                                   return_dtype=reasons).alias("YEAR_ARRIVAL_MISSING"),
        short("P12", {"1": "M", "2": "F", "9": "_N"}, "_U").alias("SEX"),
        pl.when(pl.col("P16") == "1").then(pl.lit("KEN", citizenship)).when(pl.col("P16") == "2")
        .then("abroad").otherwise(pl.lit("_N", citizenship)).alias("CITIZENSHIP"),
        pl.when(old < 1).then(pl.lit("_Z", enum(list(RESIDENCE.values()))))
        .otherwise(short("P18", RESIDENCE | {"9": "_N"}, "_N")).alias("RESID_1Y"),
        pl.when(old < 5).then(pl.lit("_Z", enum(list(RESIDENCE.values()))))
        .otherwise(short("P19", RESIDENCE | {"9": "_N"}, "_N")).alias("RESID_5Y"),
        pl.when(old < 5).then(pl.lit("_Z", residence)).when(pl.col("P19").is_in(["1", "2"]))
        .then(pl.lit("KEN", residence)).when(pl.col("P19") == "3").then("before")
        .otherwise(pl.lit("_N", residence)).alias("COUNTRY_RESID_5Y"),
        short("P22", REASON | {"99": "_N"}, "_Z").alias("MIG_REASON"),
        (pl.col("PERWT").cast(pl.Float64, strict=False) / 100).alias("WEIGHT"),
    )  # fmt: skip
    durations = enum(DURATION)
    year = pl.col("YEAR_ARRIVAL")
    return census.with_columns(
        pl.when(pl.col("AGE_MISSING").is_not_null()).then(pl.col("AGE_MISSING").cast(AGES))
        .when(pl.col("AGE") >= 97).then(pl.lit("Y_GE97", AGES))
        .otherwise((pl.lit("Y") + pl.col("AGE").cast(pl.String)).cast(AGES, strict=False)).alias("AGE_GROUP"),
        pl.when(pl.col("P21").is_null()).then(pl.lit("_Z", durations)).when(pl.col("P21") == "9999")
        .then(pl.lit("_N", durations)).when(year == 2019).then(pl.lit("Y_LT1", durations))
        .when(year.is_between(2015, 2018)).then(pl.lit("Y1T4", durations))
        .when(year.is_between(2010, 2014)).then(pl.lit("Y5T9", durations))
        .when(year.is_between(1900, 2009)).then(pl.lit("Y_GE10", durations)).alias("DURATION"),
    ).with_columns(pl.any_horizontal(
        *(pl.col(name).is_null() for name in [*COVERED, "WEIGHT", "HHID", "LINE"]),
        pl.col("AGE").is_null() & pl.col("AGE_MISSING").is_null(),
        year.is_null() & pl.col("YEAR_ARRIVAL_MISSING").is_null(),
    ).alias("rejected"))  # fmt: skip


def records(persons: pl.LazyFrame) -> pl.LazyFrame:
    """Return the records in the columns of CENSUS_PERSON."""
    return persons.filter(~pl.col("rejected")).select(
        constant("KEN").alias("REF_AREA"),
        pl.lit("2019-08-24").alias("TIME_PERIOD"),
        constant("CENSUS").alias("SOURCE_TYPE"),
        pl.col("ROW").cast(pl.Int64),
        pl.col("HHID").alias("HOUSEHOLD_ID"),
        pl.lit(None, pl.Enum(MISSING)).alias("HOUSEHOLD_ID_MISSING"),
        pl.col("LINE").alias("PERSON_ID"),
        pl.lit(None, pl.Enum(MISSING)).alias("PERSON_ID_MISSING"),
        "WEIGHT", "SEX", "AGE", "AGE_MISSING", "AGE_GROUP", "COUNTRY_BIRTH", "CITIZENSHIP", "RESID_1Y", "RESID_5Y",
        "COUNTRY_RESID_5Y", "YEAR_ARRIVAL", "YEAR_ARRIVAL_MISSING", "DURATION", "MIG_REASON", "COUNTRY_BIRTH_MOTHER",
        "COUNTRY_BIRTH_FATHER",
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extract", type=Path)
    parser.add_argument("into", type=Path)
    parser.add_argument("--with-coverage", action="store_true", help="also keep the rejects, and count every value")
    given = parser.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    persons = filled(given.extract)
    sink = {"compression": "zstd", "engine": "streaming"}
    if not given.with_coverage:
        records(persons).sink_parquet(given.into / "records.parquet", **sink)
        return
    source = ["ROW", "HHID", "LINE", "P00", "P11", "P12", "P13", "P14", "P15", "P16", "P17", "P18", "P19", "P20",
              "P21", "P22", "PERWT"]  # fmt: skip
    counts = [pl.len().alias("rows"), pl.col("WEIGHT").sum().alias("weight")]
    jobs = [
        records(persons).sink_parquet(given.into / "records.parquet", compression="zstd", lazy=True),
        persons.filter("rejected").select(source).sink_parquet(given.into / "rejects.parquet", lazy=True),
        *(persons.group_by(columns).agg(counts) for columns in COVERED.values()),
    ]
    _, _, *counted = pl.collect_all(jobs, engine="streaming")
    coverage = {target: frame.rows() for target, frame in zip(COVERED, counted, strict=True)}
    (given.into / "coverage.json").write_text(json.dumps(coverage), encoding="utf-8")


if __name__ == "__main__":
    main()
