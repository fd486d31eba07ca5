"""The commands protect and audit: files in, files out, and exit codes."""

import json

import polars as pl
import pytest

import migstat as ms
from migstat.cli import main


@pytest.fixture(scope="module")
def table(tmp_path_factory, root):
    folder = tmp_path_factory.mktemp("tables")
    run = ms.harmonize(
        root / "examples" / "arg_eph" / "extract" / "usu_individual_generated.txt",
        root / "examples" / "arg_eph" / "mapping.yaml",
    )
    made = ms.tabulate(run, definition="FOREIGN_BORN", by=["COUNTRY_BIRTH", "SEX"], levels={"COUNTRY_BIRTH": 1})
    for name in ("stock.parquet", "stock.csv", "stock.sdmx.csv"):
        ms.write_table(made, folder / name)
    return folder


def ran(*words):
    with pytest.raises(SystemExit) as stop:
        main([str(word) for word in words])
    return stop.value.code


@pytest.mark.parametrize("name", ["stock.parquet", "stock.csv", "stock.sdmx.csv"])
def test_a_table_is_protected_and_passes_the_audit(table, tmp_path, name, capsys):
    public = tmp_path / "public"
    code = ran("protect", table / name, "--policy", "THRESHOLD_3", "--into", public, "--why", tmp_path / "why.csv")
    made = ms.read_table(public / name)
    hidden = made.frame.filter(pl.col("OBS_VALUE").is_null())

    assert 0 == code
    assert hidden.height
    assert {"Q"} == set(hidden["OBS_STATUS"])
    assert not set(hidden["CONF_STATUS"]) - set("ADN")
    assert hidden["N_UNWEIGHTED"].is_null().all() if "N_UNWEIGHTED" in hidden.columns else True
    assert hidden.height == pl.read_csv(tmp_path / "why.csv").height
    assert "0 disclosed" in capsys.readouterr().out
    assert 0 == ran("audit", public / name, "--inner", table / name)


def test_why_is_not_written_among_what_is_published(table, tmp_path, capsys):
    why = tmp_path / "public" / "office" / "why.csv"
    code = ran("protect", table / "stock.csv", "--policy", "THRESHOLD_3", "--into", tmp_path / "public", "--why", why)

    assert 2 == code
    assert "would stand among what is published, in public" in capsys.readouterr().err
    assert not (tmp_path / "public").exists()


def test_people_known_by_a_broad_area_alone_are_no_false_disclosure(tmp_path, root, capsys):
    run = ms.harmonize(
        root / "examples" / "arg_eph" / "extract" / "usu_individual_generated.txt",
        root / "examples" / "arg_eph" / "mapping.yaml",
    )
    names = []
    for by, levels in (("COUNTRY_BIRTH,SEX", {}), ("COUNTRY_BIRTH,AGE", {"AGE": 0})):
        made = ms.tabulate(run, by=by, levels=levels)
        names.append(tmp_path / f"{by[14:]}.parquet".lower())
        ms.write_table(made, names[-1])

        assert {"COUNTRY_BIRTH": ["M49_002"]} == made.metadata["broad"]
    published = [tmp_path / "public" / name.name for name in names]

    assert 0 == ran("protect", *names, "--policy", "THRESHOLD_5", "--into", tmp_path / "public")
    assert 0 == ran("audit", *published)
    assert "0 disclosed" in capsys.readouterr().out


def test_the_audit_finds_what_primary_suppression_alone_leaves(table, tmp_path, capsys):
    made = ms.read_table(table / "stock.parquet")
    small = pl.col("N_UNWEIGHTED") < 3
    bare = made.frame.with_columns(
        pl.when(~small).then(pl.col(name)).alias(name) for name in ("OBS_VALUE", "N_UNWEIGHTED")
    )
    ms.write_table(type(made)(bare, made.structure, made.metadata), tmp_path / "bare.parquet")
    code = ran("audit", tmp_path / "bare.parquet", "--json")

    assert 1 == code
    assert json.loads(capsys.readouterr().out)["disclosed"]


def test_metadata_say_how_the_table_was_protected(table, tmp_path):
    ran("protect", table / "stock.parquet", "--policy", "THRESHOLD_3", "--into", tmp_path, "--quiet")
    made = ms.read_table(tmp_path / "stock.parquet")

    assert "THRESHOLD_3" == made.metadata["protection"]["policy"]["id"]
    assert not any("Not checked for disclosure" in note for note in made.metadata["notes"])
    assert "VALUE_LOST_PERCENT" not in json.dumps(made.metadata)


def test_metadata_of_a_protected_table_count_nobody(table, tmp_path, root):
    folder = root / "examples" / "arg_eph"
    run = ms.harmonize(folder / "extract" / "usu_individual_generated.txt", folder / "mapping.yaml")
    made = ms.tabulate(run, by="SEX", universe="AGE >= 98", measures=["count", "mean(AGE)"])
    outside = f"{made.metadata['universe']['outside']['rows']:,}"
    told = ms.protect(made, policy="THRESHOLD_5").tables[0].metadata

    assert any(outside in note for note in made.metadata["notes"])
    assert not any(outside in note for note in told["notes"])
    assert {"text": "AGE >= 98"} == told["universe"]
    assert not [key for one in told["measures"] for key in one if key.startswith(("rows_", "weight_"))]
    assert "steps" not in str(told["provenance"])


def test_the_same_table_gives_the_same_bytes(table, tmp_path):
    for folder in ("one", "two"):
        ran("protect", table / "stock.parquet", "--policy", "THRESHOLD_5", "--into", tmp_path / folder, "--quiet")

    assert (tmp_path / "one" / "stock.parquet").read_bytes() == (tmp_path / "two" / "stock.parquet").read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("protect", "no.csv", "--policy", "THRESHOLD_3", "--into", "x"), "no.csv\n  there is no such table"),
        (
            ("protect", "{t}", "--policy", "TRESHOLD_3", "--into", "x"),
            "there is no policy TRESHOLD_3\n  Mend: write THRESHOLD_3",
        ),
        (("protect", "{t}", "--policy", "no.yaml", "--into", "x"), "no.yaml\n  there is no such policy"),
        (("protect", "{t}", "{t}", "--policy", "THRESHOLD_3", "--into", "x"), "two tables are called stock.parquet"),
        (("protect", "{t}", "--policy", "THRESHOLD_3", "--into", "{f}"), "would be written over by its protected form"),
        (("protect", "{t}", "--policy", "CELL_KEY", "--into", "x"), "cell keys are sums of record keys"),
    ],
)
def test_wrong_commands(table, capsys, words, said):
    code = ran(*(word.format(t=table / "stock.parquet", f=table) for word in words))

    assert 2 == code
    assert said in capsys.readouterr().err


def test_cell_keys_of_records_come_from_the_secret(tmp_path, root, monkeypatch, capsys):
    folder = root / "examples" / "arg_eph"
    ms.harmonize(folder / "extract" / "usu_individual_generated.txt", folder / "mapping.yaml", into=tmp_path)
    records = tmp_path / "ARG_EPH.records.parquet"
    for name, by in (("sex", "COUNTRY_BIRTH,SEX"), ("age", "COUNTRY_BIRTH,AGE")):
        made = ms.tabulate(records, by=by, levels={"AGE": 0} if name == "age" else None, universe="AGE >= 15")
        ms.write_table(made, tmp_path / f"{name}.parquet")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "noise.csv").write_text("i,j,p\n0,0,1\n1,0,0.5\n1,2,0.5\n2,1,0.5\n2,3,0.5\n", encoding="utf-8")
    policy = tmp_path / "own" / "policy.yaml"
    policy.write_text("id: OURS\nversion: 1.0\nmethod: cell_key\ntable: noise.csv\n", encoding="utf-8")
    tables = [tmp_path / "sex.parquet", tmp_path / "age.parquet"]
    words = ["protect", *tables, "--policy", policy, "--records", records, "--into"]
    monkeypatch.delenv("MIGSTAT_KEY", raising=False)

    assert 2 == ran(*words, tmp_path / "none")
    assert "set MIGSTAT_KEY to a secret" in capsys.readouterr().err

    monkeypatch.setenv("MIGSTAT_KEY", "a secret that the office keeps")

    assert 0 == ran(*words, tmp_path / "one")
    assert 0 == ran(*words, tmp_path / "two")
    for name in ("sex.parquet", "age.parquet"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    sex, age = (ms.read_table(tmp_path / "one" / one.name).frame for one in tables)
    true = ms.read_table(tables[0]).frame
    areas = pl.col("SEX") == "_T", pl.col("AGE") == "_T"
    same = ["COUNTRY_BIRTH", "MIGRANT", "OBS_VALUE"]
    pairs = true.select(same).with_columns(pl.Series("found", sex["OBS_VALUE"])).filter(pl.col("OBS_VALUE") > 0)

    assert sex.filter(areas[0]).select(same).sort(same).equals(age.filter(areas[1]).select(same).sort(same))
    assert pairs.filter(pl.col("found") != pl.col("OBS_VALUE")).height == pairs.height
