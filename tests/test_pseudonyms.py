"""Pseudonyms: laws of what is linked and what is not, keys that are refused, and nothing that leaves."""

import hmac
import os
import secrets
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import migstat as ms
from migstat.read.footer import read_provenance
from migstat.read.secret_keys import new_key, read_keys, weakness
from migstat.words.finding import MigstatError, Misuse, Place
from migstat.words.mapping_rule import Line, Pseudonym
from migstat.words.secret import Key
from migstat.work.pseudonyms.comparable import comparable
from migstat.work.pseudonyms.keyed import LABEL, pseudonyms

ONE, OTHER = Key("ONE", b"one key of the tests, and no other"), Key("OTHER", b"another key of the tests, not one")
PASSPORT = Pseudonym(("PASSPORT",), ("ONE",), Place("m"))


def made(values, *keys, rule=PASSPORT):
    columns = {name: list(part) for name, part in zip(rule.columns, zip(*values, strict=True), strict=True)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(rule.columns, pl.String))
    return pseudonyms(frame, rule, keys or (ONE,), {}).to_list()


def test_a_pseudonym_is_hmac_sha256_of_the_comparable_value():
    expected = hmac.digest(ONE.secret, f"{LABEL}\x1fAB123".encode(), "sha256").hex()[:32]

    assert [expected] == made([("ab-1 23",)])


@given(st.lists(st.tuples(st.text(max_size=6)), min_size=1, max_size=8))
def test_one_key_links_what_is_equal_and_nothing_else(values):
    plain = comparable(pl.Series([value for (value,) in values], dtype=pl.String)).to_list()
    first, again, other = made(values), made(values[::-1])[::-1], made(values, OTHER)

    assert first == again
    assert [one is None for one in plain] == [one is None for one in first]
    assert len({one for one in plain if one}) == len({one for one in first if one})
    assert not {one for one in first if one} & {one for one in other if one}


@given(st.text(max_size=8))
def test_what_is_comparable_stays_so(text):
    once = comparable(pl.Series([text]))

    assert once.to_list() == comparable(once).to_list()


SAME = [
    ("ÅNGSTRÖM", "angstrom"), ("Łoś", "LOS"), ("O'Neil", "ONEIL"), ("straße", "STRASSE"), ("１２３", "123"),
    ("٣٤", "34"), ("José  María", "jose maria"), ("Æsir", "AESIR"), ("مُحَمَّد", "محمد"),
]  # fmt: skip
APART = [("AB1", "AB2"), ("Ann", "Anna"), ("कि", "का"), ("0123", "123")]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_the_same_identifier_written_otherwise(first, second):
    assert 1 == len({*made([(first,), (second,)])})


@pytest.mark.parametrize(("first", "second"), APART)
def test_other_identifiers_stay_apart(first, second):
    assert 2 == len({*made([(first,), (second,)])})


def test_what_is_absent_makes_no_pseudonym_and_parts_do_not_run_into_one_another():
    two = Pseudonym(("NAME", "NUMBER"), ("ONE",), Place("m"), (Line(("NONE",), "_N", Place("m")),))
    found = made([("A", "BC"), ("AB", "C"), ("A", None), (None, "C"), ("A", "-"), ("NONE", "C"), ("A", "BC")], rule=two)

    assert found[0] != found[1]
    assert [None, None, None, "NONE"] == found[2:6]
    assert found[0] == found[6]


def test_keys_one_after_another_are_what_rotation_makes():
    first = made([("X1",)])[0]
    expected = hmac.digest(OTHER.secret, first.encode(), "sha256").hex()[:32]

    assert [expected] == made([("X1",)], ONE, OTHER)


WEAK = {
    "changeme": "it has fewer than 32 signs",
    "": "it has fewer than 32 signs",
    "a" * 64: "it repeats itself",
    "0f1e2d3c" * 8: "it repeats itself",
    "abcdefghijklmnopqrstuvwxyz0123456789": "it counts up or down",
    "migstat-secret-password-example-key-for-tests": "it is made of words that everyone tries",
    "aabbccaacbbabcabbcacbacbbcaacbabcbabc": "it counts up or down",
    "1d1d19d1d99d1d9d11d9d9d1d19d1d9d1": "it has too few different signs",
}


@pytest.mark.parametrize("text", WEAK)
def test_a_weak_key_is_refused_without_a_word_of_it(text):
    assert f"the key is weak: {WEAK[text]}" == weakness(text)
    with pytest.raises(Misuse) as raised:
        read_keys(["K"], {"K": text, "K_FILE": ""})
    assert not text or text not in str(raised.value)


@given(st.integers(0, 2**256 - 1))
def test_random_keys_are_taken(number):
    key = new_key()

    assert "" == weakness(key)
    assert key not in repr(Key("K", key.encode()))


def test_where_keys_come_from(tmp_path):
    path = tmp_path / "persons.key"
    ms.make_key(path)
    text = path.read_text().strip()

    assert text.encode() == read_keys(["K"], {"K_FILE": str(path)})[0].secret
    assert os.name == "nt" or path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Misuse, match="perhaps the only copy of a key"):
        ms.make_key(path)
    assert text == path.read_text().strip()


GOOD = "4f09c2b7d1e68a35f17be02d94c6805a3"
PUT = "put the key into the environment variable K, or the path of a key file into K_FILE"
KEYS = [
    ({}, ["K"], "there is no key of this name", PUT),
    ({"K_FILE": "no/such/file"}, ["K"], "the key file cannot be read: No such file or directory", PUT),
    (
        {"K": "short"},
        ["K"],
        "the key is weak: it has fewer than 32 signs",
        "make one with: migstat pseudonym key --into FILE",
    ),
    ({"A": GOOD, "B": GOOD}, ["A", "B"], "two of the keys are the same", "name each key once"),
]


@pytest.mark.parametrize(("environment", "names", "what", "mend"), KEYS)
def test_wrong_keys(environment, names, what, mend):
    with pytest.raises(Misuse) as raised:
        read_keys(names, environment)

    assert [(", ".join(names), what, mend)] == [(one.component, one.what, one.mend) for one in raised.value.findings]


# Nothing of a person and nothing of a key leaves: every byte of every output is searched.

MAPPING = """\
id: TST_PERMITS
version: 1.0
into: RESIDENCE_PERMIT
source: {kind: administrative, by: Office, area: IRL, date: 2023, key: [N], identifiers: [NAME]}
rules:
  PERSON_ID: {pseudonym: [PASSPORT, {from: BORN, date: dd/mm/yyyy}], key: TEST_KEY}
  PERMIT_REASON: {from: REASON}
  VALID_FROM: {from: FROM, date: dd/mm/yyyy}
  VALID_TO: {from: TO, date: dd/mm/yyyy}
  SEX: {from: SEX}
  CITIZENSHIP: {from: CIT}
"""
PEOPLE = """\
N,NAME,PASSPORT,BORN,REASON,FROM,TO,SEX,CIT
1,Zebedee Quux,ZQ-7731902,13/07/1971,EMP,01/02/2022,31/12/2022,M,IND
2,Zebedee Quux,zq7731902,13/07/1971,FAM,01/01/2023,31/12/2023,M,IND
3,Xanthippe Vole,XV5519027,29/11/1983,EMP,01/02/2022,31/12/2022,F,BRA
4,Wilhelmina Yaffle,,30/11/1984,EMP,01/02/2022,31/12/2022,F,BRA
5,Ulysses Thrip,UT8810456,28/10/1985,NONSENSE,01/02/2022,31/12/2022,F,BRA
6,Ivor Knot,IK4402913,27/09/1986
7,"Ivor Knot,IK4402913,27/09/1986,EMP
"""
SECRETS = ("Zebedee", "Quux", "7731902", "Xanthippe", "Vole", "5519027", "Wilhelmina", "Yaffle", "Ulysses", "Thrip",
           "8810456", "Ivor", "Knot", "4402913", "13/07/1971", "1971-07-13", "29/11/1983", "28/10/1985")  # fmt: skip


def run(folder, *words, **environment):
    done = subprocess.run(
        [sys.executable, "-m", "migstat", *map(str, words)], capture_output=True, cwd=folder, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(ms.__file__).parents[1]), **environment},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_nothing_of_a_person_and_no_key_leaves(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "in" / "people.csv").write_text(PEOPLE, encoding="utf-8")
    old, new = new_key(), new_key()
    keys = {"TEST_KEY": old, "NEW_KEY": new}
    records = tmp_path / "out" / "TST_PERMITS.records.parquet"
    commands = [
        ("check", "in/mapping.yaml", "--explain"),
        ("harmonize", "in/mapping.yaml", "in/people.csv", "--into", "out"),
        ("harmonize", "in/mapping.yaml", "in/people.csv", "--into", "out2", "--json"),
        ("validate", "in/people.csv", "--mapping", "in/mapping.yaml", "--into", "out3", "--show-values"),
        ("pseudonym", "id", "--key", "TEST_KEY"),
        ("pseudonym", "rotate", records, "--old", "TEST_KEY", "--new", "NEW_KEY", "--into", "out/new.parquet"),
        ("pseudonym", "rotate", records, "--old", "NEW_KEY", "--new", "TEST_KEY", "--into", "out/no.parquet"),
        ("permits", records, "--into", "out/first.csv"),
        ("permits", records, "--count", "valid", "--at", "2022-06-01", "--json"),
        (
            "link",
            "in/people.csv",
            "--on",
            "PASSPORT",
            "--on",
            "NAME,BORN",
            "--key",
            "TEST_KEY",
            "--into",
            "out/l.parquet",
        ),
        ("link", "in/people.csv", "--on", "PASSPORT", "--on", "NAME,BORN", "--into", "out/m.parquet", "--json"),
        ("link", "in/people.csv", "--on", "PASSPRT", "--into", "out/n.parquet"),
        ("signs", f"TAX={records}", "--rule", "signs-12m", "--at", "2022-06-01", "--into", "out/s.parquet"),
    ]
    printed = [run(tmp_path, *words, **keys) for words in commands]
    printed += [run(tmp_path, *commands[1], TEST_KEY=old[:20]), run(tmp_path, *commands[1], TEST_KEY="")]
    printed += [run(tmp_path, *commands[1], TEST_KEY="", TEST_KEY_FILE=str(tmp_path / "in" / "people.csv"))]
    monkeypatch.setenv("TEST_KEY", old)
    for source in (tmp_path / "in" / "people.csv", pl.read_csv(PEOPLE.encode(), infer_schema=False, n_rows=5)):
        traced = ms.harmonize(
            source, tmp_path / "in" / "mapping.yaml", trace=tmp_path / f"{type(source).__name__}.parquet"
        )
        printed.append((0, repr((traced, traced.findings, traced.rejects.rows(), traced.provenance)).encode()))
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path.parent.name != "in"]
    pages = b"".join(text for _, text in printed)
    for path in written:
        pages += path.read_bytes()
        if path.suffix == ".parquet":
            pages += repr(pl.read_parquet(path).rows()).encode() + repr(read_provenance(path)).encode()

    assert [0, 1, 1] == [code for code, _ in printed[:3]]
    assert [1] == [code for code, _ in printed[6:7]]
    assert records in written
    assert b"migstat failed" not in pages
    assert [] == [secret for secret in (*SECRETS, old, new, old[:20]) if secret.encode() in pages]


def test_a_pseudonym_that_was_rotated_is_that_of_both_keys(tmp_path, monkeypatch):
    for name in ("TEST_KEY", "NEW_KEY"):
        monkeypatch.setenv(name, new_key())
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "both.yaml").write_text(MAPPING.replace("key: TEST_KEY", "key: [TEST_KEY, NEW_KEY]"), encoding="utf-8")
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    ms.harmonize(tmp_path / "people.csv", tmp_path / "mapping.yaml", into=tmp_path)
    provenance = ms.rotate(
        tmp_path / "TST_PERMITS.records.parquet", tmp_path / "new.parquet", old="TEST_KEY", new="NEW_KEY"
    )
    both = ms.harmonize(tmp_path / "people.csv", tmp_path / "both.yaml")
    rotated = pl.read_parquet(tmp_path / "new.parquet")

    assert both.records["PERSON_ID"].to_list() == rotated["PERSON_ID"].to_list()
    assert (
        both.provenance["pseudonyms"]
        == provenance["pseudonyms"]
        == read_provenance(tmp_path / "new.parquet")["pseudonyms"]
    )
    with pytest.raises(MigstatError, match="was not made with the key TEST_KEY"):
        ms.rotate(tmp_path / "new.parquet", tmp_path / "newer.parquet", old="TEST_KEY", new="NEW_KEY")
    assert not (tmp_path / "newer.parquet").exists()


def test_two_files_of_one_key_meet_and_of_two_do_not(tmp_path, monkeypatch):
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    frame = pl.read_csv(PEOPLE.encode(), infer_schema=False, n_rows=3)
    found = []
    for key in (shared := secrets.token_hex(32), shared, secrets.token_hex(32)):
        monkeypatch.setenv("TEST_KEY", key)
        run = ms.harmonize(frame.sample(fraction=1, shuffle=True), tmp_path / "mapping.yaml")
        found.append((set(run.records["PERSON_ID"]), run.provenance["pseudonyms"]["PERSON_ID"]["keys"]))

    assert 2 == len(found[0][0])
    assert found[0] == found[1]
    assert not found[0][0] & found[2][0]
    assert found[0][1] != found[2][1]


def test_every_engine_makes_the_same_or_says_that_it_cannot(constructor, tmp_path, monkeypatch):
    monkeypatch.setenv("TEST_KEY", new_key())
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    frame = pl.read_csv(PEOPLE.encode(), infer_schema=False, n_rows=3)
    expected = ms.harmonize(frame, tmp_path / "mapping.yaml").records["PERSON_ID"].to_list()
    native = constructor(frame.to_dict(as_series=False))
    if constructor.engine in {"duckdb", "pyspark"}:
        with pytest.raises(Misuse, match="not inside a database or Spark"):
            ms.harmonize(native, tmp_path / "mapping.yaml")
    else:
        rows = constructor.rows(ms.harmonize(native, tmp_path / "mapping.yaml").records)

        assert sorted(expected) == sorted(row["PERSON_ID"] for row in rows)
