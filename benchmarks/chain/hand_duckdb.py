"""The whole chain as a good user would write it in DuckDB: SQL over the file, COPY to Parquet, queries over that."""

import argparse
import csv
import json
from pathlib import Path

import duckdb

from benchmarks.chain.cube_codes import BORN, DIMENSIONS, MIGRANT, born, pairs

CENSUS = Path(__file__).resolve().parents[1] / "census"
RECODES = {
    "birth": ("birthplace", "_U"), "nation": ("citizenship", "_U"), "lived": ("residence", "_N"),
}  # fmt: skip
"""Each recode table in SQL: its file, and the code of a blank."""

PERSONS = """
WITH census AS (SELECT row_number() OVER () AS row, * FROM {source}),
kept AS (
  SELECT *, TRY_CAST(p11 AS BIGINT) AS old, coalesce(lpad(p15, greatest(3, length(p15))::INTEGER, '0'), '') AS born,
    coalesce(p13, '') AS mother, coalesce(p14, '') AS father, coalesce(p17, '') AS abroad, coalesce(p20, '') AS before,
  FROM census WHERE p00 IN ('1', '2')
),
filled AS (
  SELECT row, hhid, line, TRY_CAST(perwt AS DOUBLE) / 100 AS weight,
    CASE p12 WHEN '1' THEN 'M' WHEN '2' THEN 'F' WHEN '9' THEN '_N' ELSE if(p12 IS NULL, '_U', NULL) END AS sex,
    if(p11 IN ('98', '99'), NULL, old) AS age,
    CASE WHEN p11 IS NULL THEN '_U' WHEN p11 IN ('98', '99') THEN '_N' END AS age_missing,
    b.code AS country_birth,
    CASE p16 WHEN '1' THEN 'KEN' WHEN '2' THEN n.code ELSE '_N' END AS citizenship,
    CASE WHEN old < 1 THEN '_Z' WHEN p18 IS NULL OR p18 = '9' THEN '_N' WHEN p18 = '1' THEN 'SAME_HOUSE'
      WHEN p18 = '2' THEN 'DIFF_HOUSE' WHEN p18 = '3' THEN 'ABROAD' END AS resid_1y,
    CASE WHEN old < 5 THEN '_Z' WHEN p19 IS NULL OR p19 = '9' THEN '_N' WHEN p19 = '1' THEN 'SAME_HOUSE'
      WHEN p19 = '2' THEN 'DIFF_HOUSE' WHEN p19 = '3' THEN 'ABROAD' END AS resid_5y,
    CASE WHEN old < 5 THEN '_Z' WHEN p19 IN ('1', '2') THEN 'KEN' WHEN p19 = '3' THEN l.code ELSE '_N' END
      AS country_resid_5y,
    if(p21 = '9999', NULL, TRY_CAST(p21 AS BIGINT)) AS year_arrival,
    CASE WHEN p21 IS NULL THEN '_Z' WHEN p21 = '9999' THEN '_N' END AS year_arrival_missing,
    CASE WHEN p22 IS NULL THEN '_Z' ELSE
      CASE p22 WHEN '11' THEN 'EMP_F' WHEN '12' THEN 'EMP_NF' WHEN '13' THEN 'EMP_TRF' WHEN '21' THEN 'EDUC'
        WHEN '22' THEN 'RETM' WHEN '31' THEN 'FAM_REU' WHEN '32' THEN 'FAM_FORM' WHEN '41' THEN 'HEALTH'
        WHEN '51' THEN 'IPROT_REF' WHEN '52' THEN 'SECUR' WHEN '61' THEN 'RETN' WHEN '90' THEN 'OTH' WHEN '99' THEN '_N'
      END END AS mig_reason,
    m.code AS country_birth_mother, f.code AS country_birth_father,
  FROM kept
  LEFT JOIN birth b ON b.value = born LEFT JOIN birth m ON m.value = mother LEFT JOIN birth f ON f.value = father
  LEFT JOIN nation n ON n.value = abroad LEFT JOIN lived l ON l.value = before
)
SELECT 'KEN' AS "REF_AREA", '2019-08-24' AS "TIME_PERIOD", 'CENSUS' AS "SOURCE_TYPE", row AS "ROW",
  hhid AS "HOUSEHOLD_ID", NULL::VARCHAR AS "HOUSEHOLD_ID_MISSING", line AS "PERSON_ID",
  NULL::VARCHAR AS "PERSON_ID_MISSING", weight AS "WEIGHT", sex AS "SEX", age AS "AGE", age_missing AS "AGE_MISSING",
  CASE WHEN age_missing IS NOT NULL THEN age_missing WHEN age >= 97 THEN 'Y_GE97' ELSE 'Y' || age END AS "AGE_GROUP",
  country_birth AS "COUNTRY_BIRTH", citizenship AS "CITIZENSHIP", resid_1y AS "RESID_1Y", resid_5y AS "RESID_5Y",
  country_resid_5y AS "COUNTRY_RESID_5Y", year_arrival AS "YEAR_ARRIVAL",
  year_arrival_missing AS "YEAR_ARRIVAL_MISSING",
  CASE WHEN year_arrival_missing IS NOT NULL THEN year_arrival_missing WHEN year_arrival = 2019 THEN 'Y_LT1'
    WHEN year_arrival BETWEEN 2015 AND 2018 THEN 'Y1T4' WHEN year_arrival BETWEEN 2010 AND 2014 THEN 'Y5T9'
    WHEN year_arrival BETWEEN 1900 AND 2009 THEN 'Y_GE10' END AS "DURATION",
  mig_reason AS "MIG_REASON", country_birth_mother AS "COUNTRY_BIRTH_MOTHER",
  country_birth_father AS "COUNTRY_BIRTH_FATHER",
FROM filled
WHERE sex IS NOT NULL AND (age IS NOT NULL OR age_missing IS NOT NULL) AND country_birth IS NOT NULL
  AND citizenship IS NOT NULL AND resid_1y IS NOT NULL AND resid_5y IS NOT NULL AND country_resid_5y IS NOT NULL
  AND (year_arrival IS NOT NULL OR year_arrival_missing IS NOT NULL) AND "DURATION" IS NOT NULL
  AND mig_reason IS NOT NULL AND country_birth_mother IS NOT NULL AND country_birth_father IS NOT NULL
  AND weight IS NOT NULL AND hhid IS NOT NULL AND line IS NOT NULL
"""
"""Every component of every person that is kept; rows with a value that no line covers are left out."""

HERE = "('SAME_HOUSE', 'DIFF_HOUSE')"
RULES = {
    "R01": ("true", "SEX IN ('F', 'M', '_N', '_U')"),
    "R02": ("true", "RESID_1Y IN ('SAME_HOUSE', 'DIFF_HOUSE', 'ABROAD', '_Z', '_N')"),
    "R03": ("true", "RESID_5Y IN ('SAME_HOUSE', 'DIFF_HOUSE', 'ABROAD', '_Z', '_N')"),
    "R04": ("true", "DURATION IN ('Y_LT1', 'Y1T4', 'Y5T9', 'Y_GE10', '_Z', '_N')"),
    "R05": ("true", "AGE BETWEEN 0 AND 96"),
    "R06": ("true", "YEAR_ARRIVAL BETWEEN 1945 AND 2019"),
    "R07": ("true", "WEIGHT > 0"),
    "R08": ("true", "(AGE IS NULL) <> (AGE_MISSING IS NULL)"),
    "R09": ("true", "(YEAR_ARRIVAL IS NULL) <> (YEAR_ARRIVAL_MISSING IS NULL)"),
    "R10": ("AGE < 1", "RESID_1Y = '_Z'"),
    "R11": ("AGE >= 1", "RESID_1Y <> '_Z'"),
    "R12": ("AGE < 5", "RESID_5Y = '_Z'"),
    "R13": ("AGE >= 5", "RESID_5Y <> '_Z'"),
    "R14": ("RESID_5Y = 'ABROAD'", "COUNTRY_RESID_5Y <> 'KEN'"),
    "R15": (f"RESID_5Y IN {HERE}", "COUNTRY_RESID_5Y = 'KEN'"),
    "R16": ("YEAR_ARRIVAL IS NOT NULL", "DURATION NOT IN ('_Z', '_N')"),
    "R17": ("true", "YEAR_ARRIVAL + AGE >= 2018"),
    "R18": ("DURATION = 'Y_LT1'", "YEAR_ARRIVAL = 2019"),
    "R19": ("DURATION = 'Y1T4'", "YEAR_ARRIVAL BETWEEN 2015 AND 2018"),
    "R20": ("DURATION = 'Y_GE10'", "AGE >= 9"),
    "R21": ("RESID_1Y = 'ABROAD'", "YEAR_ARRIVAL >= 2018"),
    "R22": ("COUNTRY_BIRTH_MOTHER = 'KEN' AND COUNTRY_BIRTH_FATHER = 'KEN'", "CITIZENSHIP IN ('KEN', '_N')"),
    "R23": ("MIG_REASON = 'RETM'", "AGE >= 40"),
    "R24": ("MIG_REASON IN ('EMP_F', 'EMP_NF', 'EMP_TRF')", "AGE >= 15"),
}
"""For each rule to which rows it applies, and what must hold there; null where it cannot be said."""
REPEATED = (
    "SELECT coalesce(sum(n), 0) FROM "
    '(SELECT count(*) AS n FROM records GROUP BY "HOUSEHOLD_ID", "PERSON_ID" HAVING count(*) > 1)'
)


def source(path: Path) -> str:
    """Return the extract as SQL, with all its columns as text: CSV, Parquet or fixed width."""
    if path.suffix == ".parquet":
        return f"read_parquet('{path}')"
    with (CENSUS / "layout.csv").open(encoding="utf-8", newline="") as file:
        layout = list(csv.DictReader(file))
    if path.suffix == ".csv":
        columns = ", ".join(f"'{one['name']}': 'VARCHAR'" for one in layout)
        return (
            f"read_csv('{path}', header = true, delim = ',', quote = '', escape = '', nullstr = '', "
            f"auto_detect = false, columns = {{{columns}}})"
        )
    values = ", ".join(
        f"nullif(rtrim(substr(text, {one['start']}, {one['width']})), '') AS {one['name']}" for one in layout
    )
    lines = (
        f"read_csv('{path}', header = false, delim = '\\x01', quote = '', escape = '', auto_detect = false, "
        "columns = {'text': 'VARCHAR'})"
    )
    return f"(SELECT {values} FROM {lines})"


def harmonize(duck: duckdb.DuckDBPyConnection, extract: Path, into: Path) -> None:
    """Write the records as Parquet."""
    for name, (file, blank) in RECODES.items():
        with (CENSUS / "tables" / f"{file}.csv").open(encoding="utf-8", newline="") as lines:
            table = [(line["from"], line["to"]) for line in csv.DictReader(lines)]
        columns = [list(column) for column in zip(*table, ("999", "_N"), ("", blank), strict=True)]
        duck.execute(f"CREATE TABLE {name} AS SELECT unnest(?) AS value, unnest(?) AS code", columns)
    # It takes a CSV for a few rows, and would make a hash table of the census to look up the lines of each recode in.
    duck.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    persons = PERSONS.format(source=source(extract))
    duck.execute(f"COPY ({persons}) TO '{into}' (FORMAT parquet, COMPRESSION zstd)")
    duck.execute("RESET disabled_optimizers")


def judged(duck: duckdb.DuckDBPyConnection, *, key: bool) -> dict[str, list[float | None]]:
    """Return for each rule the rows that pass, fail and cannot be judged, and the weight of those that fail."""
    wanted = []
    for when, check in RULES.values():
        # count_if is four times as fast as count(*) FILTER.
        wanted += [f"count_if(({when}) AND ({check}))", f"count_if(({when}) AND NOT ({check}))", f"count_if({when})"]
        wanted += [f"coalesce(sum(WEIGHT) FILTER (({when}) AND NOT ({check})), 0)"]
    row = duck.execute(f"SELECT {', '.join(wanted)} FROM records").fetchone()
    assert row is not None
    told: dict[str, list[float | None]] = {}
    for at, id in enumerate(RULES):
        passed, failed, applies, weight = row[4 * at : 4 * at + 4]
        told[id] = [passed, failed, applies - passed - failed, weight]
    if key:
        found = duck.execute(REPEATED).fetchone()
        assert found is not None
        told["KEY"] = [None, int(found[0]), 0, None]
    return told


def cube(duck: duckdb.DuckDBPyConnection, into: Path) -> None:
    """Count the finest cells in one pass, roll them up one dimension after the other, and write the cube."""
    finest = ", ".join(f'"{column}" AS "{name}"' for name, column in DIMENSIONS.items())
    duck.execute(
        f'CREATE TEMP TABLE cells AS SELECT {finest}, count(*) AS "N_UNWEIGHTED", sum("WEIGHT") AS "OBS_VALUE" '
        "FROM records GROUP BY ALL"
    )
    keys = [*DIMENSIONS]
    for name in ("AGE", "CITIZENSHIP", "SEX", "DURATION", BORN):
        lines = born() if name == BORN else [(*pair, "") for pair in pairs(name)]
        duck.execute(
            "CREATE OR REPLACE TEMP TABLE targets AS "
            f'SELECT unnest(?) AS code, unnest(?) AS target, unnest(?) AS "{MIGRANT}"',
            [list(column) for column in zip(*lines, strict=True)],
        )
        keys += [MIGRANT] if name == BORN else []
        shown = ", ".join(f'target AS "{name}"' if key == name else f'"{key}"' for key in keys)
        duck.execute(
            f'CREATE OR REPLACE TEMP TABLE cells AS SELECT {shown}, sum("N_UNWEIGHTED")::BIGINT AS "N_UNWEIGHTED", '
            f'sum("OBS_VALUE") AS "OBS_VALUE" FROM cells JOIN targets ON code = "{name}" GROUP BY ALL'
        )
    duck.execute(f"COPY cells TO '{into}' (FORMAT parquet, COMPRESSION zstd)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extract", type=Path)
    parser.add_argument("into", type=Path)
    parser.add_argument("--key", action="store_true", help="also find the keys that stand more than once")
    parser.add_argument("--cube", action="store_true", help="the file holds records: make the cube only")
    given = parser.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    path = given.extract if given.cube else given.into / "records.parquet"
    duck = duckdb.connect()
    if not given.cube:
        harmonize(duck, given.extract, path)
    duck.execute(f"CREATE VIEW records AS SELECT * FROM read_parquet('{path}')")
    if not given.cube:
        (given.into / "rules.json").write_text(json.dumps(judged(duck, key=given.key)), encoding="utf-8")
    cube(duck, given.into / "cube.parquet")


if __name__ == "__main__":
    main()
