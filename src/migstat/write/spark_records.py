"""Records of Spark as a folder of Parquet files with their provenance; whole, or not at all."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

PROVENANCE = "_migstat.json"
"""Where the provenance stands in the folder: Spark, and others, leave out files whose names begin so."""


def write_on_spark(frame: Any, files: Any, path: str, provenance: Mapping[str, Any]) -> None:
    """Write a frame as a folder of Parquet files.

    Where the file system renames a folder in one step (a local disk, HDFS, Azure) it is written beside its place, and
    put there when it is whole. Elsewhere, as on S3, Spark's committer writes in place, and ``_SUCCESS`` says that it is
    whole: a folder without it is none.
    """
    parent, slash, name = path.rpartition("/")
    inside = files.renames(path)
    target = f"{parent}{slash}.{name}.{secrets.token_hex(4)}.part" if inside else path
    try:
        frame.write.mode("overwrite").option("compression", "zstd").parquet(files.whole(target))
        text = json.dumps(provenance, ensure_ascii=False, sort_keys=True) + "\n"
        files.write(f"{target}/{PROVENANCE}", text)
        if inside:
            files.replace(target, path)
    except BaseException:
        if inside:
            files.remove(target)
        raise
