"""A mapping as a structure map: each rule in SDMX's words where it has them, and a list of what it has not."""

from collections.abc import Callable

from migstat.words.codelist import Codelist
from migstat.words.finding import Finding
from migstat.words.mapping import Mapping
from migstat.words.mapping_document import head_document
from migstat.words.reference import Reference, reference
from migstat.words.structure import Structure
from migstat.words.structure_map import Annotation, StructureMap
from migstat.work.structure_maps.export_head import export_filled, export_head
from migstat.work.structure_maps.export_rules import export_target
from migstat.work.structure_maps.making import AGENCY, Export
from migstat.work.structure_maps.notes import HEAD, RULE, UNSAID, note


def structure_map(
    mapping: Mapping, structure: Structure, codelists: Callable[[str], Codelist], agency: str = AGENCY
) -> tuple[StructureMap, tuple[Finding, ...]]:
    """Return a mapping as a structure map, and what SDMX cannot say of it; that is kept in annotations."""
    made = Export(mapping, structure, codelists, agency)
    for target in mapping.targets:
        export_target(made, target, structure[target.component])
    export_filled(made)
    export_head(made)
    head = head_document(mapping) | {"rules": [target.component for target in mapping.targets]}
    if "columns" in head:
        head["columns"] = list(head["columns"].items())
    annotations = [note(HEAD, head), *([note(RULE, made.rules)] if made.rules else [])]
    annotations += [Annotation(UNSAID, text=f"{one.component}: {one.what}".removeprefix(": ")) for one in made.unsaid]
    found = StructureMap(
        id=mapping.id,
        agency=agency,
        version=made.version,
        names={"en": mapping.source.name or f"{mapping.id} into {mapping.into}"},
        source=Reference("DataStructure", agency, mapping.id, made.version).urn,
        target=reference(structure, "DataStructure").urn,
        place=mapping.place,
        component_maps=tuple(made.components),
        fixed=tuple(made.fixed),
        dates=tuple(made.dates),
        representations=tuple(made.values),
        description=mapping.notes,
        annotations=tuple(annotations),
        columns={id: column for column, id in made.ids.items() if id != column},
    )
    return found, tuple(made.unsaid)
