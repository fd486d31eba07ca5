"""Packed files that can only be read whole: unpacked into a folder of their own, which goes when nobody needs it."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from migstat.read.packed import BLOCK, GZIP, ZIP, explained, fault, first_bytes, unpacked
from migstat.words.source import Format

LEFT = 1 << 30
"""Bytes of the disk that are left free."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A file on disk that is not packed: its name as it is told, and its path. ``folder`` lasts as long as this."""

    name: str
    path: Path
    folder: "tempfile.TemporaryDirectory[str] | None" = None


def unpacked_whole(path: Path, format: Format, endings: tuple[str, ...]) -> Whole:
    """Return the file itself, or what a gzip or zip file holds. Raises MigstatError where the disk is too small."""
    if not first_bytes(path).startswith((GZIP, *ZIP)):
        return Whole(path.name, path)
    folder = tempfile.TemporaryDirectory(prefix="migstat-")
    into = Path(folder.name) / "file"
    free = shutil.disk_usage(folder.name).free - LEFT
    with explained(path.name, format), unpacked(path, format, endings) as (file, _, _, name), into.open("wb") as out:
        written = 0
        while block := file.read(BLOCK):
            written += len(block)
            if written > free:
                what = f"has more than {free:,} bytes when unpacked, and the disk of temporary files is too small"
                raise fault(name, what, "unpack it on a larger disk, or set TMPDIR to a folder there")
            out.write(block)
    return Whole(name, into, folder)
