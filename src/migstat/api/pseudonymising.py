"""Pseudonyms of a run: the keys are fetched, identifiers give way to pseudonyms as soon as they are read."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import narwhals as nw
import polars as pl

from migstat.read.secret_keys import read_keys
from migstat.words.finding import Misuse, misuse
from migstat.words.mapping_rule import DateRule
from migstat.words.secret import Key
from migstat.work.harmonize.plan import PSEUDONYM, Plan
from migstat.work.harmonize.text import as_text
from migstat.work.pseudonyms.keyed import pseudonyms

EXAMPLE = Key("EXAMPLE", b"the examples of a mapping are made up, and so is their key")
"""The key of the examples in a mapping, which are checked where nobody has the true one."""


def with_keys(plan: Plan) -> Plan:
    """Fetch the keys of a plan. Raise Misuse where one is missing or weak, all at once, each where the rule stands."""
    keys: dict[str, tuple[Key, ...]] = {}
    faults = []
    for component, rule in plan.pseudonyms.items():
        try:
            keys[component] = read_keys(rule.keys)
        except Misuse as error:
            faults += [replace(one, place=rule.place, component=component, what=f"{one.component}: {one.what}")
                       for one in error.findings]  # fmt: skip
    if faults:
        raise Misuse(faults)
    return replace(plan, keys=keys)


def with_example_keys(plan: Plan) -> Plan:
    """Give a plan a key that protects nothing, for the made-up rows of a mapping."""
    return replace(plan, keys=dict.fromkeys(plan.pseudonyms, (EXAMPLE,)))


def pseudonymised(part: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Return a part with pseudonyms in the place of every identifier."""
    if not plan.pseudonyms:
        return part
    format = plan.mapping.source.format
    read = [plan.aliases.get(name, name) for rule in plan.pseudonyms.values() for name in rule.columns]
    text = as_text(
        nw.from_native(part.select(list(dict.fromkeys(read))), eager_only=True), read, format.missing, format.trim
    )
    given = text.to_native()
    made = [
        pseudonyms(given, rule, plan.keys[component], plan.aliases).alias(PSEUDONYM.format(component))
        for component, rule in plan.pseudonyms.items()
    ]
    return part.drop(plan.secret, strict=False).with_columns(made)


def pseudonymised_lazily(frame: Any, plan: Plan) -> Any:
    """Return a lazy Polars frame with pseudonyms in the place of every identifier; other engines cannot make them."""
    native = nw.to_native(frame)
    if not isinstance(native, pl.LazyFrame):
        what = "pseudonyms are made by migstat itself, and not inside a database or Spark"
        raise misuse(
            what, "hand in the file, or make the pseudonyms first: migstat link EXTRACT --on PASSPORT --key KEY"
        )
    schema = {name: dtype for name, dtype in native.collect_schema().items() if name not in plan.secret}
    schema |= dict.fromkeys((PSEUDONYM.format(component) for component in plan.pseudonyms), pl.String())
    return nw.from_native(native.map_batches(lambda part: pseudonymised(part, plan), schema=schema))


def refuse_zones(frame: Any, plan: Plan) -> None:
    """Refuse date-times by the clock of a place inside a database or Spark, whose clocks are their own."""
    zones = [leaf for leaf in plan.leaves if isinstance(leaf.rule, DateRule) and leaf.rule.zone]
    if zones and not isinstance(nw.to_native(frame), pl.LazyFrame):
        what = "date-times are turned to the clock of a place by migstat itself, and not inside a database or Spark"
        raise misuse(what, "hand in the file, or make the local date first", component=zones[0].component.id)


def shown(columns: Sequence[str], plan: Plan) -> list[str]:
    """Return the columns of an extract that may be seen: all but the identifiers."""
    return [name for name in columns if name not in plan.secret]


def fingerprints(plan: Plan) -> dict[str, Any]:
    """Return what provenance says of the pseudonyms: how they were made, and the fingerprint of each key."""
    return {
        component: {"method": "HMAC-SHA256, 128 bits", "of": list(plan.pseudonyms[component].columns),
                    "keys": [key.id for key in keys]}
        for component, keys in plan.keys.items()
    }  # fmt: skip
