"""Hierarchies of SDMX-ML: of a hierarchical codelist (2.1), or by themselves (3.0)."""

from pathlib import Path
from typing import Any

from migstat.read.sdmx.items import DEEPEST, too_deep
from migstat.read.sdmx.ml_text import (
    child,
    children,
    one_reference,
    own_reference,
    reference_in,
    since,
    text,
    texts,
    until,
)
from migstat.read.xml import local, place
from migstat.words.hierarchy import Hierarchy, Node
from migstat.words.reference import Reference


def hierarchies(element: Any, kind: str, path: Path) -> list[Hierarchy]:
    """Return the hierarchies of one artefact; those of 2.1 are called after the codelist that holds them."""
    own = own_reference(element, "Hierarchy")
    if kind == "Hierarchy":
        return [_hierarchy(element, own.id, own, {}, path)]
    known = {
        one.get("alias", ""): said
        for one in children(element, "IncludedCodelist")
        if (said := reference_in(one, "Codelist")) is not None
    }
    found = children(element, "Hierarchy")
    alone = len(found) == 1
    return [_hierarchy(one, own.id if alone else f"{own.id}.{one.get('id')}", own, known, path) for one in found]


def _hierarchy(element: Any, id: str, own: Reference, aliases: dict[str, Reference], path: Path) -> Hierarchy:
    return Hierarchy(
        id,
        own.agency,
        own.version,
        texts(element, "Name"),
        tuple(_node(one, aliases, path) for one in children(element, "HierarchicalCode")),
        texts(element, "Description"),
    )


def _node(element: Any, aliases: dict[str, Reference], path: Path, depth: int = 0) -> Node:
    if depth > DEEPEST:
        raise too_deep(place(path, element))
    alias = text(child(element, "CodelistAliasRef"))
    id = child(element, "CodeID")
    if alias in aliases and id is not None:
        ref = child(id, "Ref")
        code = aliases[alias].of("Code", ref.get("id", "") if ref is not None else text(id))
    else:
        code = one_reference(element, "Code", "Code", path)
    below = [one for one in element if local(one) == "HierarchicalCode"]
    return Node(
        element.get("id", code.item),
        code,
        tuple(_node(one, aliases, path, depth + 1) for one in below),
        since(element),
        until(element),
    )
