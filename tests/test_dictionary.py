"""Data dictionaries in CSV become codebooks: the Census Bureau's kind, and plain tables of variables and values."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import migstat as ms
from migstat.read.codebooks import dictionary
from migstat.words.finding import MigstatError

BUREAU = """\
NAME,RT,C,1,"Record Type"
VAL,RT,C,1,"P","P","Person Record"
NAME,AGEP,N,2,"Age"
VAL,AGEP,N,2,0,0,"Under 1 year"
VAL,AGEP,N,2,1,99,"1 to 99 years (Top-coded)"
NAME,MIG,C,1,"Mobility status"
VAL,MIG,C,1,"b","b","N/A (less than 1 year old)"
VAL,MIG,C,1,"1","1","Yes, same house"
NAME,SERIALNO,C,13,"Serial number"
VAL,SERIALNO,C,13,"2018GQ0000001","2018GQ9999999","Identifier"
NAME,RT,C,1,"Record Type"
VAL,RT,C,1,"H","H","Housing Record"
"""


def book(tmp_path, text, name="book.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return ms.codebook(path)


def values(variable):
    return {one.value: one.label for one in variable.values}


def test_the_bureaus_kind(tmp_path):
    found = book(tmp_path, BUREAU)

    assert ["RT", "AGEP", "MIG", "SERIALNO"] == [one.name for one in found.variables]
    assert ("Age", "number") == (found.variable("AGEP").label, found.variable("AGEP").kind)
    assert {"0": "Under 1 year", "1..99": "1 to 99 years (Top-coded)"} == values(found.variable("AGEP"))
    assert {"": "N/A (less than 1 year old)", "1": "Yes, same house"} == values(found.variable("MIG"))
    assert {"P": "Person Record", "H": "Housing Record"} == values(found.variable("RT"))
    assert {} == values(found.variable("SERIALNO"))


def test_the_dictionary_of_the_real_file(shared):
    found = ms.codebook(shared / "data" / "us_acs_pums_2018" / "PUMS_Data_Dictionary_2018.csv")

    assert (513, 224) == (len(found.variables), len(found.variable("POBP").values))


PLAIN = [
    ("variable,value,label\nSEX,,Sex\nSEX,1,Male\nSEX,2,Female\n", "Sex"),
    ("Variable;Etiqueta variable;Valor;Etiqueta valor\nSEX;Sexo;1;Male\nSEX;Sexo;2;Female\n", "Sexo"),
    ("name\tdescription\tcode\tmeaning\nSEX\tSex\t1\tMale\n\t\t2\tFemale\n", "Sex"),
    ("变量,标签,值,含义\nSEX,性别,1,Male\nSEX,性别,2,Female\n", "性别"),
    ("\ufeffVARIABLE NAME,VARIABLE LABEL,CODE,CODE LABEL\nSEX,Sex,1,Male\nSEX,Sex,2,Female\n", "Sex"),
]


@pytest.mark.parametrize(("text", "label"), PLAIN)
def test_plain_tables(tmp_path, text, label):
    found = book(tmp_path, text).variable("SEX")

    assert (label, {"1": "Male", "2": "Female"}) == (found.label, values(found))


def test_variables_alone_with_question_universe_and_missing(tmp_path):
    text = (
        "variable,label,question,universe,value,value label,missing\nAGE,Age,How old?,all,,,\nAGE,,,,99,Refused,yes\n"
    )
    found = book(tmp_path, text).variable("AGE")

    assert ("How old?", "all", ("99",)) == (found.question, found.universe, found.missing)


def test_a_blank_is_said_in_words(tmp_path):
    found = book(tmp_path, "variable,value,label\nSEX,blank,Not asked\n").variable("SEX")

    assert {"": "Not asked"} == values(found)


def test_an_old_encoding(tmp_path):
    found = book(tmp_path, "variable,label\nAÑO,Año de llegada\n", encoding="cp1252")

    assert "Año de llegada" == found.variable("AÑO").label


WRONG = [
    ("NAME,A,C,1,Label\nVAL,A,C,1\n", "row 2 is neither a NAME line nor a VAL line"),
    ("NAME,A,C,1,Label\nVAL,B,C,1,1,1,x\n", "row 2: B has a value before its NAME line"),
    ("NAME,A,C,1234567890,Label\n", "row 1: the length of A is 1234567890, no whole number of up to 9 digits"),
    ("NAME,A,C,1,Label\nVAL,A,C,1x,1,1,x\n", "row 2: the length of A is 1x, no whole number of up to 9 digits"),
    ("variable,label\n", "holds no variable"),
]


@pytest.mark.parametrize(("text", "what"), WRONG)
def test_the_message_of_a_wrong_dictionary(tmp_path, text, what):
    with pytest.raises(MigstatError) as raised:
        book(tmp_path, text)

    assert what == raised.value.findings[0].what


def test_a_layout_is_left_to_its_own_reader(tmp_path):
    path = tmp_path / "layout.csv"
    path.write_text("name,start,width,values\nSEX,7,1,1=Male; 2=Female\n")

    assert not dictionary.recognised(path, path.read_bytes())


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: f"NAME,A,C,1,x\n{text}".encode())))
def test_anything_is_read_or_refused_in_words(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "x.csv"
    path.write_bytes(data)
    with suppress(MigstatError):
        assert dictionary.read(path).variables
