"""The wheel, installed where there is no checkout, does the main job."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory) -> Path:
    into = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(into), str(root)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert 0 == built.returncode, built.stdout + built.stderr
    return next(into.glob("migstat-*.whl"))


@dataclass(frozen=True)
class Installed:
    """An environment that has the wheel and what it depends on, and a folder to work in."""

    python: Path
    work: Path

    def run(self, *arguments: str) -> str:
        outside = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
        done = subprocess.run(
            [str(self.python.parent / arguments[0]), *arguments[1:]],
            cwd=self.work,
            env={**outside, "NO_COLOR": "1", "COLUMNS": "120"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert 0 == done.returncode, f"{' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Installed:
    home = tmp_path_factory.mktemp("away")
    venv.create(home / "env", with_pip=False, symlinks=True)
    python = home / "env" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel)], check=True)
    # The dependencies are borrowed from this environment by a path, which does not bring the editable install along.
    packages = next((home / "env").glob("lib/python*/site-packages"))
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    (home / "work").mkdir()
    return Installed(python, home / "work")


@pytest.mark.parametrize("folder", ["codelists", "schemas", "examples"])
def test_the_wheel_carries_the_data(root, wheel, folder):
    names = {
        path.relative_to(root).as_posix()
        for path in (root / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    with zipfile.ZipFile(wheel) as archive:
        carried = {name.removeprefix("migstat/_data/") for name in archive.namelist()}

    assert names
    assert set() == names - carried


def test_the_wheel_is_typed_and_has_no_tests(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()

    assert "migstat/py.typed" in names
    assert {"migstat", "dist-info"} == {name.split("/")[0].rpartition(".")[2] for name in names}


def test_it_is_the_installed_one_that_runs(installed):
    code = "import migstat, pathlib; print(pathlib.Path(migstat.__file__).parent.parent.name)"

    assert "site-packages" == installed.run("python", "-c", code).strip()


def test_help(installed):
    assert "harmonize" in installed.run("migstat", "--help")
    assert "harmonize" in installed.run("python", "-m", "migstat", "--help")


def test_codes(installed):
    assert "Female" in installed.run("migstat", "codes", "CL_SEX")


def test_the_main_job(installed):
    code = "from migstat.read.codelists import data_folder; print(data_folder('examples'))"
    example = Path(installed.run("python", "-c", code).strip()) / "usa_acs_2018"
    extract = example / "extract" / "csv_p00.zip"

    installed.run("migstat", "harmonize", "usa_acs_2018", str(extract), "--into", "build/")
    installed.run(
        *("migstat", "tabulate", "build/USA_ACS_2018.records.parquet", "--into", "build/stock.parquet"),
        *("--definition", "FOREIGN_BORN", "--by", "COUNTRY_BIRTH,SEX,AGE"),
    )

    assert (installed.work / "build" / "USA_ACS_2018.records.parquet").is_file()
    assert (installed.work / "build" / "stock.parquet").is_file()


def test_the_demo(installed):
    assert "USA_ACS_2018" in installed.run("migstat", "demo", "--into", "demo/")
    assert (installed.work / "demo" / "USA_ACS_2018.stock.sdmx.csv").is_file()
