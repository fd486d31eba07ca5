"""Structures of others, read: every version and form that registries send, and what is said of a wrong one."""

import contextlib
import copy
import datetime
import gzip
import json
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

import migstat as ms
from migstat.api import structure_bytes
from migstat.words.constraint import Key, KeySet, Member, Period, Region, Selection

OLD = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"
NEW = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0"
URN = "urn:sdmx:org.sdmx.infomodel"


def ml(body, base=NEW):
    return (
        f'<m:Structure xmlns:m="{base}/message" xmlns:s="{base}/structure" xmlns:c="{base}/common">\n<m:Header>'
        "<m:ID>T</m:ID><m:Test>true</m:Test><m:Prepared>2026-01-01T00:00:00</m:Prepared><m:Sender id='EX'/>"
        f"</m:Header><m:Structures>\n{body}\n</m:Structures></m:Structure>\n"
    )


def codelist(id, codes, inner="", version="1.0"):
    listed = "".join(
        f'<s:Code id="{code}"><c:Name xml:lang="en">{code}</c:Name>'
        + (f"<s:Parent>{parent}</s:Parent>" if parent else "")
        + "</s:Code>"
        for code, parent in codes.items()
    )
    return (
        f'<s:Codelist id="{id}" agencyID="EX" version="{version}"><c:Name xml:lang="en">{id}</c:Name>'
        f"{listed}{inner}</s:Codelist>"
    )


def dsd(representation, scheme='<s:Concept id="SEX"><c:Name>Sex</c:Name></s:Concept>', more="", version="1.0"):
    return (
        f'<s:ConceptSchemes><s:ConceptScheme id="CS" agencyID="EX" version="1.0"><c:Name>CS</c:Name>{scheme}'
        "</s:ConceptScheme></s:ConceptSchemes>"
        f'<s:DataStructures><s:DataStructure id="D" agencyID="EX" version="{version}"><c:Name>D</c:Name>'
        '<s:DataStructureComponents><s:DimensionList id="DimensionDescriptor">'
        f'\n<s:Dimension id="SEX"><s:ConceptIdentity>{URN}.conceptscheme.Concept=EX:CS(1.0).SEX</s:ConceptIdentity>'
        f"{representation}</s:Dimension></s:DimensionList>{more}"
        "</s:DataStructureComponents></s:DataStructure></s:DataStructures>"
    )


def enumerated(id, version="1.0", kind="Codelist"):
    urn = f"{URN}.codelist.{kind}=EX:{id}({version})"
    return f"<s:LocalRepresentation><s:Enumeration>{urn}</s:Enumeration></s:LocalRepresentation>"


def written(tmp_path, text, name="dsd.xml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_case_of_the_field(shared):
    found = ms.read_structure(shared / "cases" / "sdmx" / "structure_ml21.xml")

    assert ("EX", "STOCK", "1.0", "table") == (found.agency, found.id, found.version, found.kind)
    assert ("FREQ", "REF_AREA", "SEX", "AGE", "C_BIRTH", "TIME_PERIOD") == found.key
    assert ("OBS_VALUE", "Double", 0.0) == (
        found["OBS_VALUE"].id,
        found["OBS_VALUE"].format,
        found["OBS_VALUE"].minimum,
    )
    assert (True, "observation") == (found["OBS_STATUS"].required, found["OBS_STATUS"].level)
    assert (False, 20) == (found["COMMENT_OBS"].required, found["COMMENT_OBS"].longest)
    assert "GregorianYear" == found["TIME_PERIOD"].format
    assert ("M", "F", "_T") == found.codelists["CL_SEX"].ids
    region, keys = found.constraints
    assert (Region((Selection("REF_AREA", (Member("AA"), Member("BB"))),)),) == region.regions
    key = Key((Selection("REF_AREA", (Member("AA"),)), Selection("C_BIRTH", (Member("_U"),))))
    assert (KeySet((key,), include=False),) == keys.key_sets


def test_version_3_1_is_read_as_3_0_is(tmp_path, official):
    text = structure_bytes("MIGRANT_STOCK", "ml30").decode()
    path = written(tmp_path, text.replace("/v3_0/", "/v3_1/"))

    assert [] == official.faults(path, "ml31")
    assert ms.read_structure(written(tmp_path, text, "30.xml")) == ms.read_structure(path)


def test_a_packed_file_is_read(tmp_path):
    path = tmp_path / "CL_SEX.xml.gz"
    path.write_bytes(gzip.compress(structure_bytes("CL_SEX", "ml21")))

    assert ms.codelist("CL_SEX") == ms.read_codelist(path)


@pytest.mark.parametrize("version", ["1_0", "2_0"])
def test_old_versions_are_refused(tmp_path, version):
    base = f"http://www.SDMX.org/resources/SDMXML/schemas/v{version}/message"
    path = written(tmp_path, f'<Structure xmlns="{base}"><CodeLists/></Structure>')

    with pytest.raises(ms.MigstatError) as caught:
        ms.read_structure(path)

    (found,) = caught.value.findings
    said = version.replace("_", ".")
    assert f"is SDMX-ML {said}, which is not read: it names components and codes in another way" == found.what
    assert "ask the sender, or the registry that it comes from, for SDMX-ML 2.1 or 3.0" == found.mend


def test_all_languages_parents_and_annotations_are_kept(tmp_path):
    text = ml(
        '<s:Codelists><s:Codelist id="CL_REGION" agencyID="INSEE" version="2.3">'
        '<c:Name xml:lang="fr">Régions</c:Name><c:Description xml:lang="fr">En vigueur</c:Description>'
        '<s:Code id="11"><c:Name xml:lang="fr">Île-de-France</c:Name>'
        '<c:Name xml:lang="de">Großraum Paris</c:Name></s:Code>'
        '<s:Code id="75"><c:Annotations><c:Annotation><c:AnnotationTitle>FR101</c:AnnotationTitle>'
        "<c:AnnotationType>NUTS</c:AnnotationType></c:Annotation></c:Annotations>"
        '<c:Name xml:lang="fr">Paris</c:Name><c:Description xml:lang="fr">Ville</c:Description>'
        '<s:Parent><Ref id="11"/></s:Parent></s:Code></s:Codelist></s:Codelists>',
        OLD,
    )

    found = ms.read_codelist(written(tmp_path, text))

    assert ("INSEE", "2.3", "En vigueur") == (found.agency, found.version, found.description)
    assert {"fr": "Île-de-France", "de": "Großraum Paris"} == found["11"].names
    assert ("11", {"NUTS": "FR101"}, {"fr": "Ville"}) == (
        found["75"].parent,
        found["75"].attributes,
        found["75"].descriptions,
    )
    assert "Paris" == found.label("75", "en")


def test_a_concept_says_the_representation_that_a_component_does_not(tmp_path):
    core = (
        '<s:Concept id="SEX"><c:Name>Sex</c:Name><s:CoreRepresentation><s:Enumeration>'
        f"{URN}.codelist.Codelist=EX:CL_SEX(1.0)</s:Enumeration></s:CoreRepresentation></s:Concept>"
    )
    text = ml(f"<s:Codelists>{codelist('CL_SEX', {'M': '', 'F': ''})}</s:Codelists>" + dsd("", core))

    assert "CL_SEX" == ms.read_structure(written(tmp_path, text))["SEX"].codelist


def test_a_measure_dimension_lists_the_concepts_of_a_scheme(tmp_path):
    text = ml(
        '<s:Concepts><s:ConceptScheme id="MEASURES" agencyID="EX" version="1.0"><c:Name>M</c:Name>'
        '<s:Concept id="STOCK"><c:Name>Stock</c:Name></s:Concept><s:Concept id="RATE"><c:Name>Rate</c:Name></s:Concept>'
        '<s:Concept id="MEASURE"><c:Name>Measure</c:Name></s:Concept></s:ConceptScheme></s:Concepts>'
        '<s:DataStructures><s:DataStructure id="D" agencyID="EX" version="1.0"><c:Name>D</c:Name>'
        '<s:DataStructureComponents><s:DimensionList><s:MeasureDimension id="MEASURE"><s:ConceptIdentity>'
        '<Ref id="MEASURE" agencyID="EX" maintainableParentID="MEASURES" maintainableParentVersion="1.0"/>'
        "</s:ConceptIdentity><s:LocalRepresentation><s:Enumeration>"
        '<Ref id="MEASURES" agencyID="EX" version="1.0" class="ConceptScheme"/></s:Enumeration>'
        "</s:LocalRepresentation></s:MeasureDimension></s:DimensionList>"
        "</s:DataStructureComponents></s:DataStructure></s:DataStructures>",
        OLD,
    )

    found = ms.read_structure(written(tmp_path, text))

    assert ("STOCK", "RATE", "MEASURE") == found.codelists[found["MEASURE"].codelist].ids


def test_a_codelist_extends_another(tmp_path):
    extension = (
        f"<s:CodelistExtension prefix='R_'><s:Codelist>{URN}.codelist.Codelist=EX:CL_BASE(1.0+)</s:Codelist>"
        "<s:InclusiveCodeSelection><s:MemberValue cascadeValues='true'>A</s:MemberValue>"
        "<s:MemberValue>C%</s:MemberValue></s:InclusiveCodeSelection></s:CodelistExtension>"
    )
    base = codelist("CL_BASE", {"A": "", "B": "A", "C1": "", "C2": "C1", "D": ""}, version="1.4")
    path = written(tmp_path, ml(f"<s:Codelists>{base}{codelist('CL_X', {'Z': ''}, extension)}</s:Codelists>"))

    found = ms.read_codelist(path, "CL_X")

    assert {"R_A": None, "R_B": "R_A", "R_C1": None, "R_C2": "R_C1", "Z": None} == {
        code.id: code.parent for code in found
    }


def test_two_codelists_of_one_name_are_told_apart(tmp_path):
    other = codelist("CL_SEX", {"1": ""}).replace('agencyID="EX"', 'agencyID="YY"')
    more = (
        '<s:MeasureList id="MeasureDescriptor"><s:Measure id="M"><s:ConceptIdentity>'
        f"{URN}.conceptscheme.Concept=EX:CS(1.0).SEX</s:ConceptIdentity><s:LocalRepresentation><s:Enumeration>"
        f"{URN}.codelist.Codelist=YY:CL_SEX(1.0)</s:Enumeration></s:LocalRepresentation></s:Measure></s:MeasureList>"
    )
    lists = f"<s:Codelists>{codelist('CL_SEX', {'M': ''})}{other}</s:Codelists>"

    found = ms.read_structure(written(tmp_path, ml(lists + dsd(enumerated("CL_SEX"), more=more))))

    assert {"CL_SEX": ("M",), "YY:CL_SEX(1.0)": ("1",)} == {name: one.ids for name, one in found.codelists.items()}
    assert ["CL_SEX", "YY:CL_SEX(1.0)"] == [one.codelist for one in found.components]


def test_codelists_are_found_in_the_same_folder(tmp_path):
    written(tmp_path, ml(dsd(enumerated("CL_SEX", "1.0+"))))
    written(tmp_path, ml(f"<s:Codelists>{codelist('CL_SEX', {'M': ''}, version='1.0')}</s:Codelists>"), "old.xml")
    written(tmp_path, ml(f"<s:Codelists>{codelist('CL_SEX', {'F': ''}, version='1.2')}</s:Codelists>"), "new.xml")
    # Data lie beside them.
    written(tmp_path, f'<m:StructureSpecificData xmlns:m="{OLD}/message"/>', "data.xml")
    written(tmp_path, '{"data": {"dataSets": []}}', "data.json")
    written(tmp_path, "[1, 2]", "other.json")

    assert ("F",) == ms.read_structure(tmp_path).codelists["CL_SEX"].ids
    assert ("F",) == ms.structure(str(tmp_path)).codelists["CL_SEX"].ids


CONSTRAINT = """<s:DataConstraints><s:DataConstraint id="CR" agencyID="EX" version="1.0" role="Allowed"
 validFrom="2020-01-01" validTo="2024-12-31"><c:Name>CR</c:Name><s:ConstraintAttachment>
<s:DataStructure>urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=EX:D(1.0)</s:DataStructure>
</s:ConstraintAttachment>
<s:DataKeySet isIncluded="false"><s:Key validTo="2022"><s:KeyValue id="SEX"><s:Value>M</s:Value></s:KeyValue></s:Key>
</s:DataKeySet><s:CubeRegion include="false"><s:KeyValue id="SEX" include="false" validFrom="2021-Q2">
<s:Value cascadeValues="excluderoot" validTo="2023-06">M</s:Value></s:KeyValue>
<s:Component id="TIME_PERIOD"><s:TimeRange><s:StartPeriod isInclusive="false">2001</s:StartPeriod>
<s:EndPeriod>2011</s:EndPeriod></s:TimeRange></s:Component></s:CubeRegion></s:DataConstraint></s:DataConstraints>"""


def test_constraints_keep_dates_cascades_and_exclusions_in_every_format(tmp_path):
    lists = f"<s:Codelists>{codelist('CL_SEX', {'M': '', 'F': 'M'})}</s:Codelists>"
    first = written(tmp_path, ml(lists + dsd(enumerated("CL_SEX")) + CONSTRAINT))

    read = ms.read_artefacts(first)
    (found,) = ms.read_structure(first).constraints

    day = datetime.date
    assert (day(2020, 1, 1), day(2025, 1, 1)) == (found.valid_from, found.valid_to)
    assert day(2023, 1, 1) == found.key_sets[0].keys[0].valid_to
    (region,) = found.regions
    assert not region.include
    assert (
        Selection("SEX", (Member("M", "descendants only", None, day(2023, 7, 1)),), False, None, day(2021, 4, 1)),
        Selection("TIME_PERIOD", (), True, Period("2001", "2011", False, True)),
    ) == region.selections
    for format, name in (("ml30", "again.xml"), ("json20", "again.json")):
        ms.write_structure(read, tmp_path / name, format)
        assert (found,) == ms.read_artefacts(tmp_path / name).constraints, format
    with pytest.raises(ms.MigstatError) as caught:
        ms.write_structure(read, tmp_path / "old.xml", "ml21")
    assert [
        "SDMX-ML 2.1 cannot select descendants without the code itself",
        "SDMX-ML 2.1 has no dates of validity within a constraint",
    ] == [one.what for one in caught.value.findings][:2]


LOST = "fetch the structure with references=all, or put the file of the codelist into the same folder"
WRONG = {
    "a codelist that is not there": (
        ml(dsd(enumerated("CL_SEX"))),
        "dsd.xml:4  SEX\n"
        f"  the codelist {URN}.codelist.Codelist=EX:CL_SEX(1.0) is not in dsd.xml\n"
        f"  Mend: {LOST}",
    ),
    "a codelist of another version": (
        ml(f"<s:Codelists>{codelist('CL_SEX', {'M': ''}, version='2.0')}</s:Codelists>" + dsd(enumerated("CL_SEX"))),
        "dsd.xml:4  SEX\n"
        f"  the codelist {URN}.codelist.Codelist=EX:CL_SEX(1.0) is not in dsd.xml; there is EX:CL_SEX(2.0)\n"
        f"  Mend: {LOST}",
    ),
    "a codelist that is a stub": (
        ml('<s:Codelists><s:Codelist id="CL_SEX" agencyID="EX" version="1.0" isExternalReference="true">'
           "<c:Name>S</c:Name></s:Codelist></s:Codelists>" + dsd(enumerated("CL_SEX"))),
        "dsd.xml:4  SEX\n"
        f"  the codelist {URN}.codelist.Codelist=EX:CL_SEX(1.0) is not in dsd.xml (only a stub of it, without codes)\n"
        f"  Mend: {LOST}",
    ),
    "a concept scheme that is not there": (
        ml(dsd("").replace('id="CS"', 'id="XX"')),
        "dsd.xml:4  SEX\n"
        "  has no representation of its own, and the concept scheme "
        f"{URN}.conceptscheme.ConceptScheme=EX:CS(1.0) is not in dsd.xml\n"
        "  Mend: fetch the structure with references=all, or put the scheme beside it",
    ),
    "a reference that names nothing": (
        ml(dsd("<s:LocalRepresentation><s:Enumeration>CL_SEX</s:Enumeration></s:LocalRepresentation>")),
        "dsd.xml:4\n  Enumeration names no Codelist: 'CL_SEX'\n"
        "  Mend: write its URN: urn:sdmx:org.sdmx.infomodel....=AGENCY:ID(1.0)",
    ),
    "a code twice": (
        ml('<s:Codelists><s:Codelist id="CL_A" agencyID="EX" version="1.0">\n<s:Code id="A"/>\n<s:Code id="A"/>'
           "</s:Codelist></s:Codelists>"),
        "dsd.xml:5  CL_A\n  the code A is given twice, first in line 4\n  Mend: keep one of the two",
    ),
    "a parent that is not there": (
        ml(f"<s:Codelists>{codelist('CL_A', {'ALPHA': '', 'B': 'ALPA'})}</s:Codelists>"),
        "dsd.xml:3  CL_A\n  the parent 'ALPA' of B is not a code of the list\n  Mend: write ALPHA",
    ),
    "parents in a circle": (
        ml(f"<s:Codelists>{codelist('CL_A', {'A': 'B', 'B': 'A'})}</s:Codelists>"),
        "dsd.xml:3  CL_A\n  the code A is its own ancestor, or has more than 100 of them\n  Mend: cut the circle\n"
        "dsd.xml:3  CL_A\n  the code B is its own ancestor, or has more than 100 of them\n  Mend: cut the circle",
    ),
    "an extension in a circle": (
        ml("<s:Codelists>" + codelist("CL_A", {}, "<s:CodelistExtension><s:Codelist>"
           f"{URN}.codelist.Codelist=EX:CL_A(1.0)</s:Codelist></s:CodelistExtension>") + "</s:Codelists>"),
        "dsd.xml:3  CL_A\n  extends itself, by way of EX:CL_A(1.0)\n  Mend: cut the circle",
    ),
    "no structure": (
        ml(f"<s:Codelists>{codelist('CL_A', {'A': ''})}</s:Codelists>"),
        "dsd.xml\n  holds no structure\n  Mend: name a file that holds a structure",
    ),
    "data": (
        f'<m:StructureSpecificData xmlns:m="{OLD}/message"/>',
        "dsd.xml\n  is no structure message of SDMX: its first element is StructureSpecificData\n"
        "  Mend: name the file of the structure; this one holds data",
    ),
    "something else": (
        "<svg/>",
        "dsd.xml\n  is no structure message of SDMX: its first element is svg\n  Mend: name an SDMX-ML file",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_said_of_a_wrong_structure(name, tmp_path):
    text, said = WRONG[name]

    with pytest.raises(ms.MigstatError) as caught:
        ms.read_structure(written(tmp_path, text))

    assert said == str(caught.value)


def test_a_file_of_several_asks_which(tmp_path):
    lists = f"<s:Codelists>{codelist('CL_A', {'A': ''})}{codelist('CL_B', {'B': ''})}</s:Codelists>"
    path = written(tmp_path, ml(lists))

    with pytest.raises(ms.MigstatError, match="holds 2 codelists: CL_A, CL_B"):
        ms.read_codelist(path)
    with pytest.raises(ms.MigstatError, match="holds no codelist CL_AA"):
        ms.read_codelist(path, "CL_AA")


@pytest.mark.parametrize(
    ("message", "what"),
    [
        ({"data": {"dataSets": []}}, "holds data, not structures"),
        ({}, "is no SDMX-JSON message: it has no 'data'"),
        ({"data": {"codelists": [{"agencyID": "EX"}]}},
         "Codelist without an id is not as SDMX-JSON 2.0 has it (KeyError: 'id')"),
        ({"data": {"codelists": [{"id": "CL", "agencyID": "EX", "codes": [7]}]}},
         "Codelist CL is not as SDMX-JSON 2.0 has it (TypeError: 'int' object is not subscriptable)"),
        ({"data": {"dataflows": [{"id": "F", "agencyID": "EX", "structure": "D"}]}},
         "Dataflow F refers to 'D', which is no URN"),
    ],
)  # fmt: skip
def test_what_is_said_of_wrong_json(message, what, tmp_path):
    path = tmp_path / "dsd.json"
    path.write_text(json.dumps(message))

    with pytest.raises(ms.MigstatError) as caught:
        ms.read_structure(path)

    assert what == caught.value.findings[0].what


def test_extensions_that_double_at_each_step_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("migstat.read.sdmx.assemble.LARGEST", 1_000)
    lists = [codelist("CL_0", dict.fromkeys("AB", ""))]
    for step in range(1, 40):
        base = f"<s:Codelist>{URN}.codelist.Codelist=EX:CL_{step - 1}(1.0)</s:Codelist>"
        twice = "".join(f"<s:CodelistExtension prefix='{one}'>{base}</s:CodelistExtension>" for one in "XY")
        lists.append(codelist(f"CL_{step}", {}, twice))

    with pytest.raises(ms.MigstatError) as caught:
        ms.read_artefacts(written(tmp_path, ml(f"<s:Codelists>{''.join(lists)}</s:Codelists>")))

    assert "takes over more than 1,000 codes: it is made to fill the machine" == caught.value.findings[0].what


def test_a_large_codelist_that_is_wrong_throughout_is_told_in_short(tmp_path):
    codes = {f"C{number}": f"P{number}" for number in range(20_000)}
    path = written(tmp_path, ml(f"<s:Codelists>{codelist('CL_A', codes)}</s:Codelists>"))

    with pytest.raises(ms.MigstatError) as caught:
        ms.read_codelist(path)

    assert 21 == len(caught.value.findings)
    assert "19,980 more codes are wrong in the same way" == caught.value.findings[-1].what


def test_hierarchies_deeper_than_any_are_refused(tmp_path):
    code = f"{URN}.codelist.Code=EX:CL(1.0).A"
    node = {"id": "A", "code": code}
    for _ in range(450):
        node = {"id": "A", "code": code, "hierarchicalCodes": [node]}
    deep = {"data": {"hierarchies": [{"id": "H", "agencyID": "EX", "hierarchicalCodes": [node]}]}}
    (tmp_path / "deep.json").write_text(json.dumps(deep))
    open, close = f"<s:HierarchicalCode id='A'><s:Code>{code}</s:Code>", "</s:HierarchicalCode>"
    text = ml("<s:Hierarchies><s:Hierarchy id='H' agencyID='EX'>" + open * 150 + close * 150 + "</s:Hierarchy>")
    written(tmp_path, text.replace("</s:Hierarchy>", "</s:Hierarchy></s:Hierarchies>"), "deep.xml")

    for name in ("deep.json", "deep.xml"):
        with pytest.raises(ms.MigstatError, match="goes deeper than 100 levels"):
            ms.read_artefacts(tmp_path / name)


@cache
def sent(format):
    """A small structure with everything in it."""
    return structure_bytes("PERMITS", format, alone=True)


STRANGE = st.sampled_from(
    ["", " ", "x", "-1", "1e999", "9" * 5000, "nan", "%", "urn:sdmx:x", "2020-13-45", "é", "*", "1+.0"]
)


@settings(max_examples=150)
@given(data=st.data(), format=st.sampled_from(["ml21", "ml30"]))
def test_xml_that_is_damaged_in_any_way_is_read_or_refused_and_no_more(data, format, tmp_path_factory):
    tree = etree.fromstring(sent(format))
    nodes = list(tree.iter(etree.Element))
    for _ in range(data.draw(st.integers(1, 3))):
        node = data.draw(st.sampled_from(nodes))
        match data.draw(st.sampled_from(["drop", "attribute", "no attribute", "text", "rename", "twice"])):
            case "drop" if node.getparent() is not None:
                node.getparent().remove(node)
            case "attribute" if node.attrib:
                node.set(data.draw(st.sampled_from(sorted(node.attrib))), data.draw(STRANGE))
            case "no attribute" if node.attrib:
                del node.attrib[data.draw(st.sampled_from(sorted(node.attrib)))]
            case "text":
                node.text = data.draw(STRANGE)
            case "rename":
                node.tag = data.draw(st.sampled_from(nodes)).tag
            case "twice" if node.getparent() is not None:
                node.addnext(copy.deepcopy(node))
            case _:
                pass
    path = tmp_path_factory.mktemp("damaged") / "message.xml"
    path.write_bytes(etree.tostring(tree))

    with contextlib.suppress(ms.MigstatError):
        ms.read_artefacts(path)


VALUES = (None, 7, -1.5, True, "", "x", [], {}, [[]], {"id": 1}, "9" * 5000)


@settings(max_examples=150)
@given(damage=st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(range(len(VALUES)))), min_size=1, max_size=3))
def test_json_that_is_damaged_in_any_way_is_read_or_refused_and_no_more(damage, tmp_path_factory):
    message = json.loads(sent("json20"))
    places = list(_places(message))
    for number, value in damage:
        holder, key = places[number % len(places)]
        holder[key] = copy.deepcopy(VALUES[value])
    path = tmp_path_factory.mktemp("damaged") / "message.json"
    path.write_text(json.dumps(message))

    with contextlib.suppress(ms.MigstatError):
        ms.read_artefacts(path)


def _places(value):
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


def test_hierarchies_of_2_1_may_name_codes_by_alias(tmp_path):
    text = ml(
        '<s:HierarchicalCodelists><s:HierarchicalCodelist id="H" agencyID="EX" version="1.0"><c:Name>H</c:Name>'
        '<s:IncludedCodelist alias="A"><Ref id="CL_A" agencyID="EX" version="1.2"/></s:IncludedCodelist>'
        '<s:Hierarchy id="ONE"><c:Name>One</c:Name><s:HierarchicalCode id="1" validTo="2020-12-31T00:00:00">'
        '<s:CodelistAliasRef>A</s:CodelistAliasRef><s:CodeID><Ref id="EU"/></s:CodeID>'
        f'<s:HierarchicalCode id="2"><s:Code><URN>{URN}.codelist.Code=EX:CL_B(1.0).FRA</URN></s:Code>'
        "</s:HierarchicalCode></s:HierarchicalCode></s:Hierarchy>"
        '<s:Hierarchy id="TWO"><c:Name>Two</c:Name></s:Hierarchy>'
        "</s:HierarchicalCodelist></s:HierarchicalCodelists>",
        OLD,
    )

    one, two = ms.read_artefacts(written(tmp_path, text)).hierarchies

    assert ("H.ONE", "H.TWO", {"en": "One"}) == (one.id, two.id, one.names)
    assert [(None, "EX:CL_A(1.2).EU"), ("1", "EX:CL_B(1.0).FRA")] == [
        (above and above.id, str(node.code)) for above, node in one
    ]
    assert datetime.date(2021, 1, 1) == one.nodes[0].valid_to


def test_attributes_are_attached_where_the_structure_says(tmp_path):
    def attribute(id, relationship):
        return (
            f'<s:Attribute id="{id}" assignmentStatus="Conditional"><s:ConceptIdentity>'
            '<Ref id="SEX" agencyID="EX" maintainableParentID="CS" maintainableParentVersion="1.0"/>'
            "</s:ConceptIdentity>"
            '<s:LocalRepresentation><s:TextFormat textType="ExclusiveValueRange" minValue="0" maxValue="9"/>'
            f"</s:LocalRepresentation><s:AttributeRelationship>{relationship}</s:AttributeRelationship></s:Attribute>"
        )

    more = (
        '<s:Group id="G"><s:GroupDimension><s:DimensionReference><Ref id="SEX"/></s:DimensionReference>'
        '</s:GroupDimension></s:Group><s:AttributeList id="AttributeDescriptor">'
        + attribute("A", "<s:None/>")
        + attribute("B", '<s:Group><Ref id="G"/></s:Group>')
        + attribute("C", '<s:Dimension><Ref id="SEX"/></s:Dimension>')
        + attribute("D", '<s:PrimaryMeasure><Ref id="OBS_VALUE"/></s:PrimaryMeasure>')
        + "</s:AttributeList>"
    )
    lists = f"<s:Codelists>{codelist('CL_SEX', {'M': ''})}</s:Codelists>"
    text = ml(lists + dsd(enumerated("CL_SEX"), more=more), OLD).replace("<s:ConceptSchemes>", "<s:Concepts>")

    found = ms.read_structure(written(tmp_path, text.replace("</s:ConceptSchemes>", "</s:Concepts>")))

    assert {"A": ("dataset", ()), "B": ("group", ("SEX",)), "C": ("group", ("SEX",)), "D": ("observation", None)} == {
        one.id: (one.level, one.attached) for one in found.with_role("attribute")
    }
    assert {"G": ("SEX",)} == found.groups
    assert (0.0, 9.0, None) == (found["A"].above, found["A"].below, found["A"].minimum)
    for format in ("ml30", "json20"):
        path = tmp_path / f"again.{format}.{'json' if format == 'json20' else 'xml'}"
        ms.write_structure(found, path, format)
        assert found.components == ms.read_structure(path).components
