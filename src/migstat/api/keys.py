"""Keys of pseudonyms: make one, tell it from others, and put the pseudonyms of a file under a new one."""

import os
from pathlib import Path
from typing import Any

from migstat.read.secret_keys import new_key, read_keys
from migstat.words.finding import Finding, MigstatError, Place, misuse

ROWS = 500_000


def make_key(path: str | os.PathLike[str]) -> None:
    """Write a new key of 256 random bits into a new file that only its owner may read."""
    from migstat.write.rewritten import write_secret

    write_secret(path, new_key() + "\n")


def key_fingerprint(name: str) -> str:
    """Return the fingerprint of the key in the environment variable ``name``, as it stands in provenance.

    It tells whether two files were made with one key, and nothing of the key. Raises Misuse where the key is not
    there, or is weak.
    """
    return read_keys([name])[0].id


def rotate(path: str | os.PathLike[str], into: str | os.PathLike[str], *, old: str, new: str) -> dict[str, Any]:
    """Put the pseudonyms of a Parquet file of records under a new key, and return the new provenance.

    ``old`` and ``new`` name environment variables. The pseudonyms become those of the old pseudonyms under the new
    key; a mapping that says ``key: [OLD, NEW]`` makes the same ones from the source. Raises MigstatError where the
    file was not made with the old key, and leaves the file as it is.
    """
    import polars as pl
    import pyarrow as pa
    import pyarrow.parquet as parquet

    from migstat.read.damage import undamaged
    from migstat.read.footer import read_provenance, scan_parquet
    from migstat.read.packed import read_pages
    from migstat.work.pseudonyms.keyed import under
    from migstat.write.rewritten import batches_writer

    source = Path(path)
    if not source.is_file():
        raise misuse("there is no such file", "name a Parquet file of records", place=source.name)
    was, now = read_keys([old, new])
    provenance = read_provenance(source)
    made = provenance.get("pseudonyms", {})
    if not made:
        what = "does not say of any column that it holds pseudonyms"
        raise misuse(what, "name a file that harmonize or link wrote with a key", place=source.name)
    faults = [
        Finding(Place(source.name), column, f"was not made with the key {old}: its fingerprint is {facts['keys'][-1]}, "
                f"and that of {old} is {was.id}", "name the key it was made with")
        for column, facts in made.items()
        if facts["keys"][-1] != was.id
    ]  # fmt: skip
    there = scan_parquet(source).collect_schema()
    faults += [
        Finding(Place(source.name), column, "is to hold pseudonyms, and is no column of texts",
                "name the file as harmonize or link wrote it")
        for column in made
        if there.get(column) not in (pl.String, pl.Categorical, pl.Enum)
    ]  # fmt: skip
    if faults:
        raise MigstatError(faults)
    told = {column: {**facts, "keys": [*facts["keys"], now.id]} for column, facts in made.items()}
    provenance = {**provenance, "pseudonyms": told}
    with (
        undamaged(source),
        parquet.ParquetFile(source) as file,
        batches_writer(into, file.schema_arrow, provenance) as add,
    ):
        for batch in read_pages(file, source.name, ROWS):
            table = pa.Table.from_batches([batch])
            for column in made:
                at = table.column_names.index(column)
                values = pl.Series(pl.from_arrow(table.column(at))).cast(pl.String)
                distinct = values.unique(maintain_order=True).drop_nulls()
                changed = values.replace_strict(distinct, under([now], distinct), default=None, return_dtype=pl.String)
                table = table.set_column(at, column, changed.to_arrow().cast(pa.string()))
            add(table)
    return provenance
