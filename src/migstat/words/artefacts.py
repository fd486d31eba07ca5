"""Artefacts: all that one structure message carries, whatever its format."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from migstat.words.codelist import Codelist
from migstat.words.concept import ConceptScheme
from migstat.words.constraint import Constraint
from migstat.words.hierarchy import Hierarchy
from migstat.words.structure import Dataflow, Structure


@dataclass(frozen=True, slots=True)
class Agency:
    """Who maintains artefacts."""

    id: str
    names: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Artefacts:
    """What is written into a message, or was read from one file or folder, in order."""

    codelists: tuple[Codelist, ...] = ()
    schemes: tuple[ConceptScheme, ...] = ()
    structures: tuple[Structure, ...] = ()
    dataflows: tuple[Dataflow, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    hierarchies: tuple[Hierarchy, ...] = ()
    agencies: tuple[Agency, ...] = ()
