"""Structures and codelists written as SDMX: valid by the official schemas, and read back by us and by others."""

import dataclasses
import json
import warnings

import pytest

import migstat as ms
from migstat.api import gathering, structure_bytes
from migstat.read.codelists import codelist_ids, data_folder
from migstat.read.structures import structure_ids
from migstat.words.artefacts import Artefacts
from migstat.write.codelist_csv import codelist_csv, codelist_toml

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    # Loaded before any message of 2.1 is read; else sdmx1 reads no 3.0 in the same process.
    import sdmx
    import sdmx.reader.xml.v30
    from pysdmx.io import read_sdmx

FORMATS = ["ml21", "ml30", "json20"]
ENDING = {"ml21": "xml", "ml30": "xml", "json20": "json"}
TABLES = [id for id in structure_ids() if ms.structure(id).kind == "table"]
RECORDS = [id for id in structure_ids() if ms.structure(id).kind == "record"]


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """All that ships, in a file of each format; 2.1 has no way to say record structures."""
    folder = tmp_path_factory.mktemp("sdmx")
    whole = gathering.everything()
    sayable = [one for one in whole.structures if one.kind == "table"]
    ids = {one.id for one in sayable}
    old = dataclasses.replace(
        whole,
        structures=tuple(sayable),
        dataflows=tuple(one for one in whole.dataflows if one.id in ids),
        constraints=(),
    )
    found = {}
    for format in FORMATS:
        path = folder / f"{format}.{ENDING[format]}"
        written = old if format == "ml21" else whole
        ms.write_structure(written, path, format)
        found[format] = (path, written)
    return found


@pytest.mark.parametrize("format", FORMATS)
def test_all_that_ships_is_valid_by_the_official_schema(everything, format, official):
    path, _ = everything[format]

    assert [] == official.faults(path, format)


def test_the_json_schema_bites(everything, tmp_path, official):
    path, _ = everything["json20"]
    message = json.loads(path.read_text(encoding="utf-8"))
    del message["data"]["codelists"][0]["agencyID"]
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(message), encoding="utf-8")

    assert ["data/codelists/0: 'agencyID' is a required property"] == official.faults(broken, "json20")


@pytest.mark.parametrize("format", FORMATS)
def test_all_that_ships_reads_back_equal(everything, format):
    path, written = everything[format]

    read = ms.read_artefacts(path)

    for field in ("codelists", "schemes", "dataflows", "constraints", "hierarchies", "agencies"):
        assert getattr(written, field) == getattr(read, field), field
    assert len(written.structures) == len(read.structures)
    for one, other in zip(written.structures, read.structures, strict=True):
        # Where the message has more than the structure itself, reading gives it along.
        own = {field.name: getattr(one, field.name) for field in dataclasses.fields(one)}
        told = dataclasses.replace(other, dataflows=(), constraints=(), codelists=own["codelists"])
        plain = tuple(dataclasses.replace(component, scheme="") for component in told.components)
        assert one == dataclasses.replace(told, components=plain)
        assert {name: held.ids for name, held in one.codelists.items()} == {
            name: held.ids for name, held in other.codelists.items()
        }


@pytest.mark.parametrize("id", codelist_ids())
def test_codelists_go_through_every_format_and_are_byte_equal_again(id, tmp_path):
    table = (data_folder("codelists") / f"{id}.csv").read_bytes()
    header = (data_folder("codelists") / f"{id}.toml").read_bytes()

    for format in FORMATS:
        path = tmp_path / f"{id}.{format}.{ENDING[format]}"
        ms.write_structure(id, path, format)
        read = ms.read_codelist(path)

        assert (table, header) == (codelist_csv(read).encode(), codelist_toml(read).encode()), format

    ms.write_structure(id, tmp_path / f"{id}.csv")

    assert table == (tmp_path / f"{id}.csv").read_bytes()
    assert ms.codelist(id) == ms.read_codelist(tmp_path / f"{id}.csv")


@pytest.mark.parametrize("format", FORMATS)
def test_equal_content_gives_equal_bytes(format):
    first, again = (structure_bytes("MIGRANT_STOCK", format) for _ in range(2))

    assert first == again


@pytest.mark.parametrize("id", structure_ids())
@pytest.mark.parametrize("format", ["ml30", "json20"])
def test_each_structure_alone_is_valid_and_finds_its_codelists_among_those_that_ship(id, format, tmp_path, official):
    path = tmp_path / f"{id}.{ENDING[format]}"
    ms.write_structure(id, path, format, alone=True)

    read = ms.read_structure(path)

    assert [] == official.faults(path, format)
    assert ms.structure(id).ids == read.ids
    assert {one.codelist for one in read.components if one.coded} == set(read.codelists)


@pytest.mark.parametrize("id", RECORDS)
def test_version_2_1_says_that_it_cannot_say_record_structures(id, tmp_path):
    with pytest.raises(ms.MigstatError) as caught:
        ms.write_structure(id, tmp_path / "records.xml", "ml21")

    first = caught.value.findings[0]
    assert first.what.startswith("SDMX-ML 2.1 has one measure, OBS_VALUE; the measures here are ")
    assert "write SDMX-ML 3.0 (ml30) or SDMX-JSON 2.0 (json20)" == first.mend
    assert not (tmp_path / "records.xml").exists()


def test_a_table_goes_out_with_the_codes_that_are_in_it(tmp_path, official):
    import polars as pl

    from migstat.words.table import Table

    cells = pl.DataFrame({"FREQ": ["A"] * 3, "SEX": ["_T", "F", "M"], "TIME_PERIOD": ["2011", "2001", "2001"]})
    path = tmp_path / "stock.xml"
    ms.write_structure(Table(cells, ms.structure("MIGRANT_STOCK")), path, "ml30")

    (found,) = ms.read_structure(path).constraints

    assert [] == official.faults(path, "ml30")
    assert ("CA_MIGRANT_STOCK", "actual") == (found.id, found.role)
    assert {"FREQ": ("A",), "SEX": ("F", "M", "_T"), "TIME_PERIOD": ("2001", "2011")} == {
        one.component: one.values for one in found.regions[0].selections
    }


# The peers. sdmx1 reads 2.1 whole, and of 3.0 what holds no measures; pysdmx reads all three, in English and flat.


@pytest.mark.parametrize("format", ["ml21", "ml30"])
def test_sdmx1_reads_the_same_codelists_and_concepts(everything, format, tmp_path):
    path, written = everything[format]
    if format == "ml30":
        # sdmx1 2.28 fails on the attributes of version 3.0 (usage, relationships), so the structures are left out.
        path = tmp_path / "lists.xml"
        ms.write_structure(Artefacts(codelists=written.codelists, schemes=written.schemes), path, "ml30")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        message = sdmx.read_sdmx(path)

    for codelist in written.codelists:
        theirs = message.codelist[codelist.id]
        # sdmx1 puts a parent before its children, also where the list has it after them.
        assert set(codelist.ids) == set(theirs.items)
        for code in codelist:
            # A parent whose code begins with a digit cannot stand in an element of version 3.0: it is an annotation.
            if format == "ml21" or code.parent is None or code.parent[0].isalpha():
                parent = getattr(theirs[code.id], "parent", None)
                assert code.parent == (parent.id if parent is not None and parent is not theirs else None)
            assert dict(code.names) == dict(theirs[code.id].name.localizations)
    for scheme in written.schemes:
        assert [one.id for one in scheme] == list(message.concept_scheme[scheme.id].items)


def test_sdmx1_reads_the_same_structures(everything):
    path, written = everything["ml21"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        message = sdmx.read_sdmx(path)

    for structure in written.structures:
        theirs = message.structure[structure.id]
        # SDMX has the time dimension last; ours keeps its place by an annotation.
        ours = sorted(structure.key, key=lambda id: id == "TIME_PERIOD")
        assert ours == [one.id for one in sorted(theirs.dimensions.components, key=lambda one: one.order)]
        assert [one.id for one in structure.with_role("attribute")] == [one.id for one in theirs.attributes.components]
        assert ["OBS_VALUE"] == [one.id for one in theirs.measures.components]
        for one in theirs.dimensions.components:
            listed = one.local_representation.enumerated
            assert (structure[one.id].codelist or None) == (listed.id if listed is not None else None)


@pytest.mark.parametrize("format", FORMATS)
def test_pysdmx_reads_the_same_codelists_and_structures(everything, format):
    if format != "json20":
        pytest.importorskip("xmltodict", reason="pysdmx reads XML with xmltodict, of pysdmx[xml]")
    path, written = everything[format]

    message = read_sdmx(path, validate=False)

    theirs = {one.id: one for one in message.get_codelists()}
    for codelist in written.codelists:
        assert [(code.id, code.names["en"]) for code in codelist] == [
            (code.id, code.name) for code in theirs[codelist.id].codes
        ]
    structures = {one.id: one for one in message.get_data_structure_definitions()}
    for structure in written.structures:
        found = structures[structure.id].components
        assert set(structure.key) == {one.id for one in found.dimensions}
        assert set(structure.ids) == {one.id for one in found}
