"""The types of the annotations in which a structure map keeps what SDMX has no words for."""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from migstat.words.finding import Place
from migstat.words.mapping_rule import Recode
from migstat.words.structure_map import Annotation, StructureMap

HEAD = "MIGSTAT_MAPPING"
"""On a structure map: the head of the mapping, and its components in their order."""
TARGET = "MIGSTAT_TARGET"
"""On a component, fixed or date map: universe, match, because, confidence, and why a component is not collected."""
RULE = "MIGSTAT_RULE"
"""On a component map: the rule whose effect it is. On a structure map: the rules that it does not hold."""
VALUES = "MIGSTAT_VALUES"
"""On a representation map: of which kind the rule is, and what its lines cannot say."""
LINE = "MIGSTAT_LINE"
"""On a line: its source values as the mapping writes them, match, because, label and confidence."""
FILLED = "MIGSTAT_FILLED"
"""On a component or fixed map: the head of the mapping says this, not a rule."""
UNSAID = "MIGSTAT_UNSAID"
"""On a structure map: in words, what a reader of SDMX alone will not know."""

T = TypeVar("T")


def note(type: str, value: Any) -> Annotation:
    """Make an annotation for programs; ``value`` is plain data."""
    return Annotation(type, json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def noted(text: str | None) -> Any:
    """Return the plain data of an annotation, or an empty dict where there is none or it is damaged."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def at(word: T, place: Place) -> T:
    """Return a word, and all words within it, with another place."""
    found: T = _walked(word, lambda _: place)
    return found


def bare(word: T) -> T:
    """Return a word without its places and file names: what two words must share to say the same."""
    nowhere = Place("")
    found: T = _walked(word, lambda _: nowhere, table="", files={})
    return found


def _walked(word: Any, place_of: Callable[[Place], Place], **instead: Any) -> Any:
    if isinstance(word, Place):
        return place_of(word)
    if isinstance(word, tuple):
        return tuple(_walked(one, place_of, **instead) for one in word)
    if isinstance(word, dict):
        return {name: _walked(one, place_of, **instead) for name, one in word.items()}
    if is_dataclass(word) and not isinstance(word, type):
        values = {part.name: _walked(getattr(word, part.name), place_of, **instead) for part in fields(word)}
        if isinstance(word, Recode) or "files" in values:
            values |= {name: value for name, value in instead.items() if name in values}
        return replace(word, **values)
    return word


def without_notes(map: StructureMap) -> StructureMap:
    """Return a structure map without annotations, as readers need it that know none on the parts of a map."""
    values = tuple(
        replace(one, annotations=(), mappings=tuple(replace(line, annotations=()) for line in one.mappings))
        for one in map.representations
    )
    return replace(
        map,
        annotations=(),
        component_maps=tuple(replace(one, annotations=()) for one in map.component_maps),
        fixed=tuple(replace(one, annotations=()) for one in map.fixed),
        dates=tuple(replace(one, annotations=()) for one in map.dates),
        representations=values,
    )
