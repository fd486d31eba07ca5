"""Packed files: the bytes inside a plain, gzip or zip file, counted and hashed; damage is told in plain words."""

import gzip
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import IO, Any

from migstat.words.finding import Finding, MigstatError, Misuse, Place, misuse
from migstat.words.source import Format

BLOCK = 4 << 20
"""Bytes read at a time; also the longest line of a CSV file."""
GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
FOREIGN = {
    b"\xd0\xcf\x11\xe0": "an old Excel or Office file",
    b"$FL": "an SPSS file",
    b"<stata_d": "a Stata file",
    b"HEADER R": "a SAS transport file",
    b"%PDF": "a PDF file",
    b"<!DOCTYP": "a web page",
    b"<!doctyp": "a web page",
    b"<html": "a web page",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"\xfd7zXZ": "packed by xz",
    b"BZh91AY": "packed by bzip2",
    b"\x28\xb5\x2f\xfd": "packed by zstd",
}
"""How files begin that are sent for a CSV file, and are none."""
TEXT_ENDINGS = (".csv", ".txt", ".tsv", ".dat", ".asc")


def fault(name: str, what: str, mend: str) -> MigstatError:
    """Make the error for one file that cannot be read."""
    return MigstatError([Finding(Place(name), "", what, mend)])


def foreign(name: str, start: bytes) -> None:
    """Raise MigstatError where a file begins as one of another kind does."""
    kind = next((kind for magic, kind in FOREIGN.items() if start.startswith(magic)), "")
    if kind:
        mend = "unpack it" if kind.startswith("packed") or kind.endswith("archive") else "save the data as CSV UTF-8"
        raise fault(name, f"is {kind}", "download the file again" if kind == "a web page" else mend)


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
def explained(name: str, format: Format | None = None, above: int = 1, said: str = "") -> Iterator[None]:
    """Turn the faults of compressed, cut off or unreadable files into errors that say so.

    ``above`` is the number of lines above the first row; ``said`` is the encoding that was said, if another is read.
    """
    again = "ask the sender for the file again, or copy it again: its size or checksum will differ"
    try:
        yield
    except MigstatError:
        raise
    except (EOFError, zlib.error) as error:
        raise fault(name, "the compressed file ends too early or is damaged: it was cut off", again) from error
    except (gzip.BadGzipFile, zipfile.BadZipFile) as error:
        if "not a zip file" in str(error):
            raise fault(name, "the compressed file ends too early or is damaged: it was cut off", again) from error
        raise fault(name, f"the compressed file is damaged ({error})", again) from error
    except NotImplementedError as error:
        mend = "unpack it, and name the file that is in it"
        raise fault(name, "the zip file is packed in a way that cannot be read here", mend) from error
    except RuntimeError as error:
        if "password" not in str(error) and "encrypted" not in str(error):
            raise
        mend = "unlock it first; migstat asks for no passwords"
        raise fault(name, "the zip file is locked with a password", mend) from error
    except UnicodeError as error:
        encoding = format.encoding if format else "in the encoding given"
        what = f"the text is not {encoding}"
        if "truncated" in str(error) or "incomplete" in str(error):
            what = f"the text ends in the midst of a character of {encoding}: it was cut off, or is not {encoding}"
        raise fault(name, what, "write the true encoding under source.format") from error
    except ValueError as error:
        if type(error).__name__ != "ArrowInvalid":  # told by its name, so that pyarrow need not be loaded to say so
            raise
        raise _arrow(name, str(error), above, said) from error
    except PermissionError as error:
        raise Misuse([Finding(Place(name), "", "may not be read", "ask for the right to read it")]) from error
    except OSError as error:
        what = f"cannot be read to its end ({error.strerror or type(error).__name__})"
        raise fault(name, what, "check the disk or network drive, and run again") from error
    except BaseException as error:
        # A panic of a library is no Exception to Python.
        if type(error).__name__ != "PanicException":
            raise
        raise fault(name, "the file is damaged, and cannot be read", again) from error


@contextmanager
def pages_of(name: str) -> Iterator[None]:
    """Turn whatever goes wrong with the pages of a Parquet file into an error that says that it is damaged."""
    with explained(name):
        try:
            yield
        except (MigstatError, OSError) as error:
            if isinstance(error, MigstatError) or error.errno is not None:
                raise
            raise fault(name, *CUT_OFF) from error
        except Exception as error:
            raise fault(name, *CUT_OFF) from error


def read_pages(file: Any, name: str, rows: int) -> Iterator[Any]:
    """Yield the batches of an opened Parquet file; damage is the file's, whatever is being written of them."""
    with pages_of(name):
        yield from file.iter_batches(rows)


def _arrow(name: str, message: str, above: int, said: str) -> MigstatError:
    if "invalid UTF8" in message:
        row = re.search(r"Row #(\d+)", message)
        where = f" in row {int(row[1]) - above}" if row else ""
        mend = "write the true encoding under source.format: cp1252, latin-1 or cp850, say"
        if said:
            mend = f"save all of it in one encoding: it begins in UTF-8, and not in {said} as the mapping says"
        return fault(name, f"is not UTF-8{where}", mend)
    if "straddl" in message:
        what = f"a line is longer than {BLOCK >> 20} MB: a quote is opened and never closed, or the file is no CSV"
        return fault(name, what, "close the quote, or set source.format.quote to none")
    what = f"cannot be read as CSV: {message.splitlines()[0]}"
    return fault(name, what, "check delimiter, quote and header under source.format")


@contextmanager
def unpacked(
    path: Path, format: Format, endings: tuple[str, ...] = TEXT_ENDINGS
) -> Iterator[tuple[IO[bytes], Callable[[], int], Callable[[], str], str]]:
    """Lend the bytes of the extract, unpacked, with a counter, a hash, and the name of the member read.

    Of a zip, the one file is read that the format names, or else the one that ends in one of the ``endings``.
    """
    raw = Counted(path)
    with raw:
        with path.open("rb") as start:
            magic = start.read(4)
        if magic.startswith(GZIP):
            with gzip.GzipFile(fileobj=io.BufferedReader(raw, BLOCK)) as unpacked:
                yield unpacked, lambda: raw.count, raw.digest, path.name  # type: ignore[misc]
        elif magic in ZIP:
            with zipfile.ZipFile(path) as archive:
                member = _member(archive, path.name, format.member, endings)
                with archive.open(member) as unpacked:
                    whole = path.stat().st_size
                    share = whole / max(1, member.file_size)
                    yield (
                        unpacked,
                        lambda: whole if unpacked.closed else int(unpacked.tell() * share),
                        lambda: file_hash(path),
                        f"{path.name}/{member.filename}",
                    )
        else:
            yield raw, lambda: raw.count, raw.digest, path.name  # type: ignore[misc]


def first_bytes(path: Path) -> bytes:
    """Return what tells the kind of a file; raise where there is none, or nothing in it."""
    if not path.exists():
        raise misuse("there is no such file", "check the path", place=path.name)
    if not path.is_file():
        raise misuse("is a folder" if path.is_dir() else "is no file", "name a file", place=path.name)
    if path.stat().st_size == 0:
        raise fault(path.name, "the file is empty", "ask the sender for the file again")
    with explained(path.name), path.open("rb") as file:
        return file.read(8)


def file_hash(path: Path) -> str:
    """Return the sha256 of a whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _member(archive: zipfile.ZipFile, name: str, pattern: str, endings: tuple[str, ...]) -> zipfile.ZipInfo:
    named = [info for info in archive.infolist() if info.filename]
    files = [info for info in named if not info.is_dir() and not info.filename.startswith("__MACOSX")]
    office = {"[Content_Types].xml": "an Excel workbook", "mimetype": "an OpenDocument file"}
    for info in files:
        if info.filename in office:
            raise fault(name, f"is {office[info.filename]}", "save the sheet as CSV UTF-8")
    if any(info.filename == pattern for info in files):
        found = [next(info for info in files if info.filename == pattern)]
    elif pattern:
        found = [info for info in files if fnmatch(PurePosixPath(info.filename).name, pattern)]
    else:
        found = [info for info in files if info.filename.lower().endswith(endings)]
    if len(found) != 1:
        listed = ", ".join(sorted(info.filename for info in (found or files))[:8]) or "nothing"
        what = f"the zip holds {'no' if not found else len(found)} data files" + (f" like {pattern}" if pattern else "")
        name_it = 'name the one to read: source.format.member: "*.csv"'
        raise fault(name, f"{what}: {listed}", name_it if endings == TEXT_ENDINGS else "leave one of them in the zip")
    return found[0]


PART_ROWS, PART_BYTES = 400_000, 512 << 20
CUT_OFF = "the Parquet file is damaged or was cut off", "ask the sender for the file again"
