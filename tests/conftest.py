"""What the tests share: the field's data beside the repository, and one frame maker for each engine."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# How long one example takes depends on what else the machine does; speed is measured in benchmarks/.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The real data, standards and cases that lie beside the repository; the test is skipped where they do not."""
    path = ROOT.parent / "shared"
    if not (path / "data").is_dir():
        pytest.skip("needs ../shared/data, the real files that lie beside the repository and are not part of it")
    return path


Columns = Mapping[str, Sequence[object]]


@dataclass(frozen=True)
class Constructor:
    """Makes a native frame of one engine, all columns text, and reads any native frame back as plain rows."""

    engine: str
    spark: Any = None

    def __call__(self, data: Columns | Sequence[Mapping[str, object]]) -> Any:
        columns = text_columns(data)
        match self.engine:
            case "pandas":
                import pandas as pd

                return pd.DataFrame(columns, dtype="str")
            case "polars" | "polars-lazy":
                import polars as pl

                frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
                return frame.lazy() if self.engine == "polars-lazy" else frame
            case "pyarrow":
                return arrow_table(columns)
            case "duckdb":
                import duckdb

                return duckdb.from_arrow(arrow_table(columns))
            case "pyspark":
                from pyspark.sql.types import StringType, StructField, StructType

                schema = StructType([StructField(name, StringType()) for name in columns])
                return self.spark.createDataFrame(list(zip(*columns.values(), strict=True)), schema)
            case other:
                raise AssertionError(other)

    def rows(self, frame: Any, *by: str) -> list[dict[str, object]]:
        """The rows of a native frame as plain dictionaries, missing as None, sorted by the columns named."""
        import narwhals as nw

        rows = nw.from_native(frame).lazy().collect("pyarrow").to_native().to_pylist()
        return sorted(rows, key=lambda row: [(row[name] is not None, str(row[name])) for name in by])


def text_columns(data: Columns | Sequence[Mapping[str, object]]) -> dict[str, list[str | None]]:
    """Columns of text from columns or rows of anything; None stays None."""
    if not isinstance(data, Mapping):
        names = list(dict.fromkeys(name for row in data for name in row))
        data = {name: [row.get(name) for row in data] for name in names}
    return {name: [None if value is None else str(value) for value in values] for name, values in data.items()}


def arrow_table(columns: Mapping[str, list[str | None]]) -> Any:
    import pyarrow as pa

    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A small local Spark; the test is skipped where pyspark or Java is missing."""
    if find_spec("pyspark") is None:
        pytest.skip("needs pyspark")
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.skip("needs a Java runtime")
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    session = (
        SparkSession.builder.master("local[2]")
        .appName("migstat tests")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    yield session
    session.stop()


ENGINES = ["pandas", "polars", "polars-lazy", "pyarrow", "duckdb"]
SPARK = pytest.param("pyspark", marks=pytest.mark.spark)


@pytest.fixture(params=[*ENGINES, SPARK])
def constructor(request: pytest.FixtureRequest) -> Constructor:
    """One test body over every engine: `constructor(data)` is a native frame, all columns text."""
    engine = request.param
    if engine == "duckdb" and find_spec("duckdb") is None:
        pytest.skip("needs duckdb")
    return Constructor(engine, request.getfixturevalue("spark") if engine == "pyspark" else None)
