"""Write the correspondences in codelists/maps/: others' codes to ours, from fact tables and from our own codelists.

python tools/correspondences.py FACTS    where FACTS is the folder with national_sources.csv and sex_crosswalk.csv
"""

import csv
import io
import sys
from itertools import combinations
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
INTO = ROOT / "codelists" / "maps"
HEAD = ("from", "to", "match", "because", "label", "confidence")
GUESS = "general knowledge, to be confirmed"
READ = {"verified": "verified", "secondary source": "secondary source"}
AGGREGATE = "an aggregate: never sum it with its parts"
ABOUT_ISO = "Codes that follow ISO 3166-1 without an exception that is known are taken from it"


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def codelist(id):
    return {row["id"]: row for row in rows(ROOT / "codelists" / f"{id}.csv")}


AREA, BIRTH, CITIZEN = codelist("CL_AREA"), codelist("CL_COUNTRY_BIRTH"), codelist("CL_CITIZENSHIP")
COUNTRIES = {id: row for id, row in AREA.items() if row["iso2"]}
LISTS = {"CL_AREA": AREA, "CL_COUNTRY_BIRTH": BIRTH, "CL_CITIZENSHIP": CITIZEN}


def line(value, to, label="", confidence=GUESS, match="exact", because=""):
    return dict(zip(HEAD, (value, to, match, because, label, confidence), strict=True))


def name(to):
    return next((codes[to]["name_en"] for codes in LISTS.values() if to in codes), "")


def iso(column, target, exceptions, skip=()):
    """Lines of all countries by their ISO code, but for the exceptions: other spelling to code, with confidence."""
    replaced = {to for _, to, *_ in exceptions} | set(skip)
    taken = {value for value, *_ in exceptions}
    found = [line(value, to, name(to), confidence) for value, to, confidence in exceptions if to in LISTS[target]]
    for id, row in COUNTRIES.items():
        value = id if column == "iso3" else row["iso2"]
        if id in LISTS[target] and id not in replaced and value not in taken:
            found.append(line(value, id, name(id)))
    return found


def common(codes):
    """The nearest region that holds all of several areas, or the residual: a code of several is never given to one."""
    chains = []
    for code in codes:
        chain, at = [], BIRTH[code]["parent"]
        while at:
            chain.append(at)
            at = BIRTH[at]["parent"]
        chains.append(chain)
    return next((region for region in chains[0] if all(region in chain for chain in chains)), "_O")


def facts(folder, source, variable):
    return [
        row for row in rows(folder / "national_sources.csv") if (row["source"], row["variable"]) == (source, variable)
    ]


def eurostat(folder):
    spelt = [("EL", "GRC", "secondary source"), ("UK", "GBR", "secondary source"), ("XK", "XKX", "secondary source")]
    about = (
        "Eurostat: EL is Greece and UK the United Kingdom; NAT is the reporting country, which only the data can say"
    )
    for id, target in (
        ("ESTAT_GEO", "CL_AREA"),
        ("ESTAT_C_BIRTH", "CL_COUNTRY_BIRTH"),
        ("ESTAT_CITIZEN", "CL_CITIZENSHIP"),
    ):
        found = iso("iso2", target, spelt)
        for row in facts(folder, "ESTAT", "CITIZEN/C_BIRTH/GEO"):
            code, to, said, sure = row["code"], row["target"], row["meaning"], READ[row["confidence"]]
            if code in {"EL", "UK", "XK"}:
                continue
            if id == "ESTAT_GEO" and code not in {"EU28", "AFR", "ASI"}:
                continue
            if code == "NAT":
                found.append(line(code, "", said, sure, "relative", "the reporting country: say it by a case"))
            elif to in {"aggregate", "FOR", "FOR_STLS"}:
                found.append(line(code, "", said, sure, "aggregate", AGGREGATE))
            elif to == "_T":
                found.append(line(code, "_T", said, sure, "aggregate", AGGREGATE))
            elif code in LISTS[target]:
                found.append(line(code, code, said, sure))
            elif to in {"_U", "_N"}:
                found.append(line(code, to, said, sure))
            elif to == "STLS" and target != "CL_CITIZENSHIP":
                continue
            else:
                why = "whether recognised non-citizens are foreign is a choice" if to == "RNC" else ""
                found.append(line(code, to if to in LISTS[target] else "_O", said, sure, "residual", why))
        yield (
            id,
            target,
            f"Eurostat codes of {'areas' if target == 'CL_AREA' else 'birth' if 'BIRTH' in id else 'citizenship'}",
            about,
            found,
        )
    yield "ESTAT_SEX", "CL_SEX", "Eurostat codes of sex", "", sex(folder, "ESTAT")
    ages = [
        line("TOTAL", "_T", "Total", "secondary source", "aggregate", AGGREGATE),
        line("UNK", "_U", "Unknown", "secondary source"),
    ]
    for id in codelist("CL_AGE"):
        if id.startswith("Y"):
            low, _, high = id[1:].partition("T")
            value = f"Y{low}-{high}" if high and low.isdecimal() else id
            ages.append(line("Y_LT1" if id == "Y0" else value, id, codelist("CL_AGE")[id]["name_en"]))
    seen, once = set(), []
    for one in ages:
        if one["from"] not in seen:
            once.append(one)
            seen.add(one["from"])
    about = (
        "Eurostat writes classes with a hyphen (Y15-19); classes and single years overlap, so sum one set of them only"
    )
    yield "ESTAT_AGE", "CL_AGE", "Eurostat codes of age", about, once
    yield from flags()


def flags():
    """Compound flags such as bep: each set of up to three letters, one status, one confidentiality."""
    status = {"z": "M", "b": "B", "f": "F", "s": "I", "e": "E", "p": "P", "u": "U", "d": "D", "n": "N"}
    letters = "bcdefnprsuz"
    found, closed = (
        [line("", "A", "no flag"), line(":", "O", "not available")],
        [line("", "F", "no flag"), line(":", "F")],
    )
    for size in (1, 2, 3):
        for some in combinations(letters, size):
            flag = "".join(some)
            said = [letter for letter in status if letter in some]
            others = said[1:]
            because = f"one status for several: also {', '.join(status[letter] for letter in others)}" if others else ""
            match = "broader" if others else "exact"
            found.append(line(flag, status[said[0]] if said else "A", "", GUESS, match, because))
            closed.append(line(flag, "C" if "c" in some else "F"))
    about = (
        "A compound flag (bep) is split: the status that limits the use of the value most is kept, the others are named. "
        "The order z b f s e p u d n is a proposal of this library; the meanings of the letters are to be confirmed"
    )
    yield "ESTAT_FLAG_STATUS", "CL_OBS_STATUS", "Eurostat flags to observation status", about, found
    yield "ESTAT_FLAG_CONF", "CL_CONF_STATUS", "Eurostat flags to confidentiality", about, closed


def sex(folder, source):
    found = []
    for row in rows(folder / "sex_crosswalk.csv"):
        if row["source"] == source:
            total = row["target"] == "_T"
            more = ("aggregate", AGGREGATE) if total else ("exact", row["note"])
            found.append(line(row["code"], row["target"], row["meaning"], READ.get(row["confidence"], GUESS), *more))
    return found


def oecd(folder):
    for id, target in (("OECD_BIRTH", "CL_COUNTRY_BIRTH"), ("OECD_CITIZENSHIP", "CL_CITIZENSHIP")):
        special = []
        for row in facts(folder, "OECD_IMD", "CITIZENSHIP"):
            code, to, said, sure = row["code"], row["target"], row["meaning"], READ[row["confidence"]]
            if to == "_T":
                special.append(line(code, "_T", said, sure, "aggregate", AGGREGATE))
            elif to == "NAT":
                special.append(line(code, "", said, sure, "relative", "the reporting country: say it by a case"))
            elif to in LISTS[target]:
                special.append(line(code, to, said, sure))
        about = "OECD: former states end in _F and stay what they were; XKV is Kosovo"
        what = "birth" if target == "CL_COUNTRY_BIRTH" else "citizenship"
        yield id, target, f"OECD codes of {what}", about, [*iso("iso3", target, [], ["XKX"]), *special]
    about = "There is no code for men: they are the total less the women, never a code"
    yield "OECD_SEX", "CL_SEX", "OECD codes of sex", about, sex(folder, "OECD_IMD")


def ilo():
    about = "ILOSTAT; areas beginning with X are regions and groups, and are not listed"
    yield "ILO_AREA", "CL_AREA", "ILOSTAT codes of areas", about, iso("iso3", "CL_AREA", [("KOS", "XKX", GUESS)])
    named = {"SEX_F": "F", "SEX_M": "M", "SEX_O": "_O"}
    found = [line("SEX_T", "_T", "Total", GUESS, "aggregate", AGGREGATE)]
    yield "ILO_SEX", "CL_SEX", "ILOSTAT codes of sex", "", [*found, *(line(value, to) for value, to in named.items())]
    ages, sets = codelist("CL_AGE"), {
        "AGE_YTHADULT": ["YGE15", "Y15-64", "Y15-24", "YGE25"],
        "AGE_5YRBANDS": [f"Y{low:02}-{low + 4:02}" for low in range(0, 65, 5)] + ["YGE65"],
        "AGE_10YRBANDS": [f"Y{low}-{low + 9}" for low in range(15, 65, 10)] + ["YGE65"],
        "AGE_AGGREGATE": ["Y15-24", "Y25-54", "Y55-64", "YGE65"],
    }  # fmt: skip
    found = []
    for stem, classes in sets.items():
        found.append(line(f"{stem}_TOTAL", "_T", "Total", GUESS, "aggregate", AGGREGATE))
        for one in classes:
            low, _, high = one.removeprefix("Y").partition("-")
            to = f"Y_GE{low[2:]}" if low.startswith("GE") else f"Y{int(low)}T{int(high)}"
            if to in ages:
                found.append(line(f"{stem}_{one}", to, ages[to]["name_en"]))
    yield "ILO_AGE", "CL_AGE", "ILOSTAT codes of age", "Four sets of classes that overlap: sum one of them only", found


def unhcr(folder):
    listed = [row for row in facts(folder, "UNHCR", "coo/coa") if row["target"] or row["code"] == "TIB"]
    taken = {row["code"] for row in listed}
    about = (
        "UNHCR has letters of its own: AUS is Austria and AUL Australia, ARE is Egypt and UAE the Emirates, MAR is "
        "Martinique and MOR Morocco. NA is a text. Codes that are ISO alpha-3 without a known exception are taken from it"
    )
    for id, target in (("UNHCR_ORIGIN", "CL_CITIZENSHIP"), ("UNHCR_ASYLUM", "CL_AREA")):
        found = []
        for row in listed:
            sure = READ.get(row["confidence"], GUESS)
            if row["code"] == "TIB":
                found.append(line("TIB", "_O", row["meaning"], sure, "residual", "a group of origin, not a state"))
            elif row["target"] in LISTS[target]:
                found.append(line(row["code"], row["target"], row["meaning"], sure))
        special = {row["target"] for row in listed}
        for iso3 in COUNTRIES:
            if iso3 in LISTS[target] and iso3 not in special and iso3 not in taken:
                found.append(line(iso3, iso3, name(iso3)))
        what = "origin, as the citizenship" if target == "CL_CITIZENSHIP" else "asylum"
        yield id, target, f"UNHCR codes of the country of {what}", about, found


def undesa():
    found, spelt = [], {}
    for id, row in AREA.items():
        if not row["m49"]:
            continue
        region = row["kind"] == "region"
        more = ("verified", "aggregate", AGGREGATE) if region else ("verified",)
        for value in dict.fromkeys((row["m49"], row["m49"].lstrip("0"))):
            found.append(line(value, "" if region else id, row["name_en"], *more))
        if not region:
            for language in ("en", "fr", "es", "ar", "ru", "zh"):
                spelt.setdefault(row[f"name_{language}"], set()).add(id)
    found += [line("900", "", "World", GUESS, "aggregate", AGGREGATE)]
    about = "M49 has three digits; spreadsheets eat the zeros in front, so both spellings are listed"
    yield "UNDESA_M49", "CL_AREA", "UN DESA codes of areas (M49)", about, found
    names = [line(text, min(ids), "", "verified") for text, ids in sorted(spelt.items()) if len(ids) == 1]
    about = "M49 names in six languages; a name that two areas share is left out"
    yield "UNDESA_NAME", "CL_AREA", "UN DESA names of areas", about, names


def world_bank():
    groups = {
        "WLD": "World", "AFE": "Africa Eastern and Southern", "AFW": "Africa Western and Central", "ARB": "Arab World",
        "CEB": "Central Europe and the Baltics", "CSS": "Caribbean small states", "EAP": "East Asia and Pacific (developing)",
        "EAS": "East Asia and Pacific", "ECA": "Europe and Central Asia (developing)", "ECS": "Europe and Central Asia",
        "EMU": "Euro area", "EUU": "European Union", "FCS": "Fragile and conflict affected situations", "HIC": "High income",
        "HPC": "Heavily indebted poor countries", "IBD": "IBRD only", "IBT": "IDA and IBRD total", "IDA": "IDA total",
        "IDB": "IDA blend", "IDX": "IDA only", "INX": "Not classified", "LAC": "Latin America and Caribbean (developing)",
        "LCN": "Latin America and Caribbean", "LDC": "Least developed countries", "LIC": "Low income",
        "LMC": "Lower middle income", "LMY": "Low and middle income", "LTE": "Late-demographic dividend",
        "MEA": "Middle East and North Africa", "MIC": "Middle income", "MNA": "Middle East and North Africa (developing)",
        "NAC": "North America", "OED": "OECD members", "OSS": "Other small states", "PRE": "Pre-demographic dividend",
        "PSS": "Pacific island small states", "PST": "Post-demographic dividend", "SAS": "South Asia",
        "SSA": "Sub-Saharan Africa (developing)", "SSF": "Sub-Saharan Africa", "SST": "Small states",
        "EAR": "Early-demographic dividend", "UMC": "Upper middle income",
    }  # fmt: skip
    older = {"ROM": "ROU", "ZAR": "COD", "TMP": "TLS", "WBG": "PSE", "ADO": "AND", "IMY": "IMN", "KSV": "XKX"}
    found = iso("iso3", "CL_AREA", [])
    found += [line(value, to, name(to), GUESS, "exact", "an older spelling") for value, to in older.items()]
    region = next((id for id in ("M49_830", "M49_154") if id in AREA), "_O")
    found.append(line("CHI", region, "Channel Islands", GUESS, "broader", "Guernsey and Jersey are apart in ISO"))
    found += [line(value, "", said, GUESS, "aggregate", AGGREGATE) for value, said in groups.items()]
    yield "WB_AREA", "CL_AREA", "World Bank codes of areas", "The World Bank's groups and regions are aggregates", found


def ipums(folder):
    found = []
    for row in facts(folder, "IPUMS_I", "BPLCOUNTRY"):
        code, to, said, sure = row["code"], row["target"], row["meaning"], READ.get(row["confidence"], GUESS)
        if "|" in to:
            region = common(to.split("|"))
            match = "broader" if region != "_O" else "residual"
            found.append(line(code, region, said, sure, match, f"{row['note']} ({to.replace('|', ', ')})"))
        elif to == "_O":
            found.append(line(code, to, said, sure, "residual", row["note"]))
        elif to in BIRTH:
            found.append(line(code, to, said, sure, "exact", row["note"]))
    known = {one["from"] for one in found}
    for row in rows(folder / "missing_codes.csv"):
        if (row["source"], row["variable"]) == ("IPUMS_I", "BPLCOUNTRY") and row["code"] not in known:
            found.append(line(row["code"], row["sdmx_missing"], row["meaning"], READ.get(row["confidence"], GUESS)))
    about = "A code of several areas, or of a former state and its successor, becomes the region that holds them all"
    yield "IPUMSI_BPL", "CL_COUNTRY_BIRTH", "IPUMS International, country of birth (BPLCOUNTRY)", about, found


SOURCES = {
    "ESTAT": "Eurostat code lists, as described by programs that use them",
    "OECD": "OECD International Migration Database, code lists",
    "ILO": "ILOSTAT code lists",
    "UNHCR": "UNHCR Refugee Data Finder, codes as they stand in its data",
    "UNDESA": "UN Statistics Division, M49 area tables in six languages (public domain copy)",
    "WB": "World Bank, World Development Indicators, country and group codes",
    "IPUMSI": "IPUMS International, labels of BPLCOUNTRY",
}


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main(folder):
    INTO.mkdir(exist_ok=True)
    made = [*eurostat(folder), *oecd(folder), *ilo(), *unhcr(folder), *undesa(), *world_bank(), *ipums(folder)]
    for id, target, title, about, lines in made:
        text = io.StringIO()
        writer = csv.DictWriter(text, HEAD, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
        (INTO / f"{id}.csv").write_text(text.getvalue(), encoding="utf-8")
        sure = {one["confidence"] for one in lines}
        standing = GUESS if GUESS in sure else "derived"
        said = [about, ABOUT_ISO] if "iso" in about.lower() or id in {"ESTAT_GEO", "ILO_AREA", "WB_AREA"} else [about]
        head = {
            "id": id, "target": target, "version": "1.0", "name": title,
            "description": ". ".join(one for one in said if one),
            "source": SOURCES[id.partition("_")[0]], "standing": standing,
            "licence": "Apache-2.0; the codes are facts",
        }  # fmt: skip
        toml = "".join(f"{key} = {quoted(value)}\n" for key, value in head.items())
        (INTO / f"{id}.toml").write_text(toml, encoding="utf-8")
        print(f"{id}: {len(lines)} lines")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
