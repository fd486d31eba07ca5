"""The two dialects of SDMX-ML: how version 2.1 and version 3.0 say names, annotations, references and validity."""

import datetime
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from migstat.words.reference import PACKAGES, Maintained, Reference, reference
from migstat.write.sdmx.notes import Notes, day, last_day
from migstat.write.xml import Attributes, XmlWriter

Version = Literal["2.1", "3.0"]
CLASSES = {"2.1": {"DataConstraint": "ContentConstraint"}, "3.0": {}}
"""What an artefact of ours is called in a version, where the name differs."""


class Dialect:
    """Writes the pieces that every artefact is made of, in one version of SDMX-ML."""

    def __init__(self, xml: XmlWriter, version: Version) -> None:
        self.xml, self.version = xml, version
        self.old = version == "2.1"

    @property
    def namespaces(self) -> Attributes:
        """The declarations that the first element bears."""
        stem = f"http://www.sdmx.org/resources/sdmxml/schemas/v{self.version.replace('.', '_')}"
        return {f"xmlns:{short}": f"{stem}/{name}" for short, name in
                (("mes", "message"), ("str", "structure"), ("com", "common"))}  # fmt: skip

    @contextmanager
    def maintained(
        self,
        artefact: Maintained,
        names: Mapping[str, str],
        descriptions: Mapping[str, str],
        notes: Notes | None = None,
        kind: str = "",
        attributes: Attributes | None = None,
    ) -> Iterator[None]:
        """Write an artefact around its items: address, annotations, names and descriptions."""
        said = reference(artefact, kind)
        element = f"str:{self.kind(said.kind)}"
        head: dict[str, str | int | bool | None] = {
            "urn": self.urn(said),
            "id": said.id,
            "agencyID": said.agency,
            "version": said.version if self.old or said.kind != "AgencyScheme" else None,
        }
        if self.old:
            head["isFinal"] = False
        with self.xml.element(element, head | dict(attributes or {})):
            self.about(names, descriptions, notes)
            yield

    def about(
        self, names: Mapping[str, str], descriptions: Mapping[str, str] | None = None, notes: Notes | None = None
    ) -> None:
        """Write annotations, names and descriptions."""
        self.notes(notes or {})
        for tag, said in (("com:Name", names), ("com:Description", descriptions or {})):
            for language, text in said.items():
                self.xml.leaf(tag, {"xml:lang": language}, text)

    def notes(self, notes: Notes) -> None:
        """Write annotations by type."""
        if notes:
            with self.xml.element("com:Annotations"):
                for kind, value in notes.items():
                    with self.xml.element("com:Annotation"):
                        self.xml.leaf("com:AnnotationTitle", text=value)
                        self.xml.leaf("com:AnnotationType", text=kind)

    def kind(self, kind: str) -> str:
        """Return the name of a class in this version."""
        return CLASSES[self.version].get(kind, kind)

    def urn(self, said: Reference) -> str:
        """Return the URN of an address in this version."""
        return said.of(self.kind(said.kind), said.item).urn

    def refer(self, tag: str, to: Reference) -> None:
        """Write a reference to an artefact or item."""
        if not self.old:
            self.xml.leaf(tag, text=self.urn(to))
            return
        kind = self.kind(to.kind)
        where: Attributes = {"id": to.id, "version": to.version}
        if to.item:
            where = {"maintainableParentID": to.id, "maintainableParentVersion": to.version, "id": to.item}
        with self.xml.element(tag):
            self.xml.leaf("Ref", {**where, "agencyID": to.agency, "package": PACKAGES[kind], "class": kind})

    def refer_locally(self, tag: str, id: str) -> None:
        """Write a reference to a component or item of the same artefact."""
        if self.old:
            with self.xml.element(tag):
                self.xml.leaf("Ref", {"id": id})
        else:
            self.xml.leaf(tag, text=id)

    def validity(self, since: datetime.date | None, until: datetime.date | None, *, time: bool = False) -> Attributes:
        """Return the attributes that say from which day to which something holds."""
        begin, end = day(since), last_day(until)
        clock = "T00:00:00" if time else ""
        return {
            "validFrom": f"{begin}{clock}" if begin else None,
            "validTo": f"{end}{clock}" if end else None,
        }
