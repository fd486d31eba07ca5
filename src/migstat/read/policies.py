"""Policies in: a YAML file with an office's rules for tables becomes a Policy; those that ship have ids."""

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from migstat.read.codelists import data_folder
from migstat.read.mappings.faults import Faults, nearest, shape
from migstat.read.perturbation_tables import read_perturbation_table
from migstat.read.placed import Placed, read_yaml
from migstat.read.there import is_file
from migstat.words.codelist import LANGUAGES
from migstat.words.finding import MigstatError, misuse
from migstat.words.policy import (
    CellKey,
    Dominance,
    OneCategory,
    Policy,
    PPercent,
    Primary,
    PriorPosterior,
    Rounding,
    Sparse,
    Suppression,
    Threshold,
)

HEAD = ("id", "version", "names", "notes", "source", "standing", "method")
KEYS = {
    "suppress": ("primary", "zeros", "singletons", "intervals", "width", "keep", "sparse", "conf_status", "seconds"),
    "cell_key": ("largest", "variance", "never", "table", "key"),
    "round": ("base", "controlled", "rounding", "key"),
}
RULES = ("threshold", "p_percent", "prior_posterior", "dominance", "one_category")
STANDINGS = ("official", "derived", "general knowledge, to be confirmed", "own")
YES_NO = {"true": True, "yes": True, "false": False, "no": False}


@cache
def policy_ids() -> tuple[str, ...]:
    """Return the ids of the policies that ship.

    >>> "THRESHOLD_5" in policy_ids()
    True
    """
    return tuple(sorted(path.stem for path in (data_folder("schemas") / "policies").glob("*.yaml")))


@cache
def policy(id: str) -> Policy:
    """Return a policy that ships; raise Misuse with the nearest id where there is none of that name.

    >>> policy("THRESHOLD_5").method.primary
    (Threshold(below=5),)
    """
    if id not in policy_ids():
        mend = f"{nearest(id, policy_ids())}, or name a policy file"
        raise misuse(f"there is no policy {id}", mend, place="policies", component=id)
    return read_policy(data_folder("schemas") / "policies" / f"{id}.yaml")


def read_policy(path: Path) -> Policy:
    """Read a policy file; raise MigstatError with everything that is wrong at once, each with its line."""
    placed = read_yaml(path)
    faults = Faults()
    if not isinstance(placed.value, dict):
        faults.add(placed.place, f"the policy is {shape(placed)}, not keys with values", "begin with id: MY_POLICY")
        faults.settle()
    kind = faults.choice(placed.items, "method", KEYS)
    if "method" not in placed.items:
        faults.add(placed.place, "the policy has no 'method'", f"write method: {', or '.join(KEYS)}")
    every = tuple(key for keys in KEYS.values() for key in keys)
    items = faults.keys(placed, (*HEAD, *(KEYS[kind] if kind else every)), "the policy")
    id = faults.text(items, "id", "the policy", needed=placed.place, mend="write id: MY_POLICY")
    if id and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", id):
        what = f"id: {id} is not an id: letters, digits and _, a letter first"
        faults.add(items["id"].place, what, "write id: MY_POLICY")
    names = faults.keys(items["names"], LANGUAGES, "names") if "names" in items else {}
    method = _method(kind, items, placed, path, faults)
    version = faults.text(items, "version", "the policy", needed=placed.place, mend="write version: 1.0")
    standing = faults.choice(items, "standing", STANDINGS, "general knowledge, to be confirmed")
    source = faults.text(items, "source", "the policy")
    faults.settle()
    return Policy(
        id=id,
        version=version,
        method=method,
        names={language: name.text for language, name in names.items()},
        source=source,
        standing=standing,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def _method(
    kind: str, items: Mapping[str, Placed], top: Placed, path: Path, faults: Faults
) -> Suppression | CellKey | Rounding:
    match kind:
        case "cell_key":
            if "table" in items:
                return _own_table(items, path, faults)
            return CellKey(
                largest=_needed(faults, items, "largest", top, "the largest noise, such as 3") or 1,
                variance=faults.number(items, "variance") or 1.0,
                never=faults.whole(items, "never") or 0,
                key=faults.text(items, "key", "the policy") or "RECORD_KEY",
            )
        case "round":
            controlled = _yes(items, "controlled", True, faults)
            how = faults.choice(items, "rounding", ("nearest", "random"), "nearest")
            if controlled and "rounding" in items:
                mend = "remove it, or write controlled: false"
                faults.add(items["rounding"].place, "rounding: is for rounding that is not controlled", mend)
            return Rounding(
                base=_needed(faults, items, "base", top, "the base, such as 3", least=2) or 2,
                controlled=controlled,
                method="random" if how == "random" else "nearest",
                key=faults.text(items, "key", "the policy") or "RECORD_KEY",
            )
        case _:
            return _suppression(items, top, faults)


def _own_table(items: Mapping[str, Placed], path: Path, faults: Faults) -> CellKey:
    """Read the perturbation table that a policy names, a CSV file in its folder."""
    place, name = items["table"].place, faults.text(items, "table", "the policy")
    for key in ("largest", "variance", "never"):
        if key in items:
            faults.add(items[key].place, f"{key}: is for a table that is made, and the policy names one", "remove it")
    key = faults.text(items, "key", "the policy") or "RECORD_KEY"
    file = (path.parent / name).resolve()
    if not name or not file.is_relative_to(path.parent.resolve()):
        faults.add(place, f"table: {name} is no file in the folder of the policy", "put the table beside the policy")
    elif not is_file(file):
        faults.add(place, f"table: there is no file {name[:80]}", "name a CSV file with the columns i, j and p")
    else:
        try:
            table = read_perturbation_table(file)
        except MigstatError as error:
            for one in error.findings:
                faults.add(one.place, one.what, one.mend)
        else:
            return CellKey(table.bound, table.variance, 0, key, table)
    return CellKey(1, 1.0, 0, key)


def _needed(
    faults: Faults, items: Mapping[str, Placed], key: str, top: Placed, what: str, least: int = 1
) -> int | None:
    if key not in items:
        faults.add(top.place, f"the policy has no '{key}'", f"write {key}: {what}")
    return faults.whole(items, key, least)


def _suppression(items: Mapping[str, Placed], top: Placed, faults: Faults) -> Suppression:
    rules: list[Primary] = []
    if "primary" not in items and items.get("method") is not None and items["method"].text == "suppress":
        faults.add(top.place, "the policy has no 'primary' rules", "write primary: [{threshold: 5}]")
    for entry in items["primary"].entries if "primary" in items else ():
        rules += _rule(entry, faults)
    if "primary" in items and not items["primary"].entries:
        faults.add(items["primary"].place, "there are no primary rules", "write primary: [{threshold: 5}]")
    sparse = None
    if "sparse" in items:
        of = faults.keys(items["sparse"], ("below", "share"), "sparse")
        below, share = faults.whole(of, "below", 2), _percent(of, "share", faults)
        sparse = Sparse(below or 2, share) if share is not None else None
        for key in ("below", "share"):
            if of and key not in of:
                faults.add(items["sparse"].place, f"sparse has no '{key}'", "write sparse: {below: 3, share: 50}")
    keep = faults.keys(items["keep"], tuple(items["keep"].items), "keep") if "keep" in items else {}
    told = faults.choice(items, "conf_status", ("by cause", "alike"), "by cause")
    zeros = faults.choice(items, "zeros", ("publish", "secondary", "primary"), "publish")
    width = _percent(items, "width", faults)
    return Suppression(
        primary=tuple(rules),
        zeros="primary" if zeros == "primary" else "secondary" if zeros == "secondary" else "publish",
        singletons=_yes(items, "singletons", True, faults),
        intervals=_yes(items, "intervals", False, faults),
        width=50.0 if width is None else width,
        keep={dimension: faults.texts(codes, "keep") for dimension, codes in keep.items()},
        sparse=sparse,
        tell_cause=told == "by cause",
        seconds=faults.number(items, "seconds") or 600.0,
    )


def _rule(entry: Placed, faults: Faults) -> list[Primary]:
    items = faults.keys(entry, RULES, "a primary rule")
    if len(items) > 1:
        faults.add(entry.place, "a primary rule has several keys", "write one rule a line: - threshold: 5")
    if not items or next(iter(items)) not in RULES:
        return []
    key, value = next(iter(items.items()))
    match key:
        case "threshold":
            below = faults.whole(items, key, 2)
            return [] if below is None else [Threshold(below)]
        case "p_percent":
            p = _percent(items, key, faults)
            return [] if p is None else [PPercent(p)]
        case "prior_posterior":
            of = _both(value, ("p", "q"), "{p: 10, q: 50}", key, faults)
            p, q = _percent(of, "p", faults), faults.number(of, "q")
            if p is not None and q is not None and p >= q:
                faults.add(
                    value.place, f"p: {p:g} is not below q: {q:g}", "let p be what may be learnt, q what is known"
                )
            return [] if p is None or q is None else [PriorPosterior(p, q)]
        case "dominance":
            of = _both(value, ("n", "k"), "{n: 1, k: 80}", key, faults)
            n, k = faults.whole(of, "n", 1), _percent(of, "k", faults)
            return [] if n is None or k is None else [Dominance(n, k)]
        case _:
            named = faults.texts(value, key)
            if not any(named):
                faults.add(value.place, "one_category names no dimension", "write one_category: [MIG_STATUS]")
            return [OneCategory(named)]


def _both(value: Placed, keys: tuple[str, ...], example: str, of: str, faults: Faults) -> dict[str, Placed]:
    items = faults.keys(value, keys, of)
    for key in keys:
        if items and key not in items:
            faults.add(value.place, f"{of} has no '{key}'", f"write {of}: {example}")
    return items


def _percent(items: Mapping[str, Placed], key: str, faults: Faults) -> float | None:
    value = faults.number(items, key)
    if value is not None and value > 100:
        faults.add(items[key].place, f"{key}: {items[key].text} is over 100 per cent", "write per cent, up to 100")
        return None
    return value


def _yes(items: Mapping[str, Placed], key: str, default: bool, faults: Faults) -> bool:
    return YES_NO[faults.choice(items, key, YES_NO, str(default).lower())]


def read_or_shipped(name: str | Path) -> Policy:
    """Return the policy of a file, or the one that ships under an id."""
    path = Path(name)
    if path.suffix in {".yaml", ".yml"} or path.is_file():
        return read_policy(path)
    return policy(str(name))
