"""Microdata policies in: a YAML file, or one that ships, with everything that is wrong in it told at once."""

import re
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path

from migstat.read.codelists import data_folder
from migstat.read.mappings.faults import nearest, shape
from migstat.read.microdata_policies.fields import Fields, may_stay
from migstat.read.microdata_policies.steps import StepReader
from migstat.read.placed import Placed, read_yaml
from migstat.read.structures import structure, structure_ids
from migstat.words.codelist import LANGUAGES
from migstat.words.finding import Place, misuse
from migstat.words.microdata_policy import (
    AT_LEAST,
    MEASURES,
    Accepted,
    KeySet,
    MicrodataPolicy,
    MissingAs,
    Use,
)
from migstat.words.structure import Component

HEAD = (
    "id", "version", "use", "for", "names", "source", "standing", "notes", "keys", "sensitive", "c", "missing",
    "drop", "keep", "steps", "limits", "accept",
)  # fmt: skip


def microdata_policy_ids() -> tuple[str, ...]:
    """Return the ids of the policies that ship.

    >>> microdata_policy_ids()
    ('PUBLIC_USE_PERSON', 'SCIENTIFIC_USE_PERSON')
    """
    return tuple(sorted(path.stem for path in _folder().glob("*.yaml")))


@cache
def microdata_policy(id: str) -> MicrodataPolicy:
    """Return a policy that ships; raise Misuse with the nearest id where there is none of that name.

    >>> microdata_policy("PUBLIC_USE_PERSON").use
    'public'
    """
    if id not in microdata_policy_ids():
        mend = f"name a policy file, or {nearest(id, microdata_policy_ids())}"
        raise misuse(f"there is no microdata policy {id}", mend, place="policy")
    return read_microdata_policy(_folder() / f"{id}.yaml")


def read_microdata_policy(path: Path) -> MicrodataPolicy:
    """Read a policy file; raise MigstatError with all faults at once, each with its line."""
    placed = read_yaml(path)
    reading = _Reading()
    policy = reading.policy(placed, {path.name: sha256(path.read_bytes()).hexdigest()})
    reading.faults.settle()
    return policy


def _folder() -> Path:
    return data_folder("schemas") / "policies" / "microdata"


class _Reading(Fields):
    """Reads the head of a policy, and hands its steps on."""

    def policy(self, placed: Placed, files: dict[str, str]) -> MicrodataPolicy:
        items = self.faults.keys(placed, HEAD, "the policy")
        of, at = "the policy", placed.place
        id = self.faults.text(items, "id", of, needed=at, mend="write id: MY_POLICY")
        if id and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", id):
            self.faults.add(items["id"].place, f"id: {id} is not an id", "use letters, digits and _, a letter first")
        version = self.faults.text(items, "version", of, needed=at, mend="write version: 1.0")
        self.faults.text(items, "use", of, needed=at, mend="write use: public, or use: scientific")
        use: Use = (
            "scientific" if self.faults.choice(items, "use", ("public", "scientific")) == "scientific" else "public"
        )
        structures = self.structures(items, at)
        keys = self.keys(items, at)
        ids = tuple(dict.fromkeys(one for key in keys for one in key.ids))
        drop = self.components(items.get("drop"), "drop")
        for one in drop:
            if one in ids:
                self.faults.component = one
                self.faults.add(
                    items["drop"].place, "is a key, and dropped: nobody will see it", "leave it out of keys, or of drop"
                )
        keep = self.components(items.get("keep"), "keep", may_stay)
        sensitive = self.components(items.get("sensitive"), "sensitive", may_stay)
        self.faults.component = ""
        limits = self.limits(items, at)
        missing, alpha = self.missing(items)
        steps = StepReader(self, ids, limited="k" in limits).steps(items.get("steps"))
        return MicrodataPolicy(
            id=id,
            version=version,
            use=use,
            structures=structures,
            keys=keys,
            limits=limits,
            place=items["limits"].place if "limits" in items else at,
            names=self.names(items),
            source=self.faults.text(items, "source", of),
            standing=self.faults.text(items, "standing", of) or "general knowledge, to be confirmed",
            notes=self.faults.text(items, "notes", of),
            sensitive=sensitive,
            c=self.faults.number(items, "c") or 2.0,
            missing=missing,
            alpha=alpha,
            drop=drop,
            keep=keep,
            steps=steps,
            accepted=self.accepted(items.get("accept"), limits, [one.name for one in keys]),
            files=files,
        )

    def structures(self, items: dict[str, Placed], at: Place) -> tuple[str, ...]:
        """Read which record structures the policy is for; their components are those it may name."""
        if "for" not in items:
            self.faults.add(at, "the policy does not say for which records it is", "write for: [SURVEY_PERSON]")
        found = []
        for id in self.faults.texts(items.get("for"), "for"):
            if id not in structure_ids() or structure(id).kind != "record":
                records = [one for one in structure_ids() if structure(one).kind == "record"]
                self.faults.add(items["for"].place, f"for: {id} is no record structure", nearest(id, records))
            else:
                found.append(id)
                self.known |= {one.id: one for one in structure(id).components}
        return tuple(found)

    def names(self, items: dict[str, Placed]) -> dict[str, str]:
        named = self.faults.keys(items["names"], LANGUAGES, "names") if "names" in items else {}
        return {language: one.text for language, one in named.items()}

    def keys(self, items: dict[str, Placed], at: Place) -> tuple[KeySet, ...]:
        mend = "write keys: {neighbour: [SEX, AGE_GROUP, COUNTRY_BIRTH]}"
        if "keys" not in items:
            self.faults.add(at, "the policy has no 'keys'", mend)
            return ()
        if not items["keys"].items:
            self.faults.add(items["keys"].place, f"keys is {shape(items['keys'])}, not sets under names", mend)
        found = []
        for name, placed in items["keys"].items.items():
            ids = self.components(placed, f"the key set {name}", self.may_be_key)
            if not placed.entries:
                self.faults.add(placed.place, f"the key set {name} is empty", "list what somebody may know of a person")
            found.append(KeySet(name, ids, placed.place))
        return tuple(found)

    @staticmethod
    def may_be_key(one: Component) -> str:
        if one.role in ("identifier", "design"):
            return (
                "identifiers never leave, and are no keys" if one.role == "identifier" else "it belongs to the design"
            )
        return "dates never leave, and are no keys" if one.type == "date" else ""

    def missing(self, items: dict[str, Placed]) -> tuple[MissingAs, float]:
        if "missing" not in items:
            return "wildcard", 1.0
        own = self.faults.keys(items["missing"], ("as", "alpha"), "missing")
        category = self.faults.choice(own, "as", ("wildcard", "category"), "wildcard") == "category"
        if category and "alpha" in own:
            self.faults.add(own["alpha"].place, "alpha is of wildcards: a category matches or not", "leave it out")
        alpha = self.share(own, "alpha", "missing", zero=True) if "alpha" in own else 1.0
        return ("category" if category else "wildcard"), 1.0 if alpha is None else alpha

    def limits(self, items: dict[str, Placed], at: Place) -> dict[str, float]:
        if "limits" not in items:
            self.faults.add(at, "the policy sets no limits: any risk would pass", "write limits: {k: 3}")
            return {}
        found: dict[str, float] = {}
        own = self.faults.keys(items["limits"], MEASURES, "limits")
        for measure, placed in own.items():
            if measure == "k":
                whole = self.faults.whole(own, "k", 2)
                value = None if whole is None else float(whole)
            elif measure in AT_LEAST:
                value = self.faults.number(own, measure)
            else:
                value = self.share(own, measure, "limits", zero=True) if measure in MEASURES else None
            if value is not None and placed is not None:
                found[measure] = value
        if not own:
            self.faults.add(
                items["limits"].place, "the policy sets no limits: any risk would pass", "write limits: {k: 3}"
            )
        return found

    def accepted(self, placed: Placed | None, limits: dict[str, float], sets: Iterable[str]) -> tuple[Accepted, ...]:
        found = []
        for entry in placed.entries if placed is not None else ():
            own = self.faults.keys(entry, ("measure", "keys", "up_to", "because"), "accept")
            measure = self.faults.text(
                own, "measure", "accept", needed=entry.place, mend="write measure: household_risk"
            )
            if measure and measure not in limits:
                what = f"accept: there is no limit of {measure}, so nothing is over it"
                self.faults.add(entry.place, what, nearest(measure, limits) if limits else "set limits")
            because = self.faults.text(
                own, "because", "accept", needed=entry.place, mend="say why the risk is borne: the report prints it"
            )
            keys = self.faults.choice(own, "keys", sets)
            if "up_to" not in own:
                self.faults.add(entry.place, "accept does not say up to how much", "write up_to: 10%")
                continue
            one_or_more = measure in AT_LEAST
            up_to = self.faults.number(own, "up_to") if one_or_more else self.share(own, "up_to", "accept")
            if up_to is not None:
                found.append(Accepted(measure, keys, up_to, because, entry.place))
        return tuple(found)
