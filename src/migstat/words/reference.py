"""References: how one artefact of SDMX names another, as a URN or in short as AGENCY:ID(VERSION)."""

import re
from dataclasses import dataclass
from typing import Any, Protocol

PACKAGES = {
    "AgencyScheme": "base",
    "Agency": "base",
    "Codelist": "codelist",
    "Code": "codelist",
    "ValueList": "codelist",
    "GeoCodelist": "codelist",
    "GeoGridCodelist": "codelist",
    "HierarchicalCodelist": "codelist",
    "Hierarchy": "codelist",
    "HierarchicalCode": "codelist",
    "ConceptScheme": "conceptscheme",
    "Concept": "conceptscheme",
    "DataStructure": "datastructure",
    "Dataflow": "datastructure",
    "ContentConstraint": "registry",
    "DataConstraint": "registry",
    "StructureMap": "structuremapping",
    "RepresentationMap": "structuremapping",
    "ProvisionAgreement": "registry",
}
"""In which package of the information model each class lies."""
ITEMS = {"Code": "Codelist", "Concept": "ConceptScheme", "Agency": "AgencyScheme", "HierarchicalCode": "Hierarchy"}
"""The classes of items, and of what they are items."""
URN = re.compile(
    r"urn:sdmx:org\.sdmx\.infomodel\.(?P<package>\w+)\.(?P<kind>\w+)="
    r"(?P<agency>[\w.-]+):(?P<id>[\w@$-]+)\((?P<version>[\w.+*-]+)\)(?:\.(?P<item>.+))?"
)
SHORT = re.compile(r"(?P<agency>[\w.-]+):(?P<id>[\w@$-]+)\((?P<version>[\w.+*-]+)\)(?:\.(?P<item>.+))?")


class Maintained(Protocol):
    """What has an id, an agency that maintains it, and a version."""

    @property
    def id(self) -> str: ...
    @property
    def agency(self) -> str: ...
    @property
    def version(self) -> str: ...


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """The address of an artefact, or of an item in it.

    >>> reference = parse_urn("urn:sdmx:org.sdmx.infomodel.codelist.Code=SDMX:CL_FREQ(2.1).A")
    >>> reference.kind, str(reference), reference.whole.urn
    ('Code', 'SDMX:CL_FREQ(2.1).A', 'urn:sdmx:org.sdmx.infomodel.codelist.Codelist=SDMX:CL_FREQ(2.1)')
    """

    kind: str
    agency: str
    id: str
    version: str = "1.0"
    item: str = ""

    def __str__(self) -> str:
        return f"{self.agency}:{self.id}({self.version})" + (f".{self.item}" if self.item else "")

    @property
    def urn(self) -> str:
        """The URN, as registries write it."""
        return f"urn:sdmx:org.sdmx.infomodel.{PACKAGES.get(self.kind, 'base')}.{self.kind}={self}"

    @property
    def whole(self) -> "Reference":
        """The artefact that holds the item; itself where it is none."""
        return Reference(ITEMS.get(self.kind, self.kind), self.agency, self.id, self.version)

    def of(self, kind: str, item: str = "") -> "Reference":
        """Return the same address as one of another class."""
        return Reference(kind, self.agency, self.id, self.version, item)


def parse_urn(text: str) -> Reference | None:
    """Return what a URN names, or None where the text is no URN."""
    found = URN.fullmatch(text.strip())
    return _reference(found["kind"], found) if found else None


def parse_short(text: str, kind: str) -> Reference | None:
    """Return what AGENCY:ID(VERSION) names, or None where the text has another form.

    >>> parse_short("EX:STOCK(1.0)", "Dataflow").id
    'STOCK'
    """
    found = SHORT.fullmatch(text.strip())
    return _reference(kind, found) if found else None


def reference(artefact: Maintained, kind: str = "") -> Reference:
    """Return the address of an artefact, whose class is that of its word unless it is given."""
    return Reference(kind or KINDS.get(type(artefact).__name__, ""), artefact.agency, artefact.id, artefact.version)


KINDS = {"Structure": "DataStructure", "Constraint": "DataConstraint"} | {
    name: name for name in ("Codelist", "ConceptScheme", "Dataflow", "Hierarchy", "AgencyScheme")
}
"""The class of SDMX that each word is."""


def _reference(kind: str, found: Any) -> Reference:
    return Reference(kind, found["agency"], found["id"], found["version"], found["item"] or "")
