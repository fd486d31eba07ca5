"""Packed files that can only be read whole: unpacked into a folder of their own, which goes when nobody needs it."""

import shutil
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path

from migstat.read.packed import BLOCK, GZIP, ZIP, explained, fault, first_bytes, unpacked
from migstat.words.source import Format

LEFT = 1 << 30
"""Bytes of the disk that are left free."""


@dataclass(slots=True, weakref_slot=True)
class Whole:
    """A file on disk that is not packed: its name as it is told, and its path, which lasts as long as this."""

    name: str
    path: Path


def unpacked_whole(path: Path, format: Format, endings: tuple[str, ...]) -> Whole:
    """Return the file itself, or what a gzip or zip file holds. Raises MigstatError where the disk is too small."""
    if not first_bytes(path).startswith((GZIP, *ZIP)):
        return Whole(path.name, path)
    folder = Path(tempfile.mkdtemp(prefix="migstat-"))
    whole = Whole(path.name, folder / "file")
    weakref.finalize(whole, shutil.rmtree, folder, ignore_errors=True)
    free = shutil.disk_usage(folder).free - LEFT
    with (
        explained(path.name, format),
        unpacked(path, format, endings) as (file, _, _, name),
        whole.path.open("wb") as out,
    ):
        written = 0
        while block := file.read(BLOCK):
            written += len(block)
            if written > free:
                what = f"has more than {free:,} bytes when unpacked, and the disk of temporary files is too small"
                raise fault(name, what, "unpack it on a larger disk, or set TMPDIR to a folder there")
            out.write(block)
        whole.name = name
    return whole
