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
