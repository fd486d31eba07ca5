"""Make extracts in the layouts of fifteen CCHS files, twelve public-use and three share; every record is invented."""

import csv
import io
import random
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROWS = 60
PROVINCES = ["10", "11", "12", "13", "24", "35", "46", "47", "48", "59", "60"]
WITHOUT_MISSING = ("cchs2001_p", "cchs2007_2008_p")
"""Cycles whose files hold no missing answers on immigration."""


def layouts() -> dict[str, list[str]]:
    """Return the columns of each file, in order."""
    found: dict[str, list[str]] = {}
    with (HERE / "layout.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            found.setdefault(line["wave"], []).append(line["column"])
    return found


def public(dice: random.Random, wave: str, column: str, kind: str) -> str:
    """Return the value of one column of a public-use file for a person of one kind."""
    born = {"native": ("1", "2", "6"), "immigrant": ("2", "1", dice.choice("12")), "descent": ("2", "2", "6")}
    unknown = {"silent": ("9", "9", "9"), "refused": ("8", "8", "8"), "unsure": ("7", "1", "2")}
    birth, immigrant, years = (born | unknown)[kind]
    if column.endswith(("GCBG", "GCB12", "GCB13", "DGCB")):
        return birth
    if column.endswith(("FIMM", "DVIMM")):
        return immigrant
    if column.endswith(("GRES", "DGRES")):
        return years
    if column.endswith("GAGE"):
        return str(dice.randint(1, 15 if wave < "cchs2005" else 16))
    if column.endswith("_SEX"):
        return dice.choice("12")
    if column.startswith("GEO"):
        return dice.choice(PROVINCES)
    if column.startswith("WTS"):
        return f"{1.07 + dice.expovariate(1 / 180):.2f}"
    return dice.choice("1269")


def share(dice: random.Random, wave: str, kind: str) -> dict[str, str]:
    """Return what a share file says on migration for a person of one kind."""
    year, cycle = dice.randint(1950, 2008), int(wave[4:8])
    region = str(dice.randint(2, 7))
    birth, descent, came, immigrant, years = {
        "native": ("1", "6", "9996", "2", "996"),
        "immigrant": (region, "2", str(year), "1", str(cycle - year)),
        "descent": (region, "1", "9996", "2", "996"),
        "silent": ("99", "9", "9999", "9", "999"),
        "refused": ("98", "8", "9998", "8", "998"),
        "unsure": ("97", "2", "9997", "1", "997"),
    }[kind]
    return {
        "GEO_PRV": dice.choice(PROVINCES),
        "DHH_SEX": dice.choice("12"),
        "SDC_2": descent,
        "SDC_3": came,
        "SDCGCB": birth,
        "SDCGCB10": birth,
        "SDCFIMM": immigrant,
        "SDCDRES": years,
        "WTS_M": f"{1.07 + dice.expovariate(1 / 180):.2f}",
        "WTS_S": f"{1.07 + dice.expovariate(1 / 160):.2f}",
    }


def extract(wave: str, columns: list[str]) -> str:
    """Return one file as text."""
    dice = random.Random(wave)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for _ in range(ROWS):
        odds = [78, 15, 2, 0, 0, 0] if wave in WITHOUT_MISSING else [76, 15, 2, 3, 2, 2]
        kind = dice.choices(["native", "immigrant", "descent", "silent", "refused", "unsure"], odds)[0]
        if wave.endswith("_s"):
            known = share(dice, wave, kind)
            writer.writerow([known.get(column, "96") for column in columns])
        else:
            writer.writerow([public(dice, wave, column, kind) for column in columns])
    return text.getvalue()


def main(folder: Path) -> None:
    """Write the extract."""
    folder.mkdir(parents=True, exist_ok=True)
    for wave, columns in layouts().items():
        (folder / f"{wave}.csv").write_text(extract(wave, columns), encoding="utf-8", newline="")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "extract")
