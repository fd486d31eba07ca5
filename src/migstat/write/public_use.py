"""A documented microdata file: the data in each format, the codebook and the page, all of it or nothing."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import narwhals as nw
import polars as pl

from migstat.words.anonymized import Anonymized
from migstat.write.atomic import beside, explained
from migstat.write.numbers import plain
from migstat.write.records import records_writer

FORMATS = ("parquet", "csv", "sav", "dta")


def write_files(run: Anonymized, folder: Path, formats: Sequence[str], language: str, page: str) -> list[Path]:
    """Write all files of a result and return their paths; where one fails, none of them appears.

    They are ``<name>.public.csv`` and so on, ``<name>.public.codebook.xml`` and ``<name>.public.risk.html``.
    """
    from migstat.write.ddi_codebook import ddi_codebook
    from migstat.write.statistical_files import variables, write_dta, write_sav

    frame = nw.from_native(run.records, eager_only=True).to_polars()
    stem = f"{run.name}.{run.policy.use}"
    names = {kind: f"{stem}.{kind}" for kind in dict.fromkeys(formats)}
    listed = variables(frame, run.structure, run.codelists, language)
    label = f"{run.name}, {run.policy.use} use"
    book = ddi_codebook(run, frame, listed, names, language)
    paths = [folder / name for name in (*names.values(), f"{stem}.codebook.xml", f"{stem}.risk.html")]
    with ExitStack() as files:
        if "parquet" in names:
            codes = {id: _codes(frame, id, run) for id in run.codelists if id in frame.columns}
            writer = files.enter_context(records_writer(folder / names["parquet"], codes))
            writer.add(frame)
            writer.close(run.provenance)
        if "csv" in names:
            part = files.enter_context(beside(folder / names["csv"]))
            floats = [plain(id) for id, type in frame.schema.items() if type.is_float()]
            with explained(part):
                frame.with_columns(floats).write_csv(part, line_terminator="\n")
        for kind, write in (("sav", write_sav), ("dta", write_dta)):
            if kind in names:
                part = files.enter_context(beside(folder / names[kind]))
                with explained(part):
                    write(frame, listed, part, label)
        files.enter_context(beside(paths[-2])).write_bytes(book)
        files.enter_context(beside(paths[-1])).write_text(page, encoding="utf-8", newline="\n")
    return paths


def _codes(frame: pl.DataFrame, id: str, run: Anonymized) -> list[str]:
    """Return the codes of a component as the file may hold them: those of its list, and any that groups made."""
    known = run.codelists[id].ids
    return [*known, *sorted(set(frame[id].unique().drop_nulls()) - set(known))]
