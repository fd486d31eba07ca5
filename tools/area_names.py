"""Write codelists/names/cldr.csv: what Unicode CLDR calls each area, in the languages of the library and in its own."""

import csv
from pathlib import Path

from babel import Locale
from babel.core import UnknownLocaleError
from babel.languages import get_official_languages

from migstat.read.codelists import codelist
from migstat.work.names.spelling import key

TABLE = Path(__file__).resolve().parent.parent / "codelists" / "names" / "cldr.csv"
OURS = ("en", "fr", "es", "pt", "pt_PT", "de", "ar", "ru", "zh", "zh_Hant", "en_GB", "es_MX", "fr_CA", "de_AT", "de_CH")
EUROPE = (
    "it",
    "nl",
    "pl",
    "tr",
    "sv",
    "da",
    "nb",
    "fi",
    "uk",
    "ro",
    "el",
    "hu",
    "cs",
    "hr",
    "sr",
    "sr_Latn",
    "sk",
    "sl",
)
OTHERS = ("bg", "ja", "ko", "vi", "id", "fa", "hi", "he")


def rows() -> list[tuple[str, str, str, str]]:
    """Return area, languages and name; a spelling that another language has already said joins its row."""
    found: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for code in codelist("CL_AREA"):
        if code.attributes["kind"] != "country":
            continue
        territory = code.attributes["iso2"]
        own = [one.replace("-", "_") for one in get_official_languages(territory, regional=True, de_facto=True)]
        for tag in dict.fromkeys([*OURS, *EUROPE, *OTHERS, *own]):
            name = _name(tag, territory)
            if name:
                _, languages = found.setdefault((code.id, key(name)), (name, []))
                language = tag.split("_")[0]
                if language not in languages:
                    languages.append(language)
    return [(id, "name", " ".join(languages), name) for (id, _), (name, languages) in found.items()]


def _name(tag: str, territory: str) -> str | None:
    try:
        return Locale.parse(tag).territories.get(territory)
    except (UnknownLocaleError, ValueError):
        return None


if __name__ == "__main__":
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("areas", "kind", "languages", "name"))
        writer.writerows(rows())
