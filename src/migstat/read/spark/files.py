"""Files as Spark sees them: local, hdfs, s3a, abfss; the file system is told by the path, or is Spark's own."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from migstat.read.heads import SNIFFED
from migstat.read.packed import GZIP, fault
from migstat.read.spark.faults import on_spark
from migstat.words.finding import misuse

RENAMES = {"file", "hdfs", "abfs", "abfss", "viewfs"}
"""File systems on which a folder takes its place in one step; elsewhere a rename copies file by file."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One file: its full address, its path below what was named, and its size."""

    address: str
    short: str
    size: int


class Files:
    """The file systems of a session, through the classes that Spark itself reads them with."""

    def __init__(self, spark: Any) -> None:
        if not hasattr(spark, "_jvm"):
            what, mend = "a session of Spark Connect reads no files here", "hand in a frame: spark.read.parquet(...)"
            raise misuse(what, mend, place="spark")
        self._jvm = spark._jvm
        self._settings = spark._jsc.hadoopConfiguration()
        self._own = self._jvm.org.apache.hadoop.fs.FileSystem.getDefaultUri(self._settings).getScheme()

    def name(self, path: str) -> str:
        """Return what a path is called: its last part."""
        return PurePosixPath(path.rstrip("/")).name or path

    def whole(self, path: str) -> str:
        """Return the full address of a path."""
        at, system = self._at(path)
        return str(system.makeQualified(at).toString())

    def exists(self, path: str) -> bool:
        """Tell whether there is a file or folder."""
        at, system = self._at(path)
        with on_spark(self.name(path)):
            return bool(system.exists(at))

    def listed(self, path: str, pattern: str, endings: tuple[str, ...]) -> list[Listed]:
        """Return the data files of a path: the file itself, or those of a folder, in order of their names."""
        at, system = self._at(path)
        name = self.name(path)
        with on_spark(name):
            if not system.exists(at):
                raise misuse("there is no such file", "check the path, and that the cluster may see it", place=name)
            found = system.getFileStatus(at)
            if found.isFile():
                return [Listed(found.getPath().toString(), name, found.getLen())]
            all_ = list(self._below(system, at))
        wanted = [
            one
            for one in all_
            if not any(part.startswith((".", "_")) and "=" not in part for part in one.short.split("/"))
            and (
                fnmatch(PurePosixPath(one.short).name, pattern)
                if pattern
                else one.short.lower().endswith((*endings, *(f"{ending}.gz" for ending in endings)))
            )
        ]
        if not wanted:
            few = ", ".join(one.short for one in all_[:8]) or "nothing"
            like = f" like {pattern}" if pattern else ""
            raise fault(name, f"the folder holds no data files{like}: {few}", "name a file, or another folder")
        return sorted(wanted, key=lambda one: one.short)

    def _below(self, system: Any, at: Any) -> Iterator[Listed]:
        root = system.makeQualified(at).toString().rstrip("/")
        walk = system.listFiles(at, True)
        while walk.hasNext():
            one = walk.next()
            address = one.getPath().toString()
            yield Listed(address, unquote(address.removeprefix(root).lstrip("/")), one.getLen())

    def start(self, one: Listed) -> bytes:
        """Return the first bytes of a file, unpacked where it is gzip."""
        at, system = self._at(one.address)
        with on_spark(one.short):
            stream = system.open(at)
            try:
                data = bytes(self._jvm.org.apache.commons.io.IOUtils.toByteArray(
                    self._jvm.org.apache.commons.io.input.BoundedInputStream(stream, SNIFFED)
                ))  # fmt: skip
            finally:
                stream.close()
        return zlib.decompressobj(31).decompress(data, SNIFFED) if data.startswith(GZIP) else data

    def text(self, path: str) -> str:
        """Return a small text file."""
        at, system = self._at(path)
        with on_spark(self.name(path)):
            stream = system.open(at)
            try:
                return bytes(self._jvm.org.apache.commons.io.IOUtils.toByteArray(stream)).decode(errors="replace")
            finally:
                stream.close()

    def write(self, path: str, text: str) -> None:
        """Write a small text file, beside its place where it can be put there; an object store shows it when whole."""
        at, system = self._at(path)
        beside = self._path(f"{at.getParent().toString()}/.{at.getName()}.part")
        target = beside if self.renames(path) else at
        with on_spark(self.name(path)):
            stream = system.create(target, True)
            stream.write(bytearray(text.encode()))
            stream.close()
            if self.renames(path):
                self._replace(system, beside, at)

    def renames(self, path: str) -> bool:
        """Tell whether a folder can take its place in one step."""
        return str(self._at(path)[1].getUri().getScheme()) in RENAMES

    def replace(self, beside: str, path: str) -> None:
        """Put a folder in the place of another, which goes."""
        (new, system), (at, _) = self._at(beside), self._at(path)
        with on_spark(self.name(path)):
            self._replace(system, new, at)

    def remove(self, path: str) -> None:
        """Remove a file or a folder, where it is there."""
        at, system = self._at(path)
        system.delete(at, True)

    def _replace(self, system: Any, new: Any, at: Any) -> None:
        old = self._path(f"{at.getParent().toString()}/.{at.getName()}.old")
        if system.exists(at):
            system.delete(old, True)
            system.rename(at, old)
        if not system.rename(new, at):
            if system.exists(old):
                system.rename(old, at)
            mend = "name a folder with space left that you may write to"
            raise misuse(f"{at.getName()} cannot be written", mend, place="spark")
        system.delete(old, True)

    def _path(self, path: str) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(path)

    def _at(self, path: str) -> tuple[Any, Any]:
        if "://" not in path and not path.startswith("file:") and self._own == "file":
            path = f"file:{Path(path).absolute()}"  # Java keeps to the folder in which it was started.
        with on_spark(self.name(path)):
            at = self._path(path)
            return at, at.getFileSystem(self._settings)
