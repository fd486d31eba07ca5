"""Found beside: the companion of an extract, in its folder or in the same zip, and nowhere else."""

import zipfile
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from migstat.read.packed import ZIP, explained, fault
from migstat.words.finding import MigstatError
from migstat.words.source import Companion, Format

MOST_NAMED = 5


def found_beside(extract: Path, companion: Companion) -> tuple[Path, Format] | None:
    """Return the one file that the companion's pattern fits, and how it is read; None where there is none.

    The extract itself is not meant. Raises MigstatError where several fit, or where a link leads out of the folder.
    """
    folder = extract.parent
    if extract.is_file() and (member := _member(extract, companion)):
        return extract, replace(companion.format, member=member)
    with explained(folder.name or "."):
        there = sorted(folder.iterdir())
    met = [
        path
        for path in there
        if fnmatchcase(path.name, companion.file) and not path.name.startswith(".") and path.name != extract.name
    ]
    for path in met:
        if not path.resolve().is_relative_to(folder.resolve()):
            what = "is a link that leads out of the folder of the extract"
            raise fault(path.name, what, "put the file itself there, or name it yourself: --companion NAME=FILE")
    if len(met) > 1:
        raise _several(extract.parent.name or ".", "the folder", [path.name for path in met], companion)
    return (met[0], companion.format) if met else None


def _member(extract: Path, companion: Companion) -> str:
    """Return the member of the extract, where that is a zip, which the pattern fits."""
    with explained(extract.name), extract.open("rb") as file:
        if file.read(4) not in ZIP:
            return ""
    with explained(extract.name), zipfile.ZipFile(extract) as archive:
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
    if "[Content_Types].xml" in names or "mimetype" in names:
        return ""
    met = [name for name in names if fnmatchcase(PurePosixPath(name).name, companion.file)]
    if len(met) > 1:
        raise _several(extract.name, "the zip", met, companion)
    return met[0] if met else ""


def _several(name: str, where: str, met: list[str], companion: Companion) -> MigstatError:
    more = f" and {len(met) - MOST_NAMED} more" if len(met) > MOST_NAMED else ""
    what = f"{where} holds {len(met)} files like {companion.file}: {', '.join(met[:MOST_NAMED])}{more}"
    mend = f"name the one that is meant: --companion {companion.name}=FILE"
    return fault(name, what, mend)
