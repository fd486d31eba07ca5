"""Make an extract of IPUMS International, fixed width with its codebook in DDI; every record is invented.

Four samples are in the file, and one person of every other country.
"""

import csv
import random
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).parent
NAME = "ipumsi_00001.dat"
CODEBOOK = "IPUMSI_00001.xml"
SAMPLES = {
    # country, year: births in the country, weight, and what the sample did not ask
    ("404", "1999"): ("11060", 20, {"YRSIMM2"}),
    ("840", "1990"): ("24040", 19, {"MIGRATE1", "MIGCTRY1", "MIGCAUSE", "YRSIMM2"}),
    ("032", "2010"): ("23010", 10, {"BPLCOUNTRY", "CITIZEN", "MIGRATE1", "MIGCTRY1", "MIGCTRY5", "YRSIMM", "YRIMM"}),
    ("703", "1991"): ("41090", 10, {"NATIVITY", "MIGCTRY1", "MIGCTRY5", "YRSIMM"}),
}


MOVED = {
    "00": "NIU (not in universe)",
    "10": "Same major administrative unit",
    "11": "Same major, same minor administrative unit",
    "12": "Same major, different minor administrative unit",
    "20": "Different major administrative unit",
    "30": "Abroad",
    "99": "Unknown/missing",
}
CATEGORIES = {
    "URBAN": {"1": "Rural", "2": "Urban", "9": "Unknown"},
    "SEX": {"1": "Male", "2": "Female", "9": "Unknown"},
    "MARST": {
        "0": "NIU (not in universe)",
        "1": "Single/never married",
        "2": "Married/in union",
        "3": "Separated/divorced/spouse absent",
        "4": "Widowed",
        "9": "Unknown/missing",
    },
    "NATIVITY": {"0": "NIU (not in universe)", "1": "Native-born", "2": "Foreign-born", "9": "Unknown/missing"},
    "EDATTAIN": {
        "0": "NIU (not in universe)",
        "1": "Less than primary completed",
        "2": "Primary completed",
        "3": "Secondary completed",
        "4": "University completed",
        "9": "Unknown",
    },
    "EMPSTAT": {
        "0": "NIU (not in universe)",
        "1": "Employed",
        "2": "Unemployed",
        "3": "Inactive",
        "9": "Unknown/missing",
    },
    "MIGRATE1": MOVED,
    "MIGRATE5": MOVED,
}
"""Labels of the small variables; the true codebook has those of all."""


def listed(name: str) -> list[str]:
    """Return the values of a recode table."""
    with (HERE / "tables" / name).open(encoding="utf-8", newline="") as file:
        return [line["from"] for line in csv.DictReader(file)]


BIRTHPLACES = [
    "11170", "11160", "11150", "12060", "13010", "13020", "14040", "15130", "19990", "21080", "21180", "22060",
    "23060", "24020", "29990", "31010", "31030", "32040", "32100", "33110", "34150", "39990", "41030", "41080",
    "41100", "42070", "43050", "43144", "44020", "44040", "51010", "54060", "60000", "99999",
]  # fmt: skip
"""Some of the places of birth of the correspondence, with groups, former States and places that are not known."""


def persons() -> Iterator[dict[str, str]]:
    """Yield the persons of each sample; at the end four that no rule covers."""
    dice = random.Random(1790)
    births, causes = cycle(BIRTHPLACES), cycle(listed("migcause.csv"))
    homes = {1: cycle(listed("migctry5.csv")), 5: cycle(listed("migctry5.csv"))}
    for (country, year), (native, weight, unasked) in SAMPLES.items():
        for number in range(440 if year == "1999" else 110):
            row = person(dice, int(year), native, births, homes, causes)
            head = {"COUNTRY": country, "YEAR": year, "SAMPLE": f"{country}{year}01", "PERNUM": str(1 + number % 3)}
            head |= {"SERIAL": f"{1000 * (1 + number // 3)}", "GEOLEV1": f"{country}{1 + number % 9:03}"}
            head |= {"HHWT": f"{weight}00", "PERWT": f"{weight}00"}
            yield head | row | dict.fromkeys(unasked, "")
    for number, country in enumerate(listed("citizenship.csv")):
        head = {"COUNTRY": country, "YEAR": "2000", "SAMPLE": f"{country}200001", "SERIAL": "1000", "PERNUM": "1"}
        row = person(dice, 2000, next(births), births, homes, causes) | {"CITIZEN": "123"[number % 3]}
        yield head | row | {"GEOLEV1": f"{country}001", "HHWT": "1000", "PERWT": "1000"}
    odd = {"SAMPLE": "404199901", "COUNTRY": "404", "YEAR": "1999", "SERIAL": "999000", "HHWT": "2000"}
    odd |= {"PERWT": "2000", "URBAN": "1", "AGE": "040", "SEX": "1", "MARST": "2", "NATIVITY": "2", "EDATTAIN": "1"}
    odd |= {"EMPSTAT": "1", "BPLCOUNTRY": "11160", "CITIZEN": "4"}
    wrong = [{"BPLCOUNTRY": "77777"}, {"SEX": "3"}, {"MIGRATE5": "30", "MIGCTRY5": "90000"}, {"YRIMM": "19x4"}]
    for number, fault in enumerate(wrong, 1):
        yield odd | {"PERNUM": str(number)} | fault


def person(
    dice: random.Random,
    year: int,
    native: str,
    births: Iterator[str],
    homes: dict[int, Iterator[str]],
    causes: Iterator[str],
) -> dict[str, str]:
    """Return one person as the codes of that sample say it."""
    age = dice.choice([0, *range(1, 101), 999])
    abroad = dice.random() < 0.35
    stay = dice.randrange(min(age, 60) + 1)
    known = dice.random() > 0.05
    before = {
        1: "00" if age < 1 else dice.choices(["10", "11", "12", "20", "30", "99", "00"], [3, 10, 4, 4, 76, 2, 2])[0]
    }
    before[5] = (
        "00" if age < 5 else dice.choices(["10", "11", "12", "20", "30", "99", "00"], [3, 10, 4, 4, 77, 2, 2])[0]
    )
    moved = any(code not in ("00", "11") for code in before.values())
    place = next(births) if abroad else native
    return {
        "URBAN": dice.choice("1229"),
        "MOMLOC": "000" if age > 20 else "002",
        "POPLOC": "000",
        "AGE": f"{age:03}",
        "SEX": dice.choices("129", [50, 50, 1])[0],
        "MARST": "0" if age < 12 else dice.choice("123429"),
        "NATIVITY": "9" if place == "99999" else "2" if abroad else "1",
        "BPLCOUNTRY": place,
        "CITIZEN": dice.choice("123458") if abroad else dice.choices("1289", [30, 60, 3, 7])[0],
        "YRIMM": "0000" if not abroad else str(year - stay) if known else dice.choice(["9998", "9999"]),
        "YRSIMM": "99" if not abroad else f"{stay:02}" if known else "98",
        "YRSIMM2": "9" if not abroad else "8" if not known else "1234"[(stay >= 1) + (stay >= 5) + (stay >= 10)],
        "EDATTAIN": "0" if age < 5 else dice.choice("12349"),
        "EMPSTAT": "0" if age < 15 else dice.choice("1113239"),
        "MIGRATE1": before[1],
        "MIGCTRY1": next(homes[1]) if before[1] == "30" else "00000",
        "MIGRATE5": before[5],
        "MIGCTRY5": next(homes[5]) if before[5] == "30" else "00000",
        "MIGCAUSE": next(causes) if moved else "00",
        "BPLCOUNTRY_MOM": next(births) if age <= 20 else "",
        "BPLCOUNTRY_POP": native if age <= 15 else "",
    }


def layout() -> list[dict[str, str]]:
    """Return the columns with their places, as IPUMS writes them with an extract."""
    with (HERE / "layout.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def extract() -> str:
    """Return the whole file: zeros in front of numbers, two implied decimals in the weights, blanks where not asked."""
    columns = [(line["column"], int(line["start"]), int(line["width"])) for line in layout()]
    lines = []
    for row in persons():
        line = ""
        for name, start, width in columns:
            value = row.get(name, "")
            line = line.ljust(start - 1) + (value.zfill(width) if value.isdecimal() else value.rjust(width))
        lines.append(line)
    return "\n".join(lines) + "\n"


def codebook() -> str:
    """Return the codebook of the extract in DDI 2.5, in the form in which IPUMS writes it."""
    root = ElementTree.Element("codeBook", {"ID": "ipumsi_00001", "version": "2.5", "xmlns": "ddi:codebook:2_5"})
    study = ElementTree.SubElement(ElementTree.SubElement(root, "stdyDscr"), "citation")
    title = ElementTree.SubElement(ElementTree.SubElement(study, "titlStmt"), "titl")
    title.text = "IPUMS-International, User Extract ipumsi_00001.dat (invented)"
    file = ElementTree.SubElement(ElementTree.SubElement(root, "fileDscr", {"ID": "F1"}), "fileTxt")
    ElementTree.SubElement(file, "fileName").text = NAME
    data = ElementTree.SubElement(root, "dataDscr")
    for line in layout():
        start, width = int(line["start"]), int(line["width"])
        said = {"ID": line["column"], "name": line["column"], "files": "F1", "dcml": line["decimals"]}
        one = ElementTree.SubElement(data, "var", said)
        place = {"StartPos": str(start), "EndPos": str(start + width - 1), "width": str(width)}
        ElementTree.SubElement(one, "location", place)
        ElementTree.SubElement(one, "labl").text = line["label"]
        for value, label in CATEGORIES.get(line["column"], {}).items():
            category = ElementTree.SubElement(one, "catgry")
            ElementTree.SubElement(category, "catValu").text = value
            ElementTree.SubElement(category, "labl").text = label
        ElementTree.SubElement(one, "varFormat", {"type": "numeric"})
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def main(folder: Path) -> None:
    """Write the extract; its codebook lies beside the mapping."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text(extract(), encoding="utf-8", newline="")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "extract")
    (HERE / CODEBOOK).write_text(codebook(), encoding="utf-8", newline="")
