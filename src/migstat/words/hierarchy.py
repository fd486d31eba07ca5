"""Hierarchies: codes of one or several codelists under one another, each in its place for a time."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from migstat.words.reference import Reference


@dataclass(frozen=True, slots=True)
class Node:
    """A code in a place of the hierarchy; ``valid_to`` is the first day on which it is no longer there."""

    id: str
    code: Reference
    children: tuple["Node", ...] = ()
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """A tree of codes; the same code may stand in several places."""

    id: str
    agency: str
    version: str
    names: Mapping[str, str] = field(hash=False)
    nodes: tuple[Node, ...]
    descriptions: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __iter__(self) -> Iterator[tuple[Node | None, Node]]:
        """Go through all nodes, each with the node above it, parents first."""
        waiting: list[tuple[Node | None, Node]] = [(None, node) for node in reversed(self.nodes)]
        while waiting:
            above, node = waiting.pop()
            yield above, node
            waiting += [(node, child) for child in reversed(node.children)]
