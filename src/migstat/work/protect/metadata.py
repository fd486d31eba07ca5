"""Metadata of a protected table: what it says of itself, without numbers of people that nobody has protected."""

import re
from collections.abc import Mapping
from typing import Any

UNPROTECTED = "Not checked for disclosure"
_COUNTED = re.compile(r"\d[\d,.]* (records|numbers|cells)|weight \d|\d have none")


def published(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata without counts: of who is outside the universe, has no number, was rejected or left out.

    Such a count may be one person, and what is left out of a table and what is in it give the whole.

    >>> published({"notes": ["1 records (weight 2.0) are outside."], "universe": {"text": "AGE >= 15", "outside": 1}})
    {'notes': [], 'universe': {'text': 'AGE >= 15'}}
    """
    made = dict(metadata)
    if "notes" in made:
        made["notes"] = [one for one in made["notes"] if not (one.startswith(UNPROTECTED) or _COUNTED.search(one))]
    if "universe" in made:
        made["universe"] = {"text": made["universe"]["text"]}
    if "measures" in made:
        made["measures"] = [
            {key: value for key, value in one.items() if not key.startswith(("rows_", "weight_", "cells_"))}
            for one in made["measures"]
        ]
    if "provenance" in made:
        made["provenance"] = _without_steps(made["provenance"])
    return made


def _without_steps(facts: Any) -> Any:
    """Leave out how many rows each step took, of every file."""
    if isinstance(facts, Mapping):
        return {key: _without_steps(value) for key, value in facts.items() if key != "steps"}
    return [_without_steps(one) for one in facts] if isinstance(facts, list) else facts
