"""What a structure message says, before its references are followed: the same for each version and format."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from migstat.words.artefacts import Agency
from migstat.words.codelist import Codelist
from migstat.words.concept import ConceptScheme
from migstat.words.constraint import Constraint
from migstat.words.finding import Place
from migstat.words.hierarchy import Hierarchy
from migstat.words.reference import Reference
from migstat.words.structure import Dataflow, Role

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Representation:
    """The codelist of a component, or its text type and facets, as written."""

    enumeration: Reference | None = None
    facets: Texts = field(default_factory=dict)
    most: int | None = 1


@dataclass(frozen=True, slots=True)
class Part:
    """A component of a structure, with its concept and representation still to be looked up."""

    id: str
    role: Role
    concept: Reference
    place: Place
    representation: Representation | None = None
    required: bool = False
    is_time: bool = False
    attached: tuple[str, ...] | None = None
    group: str = ""
    measures: tuple[str, ...] = ()
    annotations: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parts:
    """A structure, with its components still to be looked up."""

    reference: Reference
    names: Texts
    descriptions: Texts
    parts: tuple[Part, ...]
    groups: Mapping[str, tuple[str, ...]]
    place: Place
    annotations: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Extension:
    """Codes that a codelist takes over from another: all, or those selected; each behind a prefix."""

    base: Reference
    prefix: str = ""
    include: bool = True
    members: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Parsed:
    """All that the files of one reading say, by address, in the order found."""

    codelists: dict[Reference, Codelist] = field(default_factory=dict)
    extensions: dict[Reference, tuple[Extension, ...]] = field(default_factory=dict)
    schemes: dict[Reference, ConceptScheme] = field(default_factory=dict)
    representations: dict[Reference, Representation] = field(default_factory=dict)
    structures: dict[Reference, Parts] = field(default_factory=dict)
    dataflows: dict[Reference, Dataflow] = field(default_factory=dict)
    constraints: dict[Reference, Constraint] = field(default_factory=dict)
    hierarchies: dict[Reference, Hierarchy] = field(default_factory=dict)
    agencies: dict[str, Agency] = field(default_factory=dict)
    places: dict[Reference, Place] = field(default_factory=dict)
    external: set[Reference] = field(default_factory=set)
