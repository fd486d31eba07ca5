"""The schema of a structure's data: two validators refuse by it what the structure does not allow."""

import pytest

import migstat as ms
from migstat.write.sdmx.data_schema import namespace

KEY = 'FREQ="A" REF_AREA="AA" SEX="M"'
DSD = """\
<mes:Structure xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message"
 xmlns:str="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/structure"
 xmlns:com="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/common">
<mes:Header><mes:ID>T</mes:ID><mes:Test>true</mes:Test><mes:Prepared>2026-01-01T00:00:00</mes:Prepared>
<mes:Sender id="EX"/></mes:Header><mes:Structures>
<str:Codelists>{codelists}</str:Codelists>
<str:ConceptSchemes><str:ConceptScheme id="CS" agencyID="EX" version="1.0"><com:Name>Concepts</com:Name>
{concepts}</str:ConceptScheme></str:ConceptSchemes>
<str:DataStructures><str:DataStructure id="STOCK" agencyID="EX" version="1.0"><com:Name>Stock</com:Name>
<str:DataStructureComponents><str:DimensionList id="DimensionDescriptor">{dimensions}</str:DimensionList>
<str:Group id="BY_AREA"><str:GroupDimension><str:DimensionReference>REF_AREA</str:DimensionReference>
</str:GroupDimension></str:Group>
<str:AttributeList id="AttributeDescriptor">{attributes}</str:AttributeList>
<str:MeasureList id="MeasureDescriptor">{measures}</str:MeasureList>
</str:DataStructureComponents></str:DataStructure></str:DataStructures></mes:Structures></mes:Structure>
"""
LISTS = {"CL_FREQ": ["A", "Q"], "CL_AREA": ["AA", "BB", "_T"], "CL_SEX": ["M", "F", "_T"], "CL_STATUS": ["A", "M"]}


def concept(id):
    urn = f"urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept=EX:CS(1.0).{id}"
    return f"<str:ConceptIdentity>{urn}</str:ConceptIdentity>"


def coded(codelist):
    urn = f"urn:sdmx:org.sdmx.infomodel.codelist.Codelist=EX:{codelist}(1.0)"
    return f"<str:LocalRepresentation><str:Enumeration>{urn}</str:Enumeration></str:LocalRepresentation>"


def text(**facets):
    listed = " ".join(f'{name}="{value}"' for name, value in facets.items())
    return f"<str:LocalRepresentation><str:TextFormat {listed}/></str:LocalRepresentation>"


def attribute(id, values, relationship, usage):
    return (
        f'<str:Attribute id="{id}" usage="{usage}">{concept(id)}{values}'
        f"<str:AttributeRelationship>{relationship}</str:AttributeRelationship></str:Attribute>"
    )


ATTRIBUTES = [
    attribute("STATUS", coded("CL_STATUS"), "<str:Observation/>", "mandatory"),
    attribute("REMARK", text(textType="String", maxLength="5", pattern="[a-z]+"), "<str:Observation/>", "optional"),
    attribute("UNIT", text(textType="Alpha"), "<str:Dataflow/>", "mandatory"),
    attribute("TITLE", text(textType="String"),
              "<str:Dimension>REF_AREA</str:Dimension><str:Dimension>SEX</str:Dimension>", "mandatory"),
    attribute("AREA_NOTE", text(textType="String"), "<str:Group>BY_AREA</str:Group>", "mandatory"),
]  # fmt: skip
MEASURES = [
    f'<str:Measure id="OBS_VALUE" usage="mandatory">{concept("OBS_VALUE")}{text(textType="Double", minValue="0")}'
    "</str:Measure>",
    f'<str:Measure id="RATE">{concept("RATE")}'
    f"{text(textType='ExclusiveValueRange', minValue='0', maxValue='100', decimals='1')}</str:Measure>",
]


@pytest.fixture(scope="module")
def structure(tmp_path_factory, official):
    """A structure with attributes of every level, facets of several kinds, and two measures."""
    path = tmp_path_factory.mktemp("dsd") / "dsd.xml"
    ids = ("FREQ", "REF_AREA", "SEX", "TIME_PERIOD", "OBS_VALUE", "RATE", "STATUS", "REMARK", "UNIT", "TITLE")
    path.write_text(
        DSD.format(
            codelists="".join(
                f'<str:Codelist id="{id}" agencyID="EX" version="1.0"><com:Name>{id}</com:Name>'
                + "".join(f'<str:Code id="{code}"><com:Name>{code}</com:Name></str:Code>' for code in codes)
                + "</str:Codelist>"
                for id, codes in LISTS.items()
            ),
            concepts="".join(f'<str:Concept id="{id}"><com:Name>{id}</com:Name></str:Concept>'
                             for id in (*ids, "AREA_NOTE")),
            dimensions="".join(f'<str:Dimension id="{id}">{concept(id)}{coded("CL_" + id.removeprefix("REF_"))}'
                               "</str:Dimension>" for id in ids[:3])
            + f'<str:TimeDimension id="TIME_PERIOD">{concept("TIME_PERIOD")}{text(textType="GregorianYear")}'
            "</str:TimeDimension>",
            attributes="".join(ATTRIBUTES),
            measures="".join(MEASURES),
        )
    )  # fmt: skip

    assert [] == official.faults(path, "ml30")
    return ms.read_structure(path)


@pytest.fixture(scope="module", params=["2.1 flat", "2.1 series", "3.0 flat", "3.0 series"])
def schema(request, structure, official, tmp_path_factory):
    """The schema of a version and lay, beside the official ones."""
    version, _, lay = request.param.partition(" ")
    path = tmp_path_factory.mktemp("schema") / "data.xsd"
    where = official.folder / "xml" / f"sdmx{version.replace('.', '')}"
    ms.write_data_schema(structure, path, version=version, lay=lay, official=where.as_posix())
    return path, version, lay


def message(structure, version, lay, key=KEY, time="2020", values='OBS_VALUE="1.5"', own='STATUS="A"', **more):
    """A message of one observation."""
    at = "TIME_PERIOD" if lay == "series" else "AllDimensions"
    space = namespace(structure, at)
    base = f"http://www.sdmx.org/resources/sdmxml/schemas/v{version.replace('.', '_')}"
    title, unit = more.get("title", 'TITLE="t"'), more.get("unit", 'UNIT="PS"')
    group = more.get("group", '<Group xsi:type="d:BY_AREA" REF_AREA="AA" AREA_NOTE="n"/>')
    urn = "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=EX:STOCK(1.0)"
    named = '<Ref agencyID="EX" id="STOCK" version="1.0"/>' if version == "2.1" else urn
    scope = 'ss:dataScope="DataStructure"' if version == "2.1" else ""
    if lay == "series":
        rows = f'<Series {key} {title}><Obs TIME_PERIOD="{time}" {values} {own}/></Series>'
    else:
        rows = f'<Obs {key} TIME_PERIOD="{time}" {values} {title} {own}/>'
    return f"""<mes:StructureSpecificData xmlns:mes="{base}/message" xmlns:ss="{base}/data/structurespecific"
 xmlns:com="{base}/common" xmlns:d="{space}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><mes:Header>
<mes:ID>T</mes:ID><mes:Test>true</mes:Test><mes:Prepared>2026-01-01T00:00:00</mes:Prepared><mes:Sender id="EX"/>
<mes:Structure structureID="S" namespace="{space}" dimensionAtObservation="{at}">
<com:Structure>{named}</com:Structure></mes:Structure></mes:Header>
<mes:DataSet xsi:type="d:DataSetType" ss:structureRef="S" {scope} {unit}>{group}{rows}</mes:DataSet>
</mes:StructureSpecificData>"""


RIGHT = {
    "as it should be": {},
    "no value": {"values": ""},
    "a rate": {"values": 'OBS_VALUE="1e3" RATE="99.9"'},
    "a remark": {"own": 'STATUS="A" REMARK="abc"'},
    "no group": {"group": ""},
}
WRONG = {
    "unknown code": ({"key": KEY.replace('"M"', '"X"')}, "SEX"),
    "unknown code of an attribute": ({"own": 'STATUS="Z"'}, "STATUS"),
    "period of another frequency": ({"time": "2020-Q1"}, "TIME_PERIOD"),
    "no period": ({"time": "last year"}, "TIME_PERIOD"),
    "comma in a number": ({"values": 'OBS_VALUE="1,5"'}, "OBS_VALUE"),
    "below the minimum": ({"values": 'OBS_VALUE="-1"'}, "OBS_VALUE"),
    "on an excluded bound": ({"values": 'RATE="100"'}, "RATE"),
    "too many decimals": ({"values": 'RATE="1.25"'}, "RATE"),
    "missing mandatory attribute": ({"own": ""}, "STATUS"),
    "missing mandatory attribute of series": ({"title": ""}, "TITLE"),
    "missing mandatory attribute of the dataset": ({"unit": ""}, "UNIT"),
    "missing mandatory attribute of a group": (
        {"group": '<Group xsi:type="d:BY_AREA" REF_AREA="AA"/>'}, "AREA_NOTE"
    ),
    "missing dimension": ({"key": KEY.replace('SEX="M"', "")}, "SEX"),
    "unknown component": ({"own": 'STATUS="A" FOO="1"'}, "FOO"),
    "text too long": ({"own": 'STATUS="A" REMARK="abcdef"'}, "REMARK"),
    "text of another pattern": ({"own": 'STATUS="A" REMARK="A1"'}, "REMARK"),
    "digits where letters are due": ({"unit": 'UNIT="P1"'}, "UNIT"),
}  # fmt: skip


def judged(schema, path):
    from lxml import etree

    found = etree.XMLSchema(etree.parse(str(schema)))
    found.validate(etree.parse(str(path)))
    return [one.message for one in found.error_log]


@pytest.mark.parametrize("name", RIGHT)
def test_what_the_structure_allows_is_taken(schema, structure, name, tmp_path, official):
    path = tmp_path / "data.xml"
    path.write_text(message(structure, *schema[1:], **RIGHT[name]))

    assert [] == judged(schema[0], path)
    assert official.xmllint(schema[0], path) in (True, None)


@pytest.mark.parametrize("name", WRONG)
def test_what_the_structure_does_not_allow_is_refused(schema, structure, name, tmp_path, official):
    change, component = WRONG[name]
    path = tmp_path / "data.xml"
    path.write_text(message(structure, *schema[1:], **change))

    found = judged(schema[0], path)
    assert found
    assert f"'{component}'" in found[0]
    assert official.xmllint(schema[0], path) in (False, None)


@pytest.mark.parametrize("id", ["MIGRANT_STOCK", "MIGRATION_FLOW", "PERMITS", "CENSUS_PERSON"])
@pytest.mark.parametrize("version", ["2.1", "3.0"])
def test_each_structure_has_a_schema_that_can_be_loaded(id, version, tmp_path, official):
    from lxml import etree

    path = tmp_path / "data.xsd"
    where = official.folder / "xml" / f"sdmx{version.replace('.', '')}"
    ms.write_data_schema(id, path, version=version, official=where.as_posix())

    etree.XMLSchema(etree.parse(str(path)))


def test_series_need_a_time_dimension(structure):
    import dataclasses

    timeless = dataclasses.replace(structure, key=structure.key[:3], components=structure.components[:3])

    with pytest.raises(ms.MigstatError, match="STOCK has no dimension TIME_PERIOD for series"):
        ms.write_data_schema(timeless, "never.xsd", lay="series")
