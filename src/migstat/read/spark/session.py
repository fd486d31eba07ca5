"""A session with Spark: the one that is there, or one as spark-submit, the environment and spark-defaults say."""

import logging
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from migstat.words.finding import misuse

LAUNCHED = "PYSPARK_GATEWAY_PORT"
"""Set where spark-submit has started Java already."""


def session() -> Any:
    """Return the session with Spark. Raise Misuse where pyspark or Java is missing, or Spark does not start.

    Where nothing names a master, Spark takes all processors of this machine: ``local[*]``.
    """
    if find_spec("pyspark") is None:
        raise misuse("Spark needs the library pyspark", "install it with migstat[spark]", place="spark")
    from pyspark.sql import SparkSession

    there = SparkSession.getActiveSession()
    if there is not None:
        return there
    _refuse_no_java()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with warnings.catch_warnings(), _quiet():
        warnings.simplefilter("ignore")
        try:
            return SparkSession.builder.appName("migstat").getOrCreate()
        except Exception as error:
            if os.environ.get("MIGSTAT_DEBUG"):
                raise
            what = f"Spark does not start: {type(error).__name__}"
            mend = "check JAVA_HOME (Java 17 or 21), the master and spark-defaults.conf; MIGSTAT_DEBUG=1 shows its log"
            raise misuse(what, mend, place="spark") from None


def _refuse_no_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if os.environ.get(LAUNCHED) or os.environ.get("SPARK_REMOTE"):
        return
    if not (shutil.which(str(Path(home) / "bin" / "java")) if home else shutil.which("java")):
        what = "JAVA_HOME has no bin/java" if home else "Spark needs Java, and none is found"
        raise misuse(what, "install Java 17 or 21, or set JAVA_HOME to where it is", place="spark")


@contextmanager
def _quiet() -> Iterator[None]:
    """Let Java, which takes this error stream for as long as it runs, write its log elsewhere than to the terminal."""
    if os.environ.get("MIGSTAT_DEBUG") or os.environ.get(LAUNCHED):
        yield
        return
    kept = os.dup(2)
    try:
        with tempfile.TemporaryFile() as log:
            os.dup2(log.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
