"""Concepts: what components are about, in schemes that agencies maintain."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept: names and descriptions in its languages, the document that it comes from, the concept above it."""

    id: str
    names: Mapping[str, str] = field(hash=False)
    descriptions: Mapping[str, str] = field(default_factory=dict, hash=False)
    source: str = ""
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class ConceptScheme:
    """Concepts in order."""

    id: str
    agency: str
    version: str
    names: Mapping[str, str] = field(hash=False)
    concepts: tuple[Concept, ...]
    descriptions: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __getitem__(self, id: str) -> Concept:
        for concept in self.concepts:
            if concept.id == id:
                return concept
        raise KeyError(id)

    def __contains__(self, id: object) -> bool:
        return any(concept.id == id for concept in self.concepts)

    def __iter__(self) -> Iterator[Concept]:
        return iter(self.concepts)
