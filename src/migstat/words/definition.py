"""Definitions: named rules that say who counts as a migrant, each with its source document."""

from collections.abc import Mapping
from dataclasses import dataclass

from migstat.words.expression import Expression


@dataclass(frozen=True, slots=True)
class Definition:
    """Who is counted: an expression over components, three-valued, with the document it comes from.

    ``standing`` says how far it may be called official. ``reads`` are the components that must have been collected.
    ``rule`` is None for a definition that needs more than one record (a residence rule over crossings).
    """

    id: str
    names: Mapping[str, str]
    rule: Expression | None
    text: str
    reads: tuple[str, ...]
    source: str
    standing: str
    edge_cases: tuple[str, ...] = ()
    universe: Expression | None = None
    needs: str = ""
