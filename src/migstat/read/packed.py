"""Packed files: the bytes inside a plain, gzip or zip file, counted and hashed; damage is told in plain words."""

import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import IO, Any

import pyarrow as pa

from migstat.words.finding import Finding, MigstatError, Misuse, Place
from migstat.words.mapping import Format

BLOCK = 4 << 20
"""Bytes read at a time; also the longest line of a CSV file."""
TEXT_ENDINGS = (".csv", ".txt", ".tsv", ".dat", ".asc")


def fault(name: str, what: str, mend: str) -> MigstatError:
    """Make the error for one file that cannot be read."""
    return MigstatError([Finding(Place(name), "", what, mend)])


class Counted(io.RawIOBase):
    """A raw file that hashes what is read from it, in order."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self._hash = hashlib.sha256()
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        length = self._file.readinto(buffer) or 0
        self._hash.update(memoryview(buffer)[:length])
        self.count += length
        return length

    def close(self) -> None:
        self._file.close()
        super().close()

    def digest(self) -> str:
        """Read what is left, so that the hash is the file's."""
        while chunk := self._file.read(BLOCK):
            self._hash.update(chunk)
        return self._hash.hexdigest()


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn the faults of compressed, cut off or unreadable files into errors that say so."""
    again = "ask the sender for the file again, or copy it again: its size or checksum will differ"
    try:
        yield
    except MigstatError:
        raise
    except (EOFError, zlib.error) as error:
        raise fault(name, "the compressed file ends too early or is damaged: it was cut off", again) from error
    except (gzip.BadGzipFile, zipfile.BadZipFile) as error:
        raise fault(name, f"the compressed file is damaged ({error})", again) from error
    except RuntimeError as error:
        if "password" not in str(error) and "encrypted" not in str(error):
            raise
        mend = "unlock it first; migstat asks for no passwords"
        raise fault(name, "the zip file is locked with a password", mend) from error
    except UnicodeError as error:
        encoding = error.encoding if isinstance(error, UnicodeDecodeError) else "encoding given"
        raise fault(name, f"the text is not {encoding}", "name the true encoding: source.format.encoding") from error
    except pa.ArrowInvalid as error:
        raise _arrow(name, str(error)) from error
    except PermissionError as error:
        raise Misuse([Finding(Place(name), "", "may not be read", "ask for the right to read it")]) from error
    except OSError as error:
        what = f"cannot be read to its end ({error.strerror or type(error).__name__})"
        raise fault(name, what, "check the disk or network drive, and run again") from error


def _arrow(name: str, message: str) -> MigstatError:
    where = next((part for part in message.split(":") if part.strip().startswith("Row #")), "").strip().lower()
    if "invalid UTF8" in message:
        where = f" ({where})" if where else ""
        return fault(name, f"is not UTF-8{where}", "name its encoding: source.format.encoding: latin-1 or cp1252, say")
    if "straddl" in message:
        what = f"a line is longer than {BLOCK >> 20} MB: a quote is opened and never closed, or the file is no CSV"
        return fault(name, what, "close the quote, or set source.format.quote to none")
    what = f"cannot be read as CSV: {message.splitlines()[0]}"
    return fault(name, what, "check delimiter, quote and header under source.format")


@contextmanager
def unpacked(path: Path, format: Format) -> Iterator[tuple[IO[bytes], Callable[[], int], Callable[[], str], str]]:
    """Lend the bytes of the extract, unpacked, with a counter, a hash, and the name of the member read."""
    raw = Counted(path)
    with raw:
        with path.open("rb") as start:
            magic = start.read(2)
        if magic == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=io.BufferedReader(raw, BLOCK)) as unpacked:
                yield unpacked, lambda: raw.count, raw.digest, path.name  # type: ignore[misc]
        elif magic == b"PK":
            with zipfile.ZipFile(path) as archive:
                member = _member(archive, path.name, format.member)
                with archive.open(member) as unpacked:
                    size = path.stat().st_size / max(1, member.file_size)
                    yield (
                        unpacked,
                        lambda: int(unpacked.tell() * size),
                        lambda: file_hash(path),
                        f"{path.name}/{member.filename}",
                    )
        else:
            yield raw, lambda: raw.count, raw.digest, path.name  # type: ignore[misc]


def file_hash(path: Path) -> str:
    """Return the sha256 of a whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _member(archive: zipfile.ZipFile, name: str, pattern: str) -> zipfile.ZipInfo:
    files = [info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX")]
    if any(info.filename == "[Content_Types].xml" for info in files):
        raise fault(name, "is an Excel workbook", "save the sheet as CSV UTF-8")
    if pattern:
        found = [info for info in files if fnmatch(PurePosixPath(info.filename).name, pattern)]
    else:
        found = [info for info in files if info.filename.lower().endswith(TEXT_ENDINGS)]
    if len(found) != 1:
        listed = ", ".join(sorted(info.filename for info in (found or files))[:8]) or "nothing"
        what = f"the zip holds {'no' if not found else len(found)} data files" + (f" like {pattern}" if pattern else "")
        raise fault(name, f"{what}: {listed}", 'name the one to read: source.format.member: "*.csv"')
    return found[0]
