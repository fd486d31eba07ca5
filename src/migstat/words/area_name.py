"""What an area is called: one spelling, of one area, in the languages that use it."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["name", "alias", "former name", "nationality", "part", "with others", "not a country"]
"""What a spelling is: a name; another way to write one; a name the area no longer bears; the adjective or the people;
a part of the area, which has no code of its own; the area with others; or a thing that is no country at all."""
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class AreaName:
    """A spelling. Several ``areas`` mean that it is ambiguous; ``languages`` is empty where any language has it."""

    text: str
    areas: tuple[str, ...]
    kind: Kind
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AreaLetters:
    """A code that others give to an area: the system, the code as it is written there, and the areas of ours."""

    system: str
    text: str
    areas: tuple[str, ...]
