"""A structure map from a file, or from a folder of them, with the representation maps that it names."""

from dataclasses import replace
from pathlib import Path

from migstat.read.mappings.faults import nearest
from migstat.read.structure_maps import from_json, from_ml
from migstat.words.finding import Finding, MigstatError, Place, misuse
from migstat.words.structure_map import RepresentationMap, StructureMap

ENDINGS = (".xml", ".xml.gz", ".xml.zip", ".json")


def read_structure_map(path: Path, id: str = "") -> StructureMap:
    """Return the structure map of a file or folder; the one of that id where it holds several.

    A file with representation maps alone gives a structure map without components: its ``representations``.
    Raises MigstatError with every fault, each with file and line.
    """
    maps: list[StructureMap] = []
    values: dict[str, RepresentationMap] = {}
    faults: list[Finding] = []
    for file in _files(path):
        try:
            found, named = (from_json if file.suffix == ".json" else from_ml).read(file)
        except MigstatError as error:
            faults += error.findings
            continue
        maps += found
        values |= {one.urn: one for one in named}
    if faults:
        raise MigstatError(faults)
    by_id = {one.id: one for one in maps}
    if id and id not in by_id:
        raise misuse(f"{path.name} holds no structure map {id}", nearest(id, by_id), component=id)
    if not maps:
        mend = "name a file of SDMX-ML 3.0 or SDMX-JSON 2.0 that holds one; SDMX-ML 2.1 has StructureSets, not maps"
        raise MigstatError([Finding(Place(path.name), "", "holds no structure map", mend)])
    if len(maps) > 1 and not id:
        raise misuse(f"{path.name} holds {len(maps)} structure maps: {', '.join(by_id)}", "say which one")
    map = by_id[id] if id else maps[0]
    wanted = [one.representation for one in map.component_maps]
    return replace(map, representations=tuple(values[urn] for urn in dict.fromkeys(wanted) if urn in values))


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise misuse(f"there is no file or folder {path.name}", "check the name", place=str(path))
    return sorted(one for one in path.iterdir() if one.is_file() and one.name.lower().endswith(ENDINGS))
