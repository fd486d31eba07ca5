"""The codebook: well-formed, its elements in the order of DDI Codebook 2.5, its codes those of the file."""

import polars as pl
import pytest
from lxml import etree

import migstat as ms
from migstat.words.codelist import LANGUAGES

SPACE = {"d": "ddi:codebook:2_5"}
ORDER = {
    "codeBook": ["docDscr", "stdyDscr", "fileDscr", "dataDscr"],
    "stdyDscr": ["citation", "stdyInfo", "method", "dataAccs"],
    "citation": ["titlStmt", "rspStmt", "prodStmt", "verStmt"],
    "titlStmt": ["titl", "IDNo"],
    "stdyInfo": ["abstract", "sumDscr"],
    "sumDscr": ["timePrd", "nation", "anlyUnit", "universe", "dataKind"],
    "method": ["dataColl", "notes"],
    "useStmt": ["conditions", "disclaimer"],
    "fileTxt": ["fileName", "dimensns", "fileType"],
    "dimensns": ["caseQnty", "varQnty"],
    "var": ["labl", "valrng", "universe", "txt", "catgry", "concept", "varFormat", "notes"],
    "catgry": ["catValu", "labl", "txt", "catStat"],
}
"""The children that we write, in the order of the schema (general knowledge of DDI Codebook 2.5: to be confirmed)."""


@pytest.fixture(scope="module")
def written(root, tmp_path_factory):
    folder = root / "examples" / "arg_eph"
    run = ms.harmonize(folder / "extract" / "usu_individual_generated.txt", folder / "mapping.yaml")
    made = ms.anonymize(run, policy="SCIENTIFIC_USE_PERSON", key="a secret for the tests only")
    into = tmp_path_factory.mktemp("out")
    paths = ms.write_anonymized(made, into, formats="csv,sav", language="es")
    return made, paths, etree.parse(paths[-2]).getroot()


def test_elements_stand_in_the_order_of_the_schema(written):
    for element in written[2].iter():
        name = etree.QName(element).localname
        children = [etree.QName(child).localname for child in element]
        order = ORDER.get(name, sorted(set(children)))

        assert set(children) <= set(order), name
        assert children == sorted(children, key=order.index), name


def test_every_column_is_a_variable_and_every_code_a_category(written):
    _, paths, book = written
    frame = pl.read_csv(paths[0], infer_schema=False)
    names = book.xpath("//d:var/@name", namespaces=SPACE)

    assert [id for id in frame.columns if not id.endswith("_MISSING")] == names
    for id in ("SEX", "COUNTRY_BIRTH", "RESID_5Y", "CITIZENSHIP"):
        codes = book.xpath(f"//d:var[@name='{id}']/d:catgry/d:catValu/text()", namespaces=SPACE)
        assert set(frame[id].unique()) == set(codes)
        assert len(set(codes)) == len(codes)
    assert ["WEIGHT"] == book.xpath("//d:var[@wgt='wgt']/@name", namespaces=SPACE)
    assert {"_N", "_U", "_X", "_Z"} >= set(book.xpath("//d:catgry[@missing='Y']/d:catValu/text()", namespaces=SPACE))


def test_labels_are_in_the_language_asked_for(written):
    book = written[2]

    assert "Mujer" in str(book.xpath("//d:var[@name='SEX']/d:catgry/d:labl/text()", namespaces=SPACE)) or (
        ms.codelist("CL_SEX").label("F", "es")
        in book.xpath("//d:var[@name='SEX']/d:catgry/d:labl/text()", namespaces=SPACE)
    )
    assert "es" == book.get("{http://www.w3.org/XML/1998/namespace}lang")
    assert "es" in LANGUAGES


def test_no_frequency_under_ten_and_none_beside_one(written):
    book = written[2]
    counts = [int(text) for text in book.xpath("//d:catStat/text()", namespaces=SPACE)]

    assert counts
    assert min(counts) >= 10
    assert [] == book.xpath("//d:var[@name='AGE_GROUP']/d:catgry/d:catStat", namespaces=SPACE)


def test_the_facts_of_the_source_are_told_and_nothing_of_the_confidential_file(written):
    made, paths, book = written
    text = paths[-2].read_text(encoding="utf-8")

    assert ["INDEC"] == book.xpath("//d:AuthEnty/text()", namespaces=SPACE)
    assert ["900"] * 2 == book.xpath("//d:caseQnty/text()", namespaces=SPACE)
    assert ["ARG_EPH.scientific.csv", "ARG_EPH.scientific.sav"] == book.xpath("//d:fileName/text()", namespaces=SPACE)
    assert "usu_individual" not in text
    assert "inputs" not in made.provenance


def test_signs_that_xml_cannot_hold_are_left_out(written, tmp_path):
    from dataclasses import replace

    made, _, _ = written
    source = made.provenance["source"] | {"name": "Survey \x00 & <more>"}
    paths = ms.write_anonymized(replace(made, provenance=made.provenance | {"source": source}), tmp_path, formats="csv")

    assert "Survey   & <more>: scientific use file" in etree.parse(paths[-2]).getroot().xpath(
        "//d:titl/text()", namespaces=SPACE
    )
