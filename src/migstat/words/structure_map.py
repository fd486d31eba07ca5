"""Structure maps: SDMX 3.0's own words for a mapping, with the value maps that its component maps name."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from migstat.words.finding import Place
from migstat.words.mapping_rule import PatternValue
from migstat.words.reference import Reference

Period = Literal["nanosecond", "microsecond", "millisecond", "second", "day"]


@dataclass(frozen=True, slots=True)
class Annotation:
    """A note on an artefact: its type says what it is for, ``value`` holds it for programs, ``text`` for people."""

    type: str
    value: str = ""
    text: str = ""


Annotations = tuple[Annotation, ...]


def annotated(annotations: Annotations, type: str) -> str | None:
    """Return the value of the first annotation of a type, or None."""
    return next((one.value for one in annotations if one.type == type), None)


@dataclass(frozen=True, slots=True)
class ValueMapping:
    """One line of a representation map: a value a source component, and a value a target component.

    A target may hold ``\\1`` for what a group of a regular expression took. ``valid_to`` is the last day on which the
    line holds, as SDMX has it.
    """

    sources: tuple[PatternValue, ...]
    targets: tuple[str, ...]
    place: Place
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None
    annotations: Annotations = ()


@dataclass(frozen=True, slots=True)
class RepresentationMap:
    """How values become values. Each source and target is the URN of a codelist or value list, or a data type."""

    id: str
    agency: str
    version: str
    names: Mapping[str, str]
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    mappings: tuple[ValueMapping, ...]
    place: Place
    annotations: Annotations = ()

    @property
    def urn(self) -> str:
        """Its full name."""
        return Reference("RepresentationMap", self.agency, self.id, self.version).urn


@dataclass(frozen=True, slots=True)
class ComponentMap:
    """Source components to target components: by a representation map, or as they are where none is named."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    place: Place
    representation: str = ""
    annotations: Annotations = ()


@dataclass(frozen=True, slots=True)
class FixedValueMap:
    """The same value in every row of a target component (of a source component where ``in_source``)."""

    component: str
    values: tuple[str, ...]
    place: Place
    in_source: bool = False
    annotations: Annotations = ()


@dataclass(frozen=True, slots=True)
class DateMap:
    """Texts or counts to periods of time, for pairs of source and target components.

    A date pattern map has a ``pattern`` such as dd/MM/yyyy and a ``locale``; an epoch map counts ``period`` since
    ``base``. The target has a fixed ``frequency``, or the one that another target component says.
    """

    id: str
    pairs: tuple[tuple[str, str], ...]
    place: Place
    pattern: str = ""
    locale: str = "en"
    base: str = ""
    period: Period | None = None
    frequency: str = ""
    frequency_dimension: str = ""
    mapped_frequencies: tuple[str, ...] = ()
    resolve: str = ""
    annotations: Annotations = ()


@dataclass(frozen=True, slots=True)
class FrequencyFormat:
    """How periods of one frequency are written."""

    id: str
    frequency: str
    pattern: str


@dataclass(frozen=True, slots=True)
class StructureMap:
    """How data of one structure become data of another; ``representations`` are those that its component maps name."""

    id: str
    agency: str
    version: str
    names: Mapping[str, str]
    source: str
    target: str
    place: Place
    component_maps: tuple[ComponentMap, ...] = ()
    fixed: tuple[FixedValueMap, ...] = ()
    dates: tuple[DateMap, ...] = ()
    frequency_formats: tuple[FrequencyFormat, ...] = ()
    representations: tuple[RepresentationMap, ...] = ()
    description: str = ""
    annotations: Annotations = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    """The name of the column of each source component whose id cannot be that name."""

    @property
    def urn(self) -> str:
        """Its full name."""
        return Reference("StructureMap", self.agency, self.id, self.version).urn

    def representation(self, urn: str) -> RepresentationMap | None:
        """Return the representation map of that URN, or None where it is not at hand."""
        return next((one for one in self.representations if one.urn == urn), None)
