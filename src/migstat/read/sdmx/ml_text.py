"""What every artefact of SDMX-ML has: names in languages, annotations, references, validity."""

import datetime
from pathlib import Path
from typing import Any

from migstat.read.sdmx.periods import day_after, first_day
from migstat.read.xml import local, place
from migstat.words.finding import Finding, MigstatError
from migstat.words.reference import Reference, parse_urn

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
CLASSES = {"DataStructureDefinition": "DataStructure", "ContentConstraint": "DataConstraint"}


def children(element: Any, name: str) -> list[Any]:
    """Return the children of one local name."""
    return [] if element is None else [one for one in element if local(one) == name]


def child(element: Any, *path: str) -> Any:
    """Return the first child of a local name, and of that one the next, or None."""
    for name in path:
        element = next(iter(children(element, name)), None)
    return element


def text(element: Any) -> str:
    """Return the text of an element without the space around it; empty where there is none."""
    return "" if element is None else (element.text or "").strip()


def texts(element: Any, name: str) -> dict[str, str]:
    """Return a text in its languages; one without a language is English, as SDMX says."""
    found: dict[str, str] = {}
    for one in children(element, name):
        if said := text(one):
            found.setdefault(one.get(LANGUAGE, "en"), said)
    return found


def annotations(element: Any) -> dict[str, str]:
    """Return the annotations by type: title, else text, else address; several of a type stand behind one another."""
    found: dict[str, str] = {}
    for one in children(child(element, "Annotations"), "Annotation"):
        said = texts(one, "AnnotationText")
        value = (
            text(child(one, "AnnotationTitle"))
            or text(child(one, "AnnotationValue"))
            or said.get("en")
            or next(iter(said.values()), "")
            or text(child(one, "AnnotationURL"))
        )
        kind = text(child(one, "AnnotationType")) or one.get("id", "") or "ANNOTATION"
        found[kind] = f"{found[kind]} | {value}" if kind in found else value
    return found


def flag(element: Any, name: str, default: bool = False) -> bool:
    """Return an attribute that is true or false."""
    said = element.get(name)
    return default if said is None else said in ("true", "1")


def own_reference(element: Any, kind: str) -> Reference:
    """Return the address of a maintained artefact, from its attributes or its URN."""
    said = parse_urn(element.get("urn", ""))
    id, agency, version = (element.get(name) for name in ("id", "agencyID", "version"))
    return Reference(
        kind,
        agency or (said.agency if said else ""),
        id or (said.id if said else ""),
        version or (said.version if said else "1.0"),
    )


def one_reference(element: Any, tag: str, kind: str, path: Path) -> Reference:
    """Return what a child of an element refers to, by Ref or URN (2.1) or URN as its text (3.0); raise for nothing."""
    said = child(element, tag)
    found = reference_in(said, kind)
    if found is None:
        what = f"{tag} names no {kind}" + ("" if said is None else f": {text(said)!r}")
        mend = "write its URN: urn:sdmx:org.sdmx.infomodel....=AGENCY:ID(1.0)"
        raise MigstatError([Finding(place(path, element), element.get("id", ""), what, mend)])
    return found


def reference_in(element: Any, kind: str) -> Reference | None:
    """Return what an element refers to, or None where it names nothing."""
    if element is None:
        return None
    said = parse_urn(text(child(element, "URN")) or text(element))
    if said is not None:
        return Reference(CLASSES.get(said.kind, said.kind), said.agency, said.id, said.version, said.item)
    ref = child(element, "Ref")
    if ref is None:
        return None
    whole, version = ref.get("maintainableParentID"), ref.get("maintainableParentVersion", "1.0")
    kind = CLASSES.get(ref.get("class", kind), ref.get("class", kind))
    if whole:
        return Reference(kind, ref.get("agencyID", ""), whole, version, ref.get("id", ""))
    return Reference(kind, ref.get("agencyID", ""), ref.get("id", ""), ref.get("version", "1.0"))


def local_id(element: Any) -> str:
    """Return the id by which an element names a component of the same structure."""
    ref = child(element, "Ref")
    return ref.get("id", "") if ref is not None else text(element)


def parent_id(element: Any) -> str | None:
    """Return the id of the item above an item, or None for a top."""
    found = child(element, "Parent")
    return None if found is None else local_id(found) or None


def since(element: Any) -> datetime.date | None:
    """Return the first day on which an artefact holds."""
    return first_day(element.get("validFrom", ""))


def until(element: Any) -> datetime.date | None:
    """Return the first day on which an artefact no longer holds; SDMX says the last on which it does."""
    return day_after(element.get("validTo", ""))
