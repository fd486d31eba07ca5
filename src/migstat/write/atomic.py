"""A file appears whole or not at all: written beside its place, made safe on disk, then renamed."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from migstat.words.finding import misuse


@contextmanager
def beside(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Lend a path in the same folder to write to; what stands there at the end takes the place of ``path``.

    The file is flushed to disk before it is renamed. Where the block fails, or is interrupted, the part written is
    removed and an older file of that name stays as it was. Missing folders are made. A symbolic link is followed.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with beside(f"{folder}/build/names.txt") as part:
    ...         _ = part.write_text("Amina")
    ...     [file.name for file in (Path(folder) / "build").iterdir()]
    ['names.txt']
    """
    target = Path(path).resolve()
    if target.exists() and not target.is_file():
        raise misuse(f"{path} is not a file", "name a file to write")
    with explained(path):
        target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name[:60]}.{secrets.token_hex(4)}.part")
    try:
        with explained(path):
            yield part
            _flush(part)
            part.replace(target)
            _flush_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a whole file of bytes, or leave what was there."""
    with beside(path) as part:
        part.write_bytes(data)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a whole text file, in UTF-8 with its line ends as they are, or leave what was there."""
    write_bytes(path, text.encode())


@contextmanager
def explained(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn a full disk, or a folder that may not be written to, into an error that says so."""
    try:
        yield
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else error
        raise misuse(
            f"{path} cannot be written: {why}",
            "name a folder with space left that you may write to",
        ) from error


def _flush(part: Path) -> None:
    descriptor = os.open(part, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_folder(folder: Path) -> None:
    # Windows cannot open a folder; there, and on some network disks, the rename is as safe as it can be made.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
