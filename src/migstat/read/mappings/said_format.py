"""What somebody says of how a file is written, before there is a mapping: the keys of its format, in one text."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from migstat.read.mappings.faults import Faults
from migstat.read.mappings.source import FORMAT_KEYS, OF_KINDS, ONLY, format_of
from migstat.read.mappings.tables import Folder
from migstat.read.placed import Placed, parse_yaml
from migstat.words.finding import MigstatError, Misuse, Place, misuse
from migstat.words.yaml_text import flow

KEYS = tuple(key for key in FORMAT_KEYS if key not in ("layout", "table"))
PLACE = "format"


def said_format(said: str | Mapping[str, object], kind: str = "") -> dict[str, Any]:
    """Return what is said of a format: "encoding: cp1256, member: 'persons_*.csv'", with braces or without, or a dict.

    Only the keys that are said are in it. Raises Misuse with all that is wrong, such as a key that says nothing of a
    file of its ``kind``, where that is known.
    """
    if not isinstance(said, (str, Mapping)):
        raise misuse("a format is a text or a dict", 'write {"encoding": "cp1256"}, say', place=PLACE)
    text = said if isinstance(said, str) else ", ".join(f"{key}: {_flow(value)}" for key, value in said.items())
    if not text.strip():
        return {}
    faults = Faults()
    try:
        placed = parse_yaml(text if text.lstrip().startswith("{") else f"{{{text}}}", PLACE)
        if not placed.items:
            raise misuse(f"'{text[:80]}' says nothing of a format", 'write "encoding: cp1256", say', place=PLACE)
        if "layout" in placed.items:
            raise misuse("the layout of a draft is its codebook", "name it as codebook", place=PLACE)
        items = faults.keys(placed, KEYS, "format")
        record = faults.text(items, "record", "format")
        meant = {"kind": Placed(kind or _kind_meant(items), placed.place)}
        rest = {key: value for key, value in {**meant, **items}.items() if key != "record"}
        format = format_of(replace(placed, value=rest), Folder(None, faults), laid_by_waves=True)
        faults.settle()
    except MigstatError as error:
        # The text has no lines of its own to be named.
        raise Misuse([replace(one, place=Place(PLACE)) for one in error.findings]) from None
    return {key: record if key == "record" else getattr(format, key) for key in items}


def _kind_meant(items: Mapping[str, Placed]) -> str:
    """Return the kind of file that a key is of, where the kind itself is not said: a sheet is of a workbook."""
    kinds = [*((key, of[0]) for key, of in OF_KINDS.items() if key != "record"), *ONLY.items()]
    return next((kind for key, kind in kinds if key in items), "csv")


def _flow(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_flow(one) for one in value)}]"
    return flow(str(value).lower() if isinstance(value, bool) else str(value))
