"""The XML schema of the data of one structure: it refuses what the generic schema of SDMX cannot look into.

Derived as section 3 of the SDMX standards has it: the types of data set, group, series and observation restrict those
of the standard, so that a data message is checked by any XML validator, offline, beside the official schemas.
"""

import io
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from migstat.words.codelist import Codelist
from migstat.words.finding import Finding, MigstatError, Place, misuse
from migstat.words.reference import reference
from migstat.words.structure import TIME_PERIOD, Component, Structure
from migstat.write.atomic import write_bytes
from migstat.write.sdmx.notes import facets, plain, sdmx_role
from migstat.write.xml import Attributes, XmlWriter

Version = Literal["2.1", "3.0"]
At = Literal["AllDimensions", "TIME_PERIOD"]

BUILT_IN = {
    "String": "xs:string", "BigInteger": "xs:integer", "Integer": "xs:int", "Long": "xs:long", "Short": "xs:short",
    "Decimal": "xs:decimal", "Float": "xs:float", "Double": "xs:double", "Boolean": "xs:boolean", "URI": "xs:anyURI",
    "Count": "xs:integer", "InclusiveValueRange": "xs:decimal", "ExclusiveValueRange": "xs:decimal",
    "Incremental": "xs:decimal", "GregorianYear": "xs:gYear", "GregorianYearMonth": "xs:gYearMonth",
    "GregorianDay": "xs:date", "DateTime": "xs:dateTime", "Month": "xs:gMonth", "MonthDay": "xs:gMonthDay",
    "Day": "xs:gDay", "Time": "xs:time", "Duration": "xs:duration",
}  # fmt: skip
COMMON = {
    "Alpha", "AlphaNumeric", "Numeric", "ObservationalTimePeriod", "StandardTimePeriod", "BasicTimePeriod",
    "GregorianTimePeriod", "ReportingTimePeriod", "ReportingYear", "ReportingSemester", "ReportingTrimester",
    "ReportingQuarter", "ReportingMonth", "ReportingWeek", "ReportingDay", "TimeRange",
}  # fmt: skip
"""The text types that the common schema of SDMX defines, under their names and Type."""

MODEL = "urn:sdmx:org.sdmx.infomodel.datastructure"


def write_data_schema(
    structure: Structure,
    path: str | os.PathLike[str],
    *,
    version: Version = "2.1",
    at: At = "AllDimensions",
    schemas: str = "",
) -> None:
    """Write the schema of a structure's data to a file, which appears whole or not at all.

    The structure brings its codelists. ``at`` is AllDimensions for flat data, or TIME_PERIOD for series. ``schemas``
    is the folder or address of the official schemas of that version, as seen from the file; none is the same folder.
    A code, a number or a period that the structure does not have is refused by it, and so is an observation without a
    mandatory attribute. A measure may be missing: SDMX says so in OBS_STATUS.
    """
    write_bytes(path, data_schema(structure, version=version, at=at, schemas=schemas))


def data_schema(
    structure: Structure, *, version: Version = "2.1", at: At = "AllDimensions", schemas: str = ""
) -> bytes:
    """Return the schema of a structure's data as bytes."""
    if version not in ("2.1", "3.0"):
        raise misuse(f"there is no schema of SDMX-ML {version} here", "write 2.1 or 3.0", component="version")
    several = [one.id for one in structure.components if one.most != 1]
    if several:
        what = "takes several values, which stand in elements of their own; the schema has one value in an attribute"
        mend = "leave that attribute out, or check the data with migstat validate"
        raise MigstatError([Finding(Place(structure.id), id, what, mend) for id in several])
    if at == TIME_PERIOD and TIME_PERIOD not in structure.key:
        raise misuse(f"{structure.id} has no dimension TIME_PERIOD for series", "write it for AllDimensions")
    file = io.BytesIO()
    _Schema(structure, version, at, schemas, XmlWriter(file)).write()
    return file.getvalue()


def namespace(structure: Structure, at: At) -> str:
    """Return the namespace of a structure's data, which a message gives in its header."""
    return f"{MODEL}.DataStructure={reference(structure)}:ObsLevelDim:{at}"


class _Schema:
    def __init__(self, structure: Structure, version: Version, at: At, schemas: str, xml: XmlWriter) -> None:
        self.structure, self.version, self.at, self.xml = structure, version, at, xml
        self.folder = f"{schemas.rstrip('/')}/" if schemas else ""
        roles: dict[str, list[Component]] = {"dimension": [], "measure": [], "attribute": []}
        for component in structure.components:
            roles[sdmx_role(component, structure)].append(component)
        self.dimensions, self.measures = roles["dimension"], roles["measure"]
        self.attributes: dict[str, list[Component]] = {"dataset": [], "series": [], "observation": []}
        self.groups: dict[str, list[Component]] = {id: [] for id in structure.groups}
        for component in roles["attribute"]:
            group = _group(component, structure)
            (self.groups[group] if group else self.attributes[_level(component)]).append(component)

    def write(self) -> None:
        base = f"http://www.sdmx.org/resources/sdmxml/schemas/v{self.version.replace('.', '_')}"
        own = namespace(self.structure, self.at)
        head: Attributes = {
            "xmlns:xs": "http://www.w3.org/2001/XMLSchema",
            "xmlns": own,
            "xmlns:dsd": f"{base}/data/structurespecific",
            "xmlns:common": f"{base}/common",
            "targetNamespace": own,
            "elementFormDefault": "qualified",
            "attributeFormDefault": "unqualified",
        }
        with self.xml.element("xs:schema", head):
            for name, file in (
                ("message", "SDMXMessage.xsd"),
                ("data/structurespecific", "SDMXDataStructureSpecific.xsd"),
                ("common", "SDMXCommon.xsd"),
            ):
                where = {"namespace": f"{base}/{name}", "schemaLocation": f"{self.folder}{file}"}
                self.xml.leaf("xs:import", where)
            with self._type("DataSetType"):
                self._data_set()
            for id in self.structure.groups:
                with self._type(id, "GroupType"):
                    self._group(id)
            if self.at == TIME_PERIOD:
                with self._type("SeriesType"):
                    self._series()
            with self._type("ObsType"):
                self._observation()
            for component in self.structure.components:
                self._values(component)
            for codelist in _used(self.structure):
                self._codes(codelist)

    def _type(self, name: str, base: str = "") -> "_Restriction":
        return _Restriction(self.xml, name, f"dsd:{base or name}")

    def _data_set(self) -> None:
        inner = "Series" if self.at == TIME_PERIOD else "Obs"
        many: Attributes = {"minOccurs": 0, "maxOccurs": "unbounded"}
        with self.xml.element("xs:sequence"):
            self._annotations()
            provider = {"name": "DataProvider", "type": "common:DataProviderReferenceType", "form": "unqualified"}
            self.xml.leaf("xs:element", {**provider, "minOccurs": 0})
            if self.version == "2.1":
                if self.structure.groups:
                    self._element("Group", "dsd:GroupType", many)
                with self.xml.element("xs:choice", {"minOccurs": 0}):
                    self._element(inner, f"{inner}Type", {"maxOccurs": "unbounded"})
            else:
                with self.xml.element("xs:choice", many):
                    if self.structure.groups:
                        self._element("Group", "dsd:GroupType", {})
                    self._element(inner, f"{inner}Type", {})
        self._attributes(self.attributes["dataset"], lambda one: one.required)
        self._prohibited()

    def _group(self, id: str) -> None:
        with self.xml.element("xs:sequence"):
            self._annotations()
        held = set(self.structure.groups[id])
        self._attributes([one for one in self.dimensions if one.id in held], lambda _: True)
        self._attributes(self.groups[id], lambda one: one.required)
        self._prohibited("type")

    def _series(self) -> None:
        with self.xml.element("xs:sequence"):
            self._annotations()
            self._element("Obs", "ObsType", {"minOccurs": 0, "maxOccurs": "unbounded"})
        self._attributes([one for one in self.dimensions if one.id != TIME_PERIOD], lambda _: True)
        self._attributes(self.attributes["series"], lambda one: one.required)
        self._prohibited(TIME_PERIOD)

    def _observation(self) -> None:
        with self.xml.element("xs:sequence"):
            self._annotations()
        flat = self.at != TIME_PERIOD
        self._attributes([one for one in self.dimensions if flat or one.id == TIME_PERIOD], lambda _: True)
        self._attributes(self.measures, lambda _: False)
        own = [*(self.attributes["series"] if flat else ()), *self.attributes["observation"]]
        self._attributes(own, lambda one: one.required)
        self._prohibited("type", *([] if TIME_PERIOD in self.structure.key else [TIME_PERIOD]))

    def _annotations(self) -> None:
        self.xml.leaf("xs:element", {"ref": "common:Annotations", "minOccurs": 0})

    def _element(self, name: str, type: str, occurs: Attributes) -> None:
        self.xml.leaf("xs:element", {"name": name, "type": type, "form": "unqualified", **occurs})

    def _attributes(self, components: Iterable[Component], required: Callable[[Component], bool]) -> None:
        for one in components:
            use = "required" if required(one) else "optional"
            self.xml.leaf("xs:attribute", {"name": one.id, "type": f"{one.id}.Values", "use": use})

    def _prohibited(self, *names: str) -> None:
        """Close what the standard leaves open, unless the structure itself has it."""
        own = ("REPORTING_YEAR_START_DAY",) if self.version == "2.1" else ()
        for name in (*names, *own):
            if name not in self.structure:
                self.xml.leaf("xs:attribute", {"name": name, "use": "prohibited"})

    def _values(self, component: Component) -> None:
        with self.xml.element("xs:simpleType", {"name": f"{component.id}.Values"}):
            if component.coded:
                codelist = self.structure.codelists[component.codelist]
                self.xml.leaf("xs:restriction", {"base": _codelist_type(codelist)})
                return
            said = facets(component, self.structure)
            kind = str(said["textType"])
            base = f"common:{kind}Type" if kind in COMMON else BUILT_IN.get(kind, "xs:string")
            with self.xml.element("xs:restriction", {"base": base}):
                for name, value in _facets(component, said, base):
                    self.xml.leaf(f"xs:{name}", {"value": value})

    def _codes(self, codelist: Codelist) -> None:
        with (
            self.xml.element("xs:simpleType", {"name": _codelist_type(codelist)}),
            self.xml.element("xs:restriction", {"base": "xs:string"}),
        ):
            for code in codelist:
                self.xml.leaf("xs:enumeration", {"value": code.id})


class _Restriction:
    """Writes a complex type that restricts another, around its content."""

    def __init__(self, xml: XmlWriter, name: str, base: str) -> None:
        self.xml, self.name, self.base = xml, name, base

    def __enter__(self) -> None:
        self.xml.start("xs:complexType", {"name": self.name})
        self.xml.start("xs:complexContent")
        self.xml.start("xs:restriction", {"base": self.base})

    def __exit__(self, *_: object) -> None:
        for name in ("xs:restriction", "xs:complexContent", "xs:complexType"):
            self.xml.end(name)


def _facets(component: Component, said: Mapping[str, str | int], base: str) -> Iterable[tuple[str, str]]:
    numeric = base in ("xs:integer", "xs:int", "xs:long", "xs:short", "xs:decimal", "xs:float", "xs:double")
    text = base in ("xs:string", "xs:anyURI") or base.startswith("common:Alpha") or base == "common:NumericType"
    if text:
        yield from ((name, str(said[name])) for name in ("minLength", "maxLength") if name in said)
    if component.pattern:
        yield "pattern", component.pattern
    if component.decimals is not None and base == "xs:decimal":
        yield "fractionDigits", str(component.decimals)
    elif component.decimals is not None and base in ("xs:float", "xs:double"):
        yield "pattern", rf"[^.]*(\.[0-9]{{0,{component.decimals}}})?"
    if numeric or base == "xs:gYear":
        bounds = {
            "minInclusive": component.minimum,
            "minExclusive": component.above,
            "maxInclusive": component.maximum,
            "maxExclusive": component.below,
        }
        for name, bound in bounds.items():
            if bound is not None:
                yield name, f"{int(bound):04}" if base == "xs:gYear" else str(plain(bound))


def _codelist_type(codelist: Codelist) -> str:
    return f"{codelist.agency}.{codelist.id}.{codelist.version}"


def _used(structure: Structure) -> list[Codelist]:
    found = (structure.codelists[one.codelist] for one in structure.components if one.coded)
    return list({_codelist_type(one): one for one in found}.values())


def _group(component: Component, structure: Structure) -> str:
    """Return the group that has just the dimensions to which an attribute is attached, or nothing."""
    wanted = frozenset(component.attached or ())
    return next((id for id, held in structure.groups.items() if wanted and frozenset(held) == wanted), "")


def _level(component: Component) -> str:
    if component.attached is None or TIME_PERIOD in component.attached:
        return "observation"
    return "series" if component.attached else "dataset"
