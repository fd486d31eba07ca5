"""The schemas are genuine pandera: good records pass, and each broken value is a failure that names its column."""

import subprocess
import sys
from datetime import date

import polars as pl
import pytest

from migstat.read.codelists import codelist
from migstat.read.structures import structure, structure_ids
from migstat.words.finding import MigstatError
from migstat.work.pandera_schema import structure_schema

SOURCE = {"REF_AREA": "KEN", "TIME_PERIOD": "2019", "SOURCE_TYPE": "CENSUS"}
PEOPLE = [
    {"ROW": 1, "SEX": "F", "AGE": 34, "AGE_MISSING": None, "AGE_GROUP": "Y34", "COUNTRY_BIRTH": "NAM",
     "CITIZENSHIP": "STLS", "RESID_5Y": "ABROAD", "YEAR_ARRIVAL": 2018, "YEAR_ARRIVAL_MISSING": None,
     "MIG_REASON": "EMP", "BIRTH_DATE": date(1985, 1, 31), "BIRTH_DATE_MISSING": None, "WEIGHT": 1.5},
    {"ROW": 2, "SEX": "_N", "AGE": None, "AGE_MISSING": "_N", "AGE_GROUP": "_N", "COUNTRY_BIRTH": "SUHH",
     "CITIZENSHIP": "_O", "RESID_5Y": "_Z", "YEAR_ARRIVAL": None, "YEAR_ARRIVAL_MISSING": "_Z",
     "MIG_REASON": "_X", "BIRTH_DATE": None, "BIRTH_DATE_MISSING": "_U", "WEIGHT": 0.0},
]  # fmt: skip
TYPES = {"AGE": pl.Int64, "YEAR_ARRIVAL": pl.Int64, "BIRTH_DATE": pl.Date}
BROKEN = [
    ("SEX", "2"),
    ("SEX", None),
    ("SEX", "_T"),
    ("COUNTRY_BIRTH", "UK"),
    ("COUNTRY_BIRTH", "STLS"),
    ("CITIZENSHIP", "404"),
    ("AGE", 131),
    ("AGE", -1),
    ("AGE", "old"),
    ("AGE", None),
    ("AGE_GROUP", "34"),
    ("AGE_MISSING", "_Q"),
    ("AGE_MISSING", "_U"),
    ("BIRTH_DATE", "31/01/1985"),
    ("YEAR_ARRIVAL", 18),
    ("WEIGHT", -1.0),
    ("ROW", 2),
    ("RESID_5Y", "YES"),
]


def people(*changes):
    rows = [{**SOURCE, **row} for row in PEOPLE]
    for name, value in changes:
        rows[0][name] = value
    changed = {name for name, value in changes if isinstance(value, str)}
    types = {name: type for name, type in TYPES.items() if name not in changed}
    strings = {name: [None if row[name] is None else str(row[name]) for row in rows] for name in changed & set(TYPES)}
    return pl.DataFrame([{**row, **{n: v[i] for n, v in strings.items()}} for i, row in enumerate(rows)],
                        schema_overrides=types, infer_schema_length=None)  # fmt: skip


def native(frame, backend):
    return frame.to_pandas() if backend == "pandas" else frame


@pytest.fixture(params=["polars", "pandas"])
def backend(request):
    return request.param


def test_good_records_pass(backend):
    schema = structure_schema(structure("CENSUS_PERSON"), backend, codelist)

    assert 2 == len(schema.validate(native(people(), backend), lazy=True))


def test_dictionary_encoded_codes_pass(backend):
    frame = people().with_columns(pl.col("SEX", "COUNTRY_BIRTH").cast(pl.Categorical))
    schema = structure_schema(structure("SURVEY_PERSON"), backend, codelist)

    assert 2 == len(schema.validate(native(frame, backend), lazy=True))


@pytest.mark.parametrize(("name", "value"), BROKEN)
def test_each_broken_value_fails_and_names_its_column(backend, name, value):
    import pandera.errors

    schema = structure_schema(structure("CENSUS_PERSON"), backend, codelist)

    with pytest.raises(pandera.errors.SchemaErrors) as failure:
        schema.validate(native(people((name, value)), backend), lazy=True)
    assert name.removesuffix("_MISSING") in str(failure.value.failure_cases["check"].to_list()) + str(
        failure.value.failure_cases["column"].to_list()
    )


def test_a_missing_required_column_fails(backend):
    import pandera.errors

    schema = structure_schema(structure("CENSUS_PERSON"), backend, codelist)

    with pytest.raises(pandera.errors.SchemaErrors, match="MIG_REASON"):
        schema.validate(native(people().drop("MIG_REASON"), backend), lazy=True)


def test_replicate_weights_are_numbers(backend):
    import pandera.errors

    schema = structure_schema(structure("SURVEY_PERSON"), backend, codelist)
    frame = people().with_columns(REPWT_1=pl.lit(1.0), REPWT_80=pl.lit("heavy"))

    with pytest.raises(pandera.errors.SchemaErrors, match="REPWT_80"):
        schema.validate(native(frame, backend), lazy=True)


def test_cells_may_be_totals_and_stand_once(backend):
    import pandera.errors

    stock = structure("MIGRANT_STOCK")
    cell = {component.id: "_T" for component in stock.with_role("dimension")}
    cell |= {"FREQ": "A", "REF_AREA": "KEN", "TIME_PERIOD": "2019", "DEFINITION": "FOREIGN_BORN", "UNIT_MEASURE": "PS"}
    frame = pl.DataFrame([{**cell, "OBS_VALUE": 12.0}])
    schema = structure_schema(stock, backend, codelist)

    assert 1 == len(schema.validate(native(frame, backend), lazy=True))
    with pytest.raises(pandera.errors.SchemaErrors, match="name a row once"):
        schema.validate(native(pl.concat([frame, frame]), backend), lazy=True)


@pytest.mark.parametrize("id", structure_ids())
def test_every_structure_has_a_schema(id, backend):
    schema = structure_schema(structure(id), backend, codelist)

    assert {component.id for component in structure(id).components if not component.repeats} <= set(schema.columns)


def test_other_backends_are_refused():
    with pytest.raises(MigstatError, match="there is no schema for 'spark'"):
        structure_schema(structure("VISA"), "spark", codelist)


def test_a_permit_may_run_to_the_end_of_time(backend):
    import pandera

    permit = structure("RESIDENCE_PERMIT")
    schema = structure_schema(permit, backend, codelist)
    frame = pl.DataFrame([{**SOURCE, "ROW": 1, "PERSON_ID": "p", "PERMIT_REASON": "EMP", "VALID_FROM": date(2020, 1, 1),
                           "VALID_TO": date(9999, 12, 31), "SEX": "F", "CITIZENSHIP": "UGA"}])  # fmt: skip

    assert 1 == len(schema.validate(native(frame, backend), lazy=True)), pandera.__version__


def test_the_core_does_not_import_pandera():
    code = "import migstat.work.pandera_schema, sys; sys.exit('pandera' in sys.modules)"

    assert 0 == subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": "src"}, check=False).returncode


EXTRACTS = {"usa_acs_2018": "SURVEY_PERSON", "arg_eph": "SURVEY_PERSON", "gbr_census_2011_teaching": "CENSUS_PERSON"}


@pytest.mark.parametrize("example", EXTRACTS)
def test_harmonized_records_pass(root, backend, example):
    import migstat as ms

    folder = root / "examples" / example
    extract = next(path for path in sorted((folder / "extract").iterdir()) if path.suffix in (".csv", ".txt", ".zip"))
    run = ms.harmonize(extract, folder / "mapping.yaml")
    schema = structure_schema(structure(EXTRACTS[example]), backend, codelist)

    assert run.step("records").rows == len(schema.validate(native(run.records, backend), lazy=True))
