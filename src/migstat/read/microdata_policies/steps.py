"""The steps of a policy, in the order in which they may stand."""

from migstat.read.codelists import codelist
from migstat.read.mappings.faults import Faults, nearest, shape
from migstat.read.microdata_policies.fields import Fields, may_stay, numeric, roundable, sort_of_any, sort_of_code
from migstat.read.placed import Placed
from migstat.words.microdata_policy import (
    STAGES,
    Cap,
    Microaggregate,
    Noise,
    Pram,
    Recode,
    Round,
    Sample,
    Step,
    Suppress,
    Swap,
)
from migstat.words.structure import Component

STEPS = {
    "recode": ("level", "least", "home", "keep", "groups", "open"),
    "cap": ("top", "bottom"),
    "round": ("to",),
    "sample": ("by",),
    "swap": ("along", "match", "rate"),
    "pram": ("keep", "invariant"),
    "microaggregate": ("size", "within"),
    "noise": ("share", "correlated"),
    "suppress": ("never",),
}


class StepReader:
    """Reads steps; ``keys`` are the components of all key sets, ``limited`` says whether there is a k to reach."""

    def __init__(self, fields: Fields, keys: tuple[str, ...], *, limited: bool) -> None:
        self.fields, self.keys, self.limited = fields, keys, limited
        self.faults: Faults = fields.faults

    def steps(self, placed: Placed | None) -> tuple[Step, ...]:
        found: list[Step] = []
        reached = 0
        for entry in placed.entries if placed is not None else ():
            self.faults.component = ""
            kind = next((key for key in entry.items if key in STEPS), "")
            if not kind:
                first = next(iter(entry.items), "")
                what = f"a step is {shape(entry)}" if not first else f"there is no step '{first}'"
                self.faults.add(entry.place, what, nearest(first, STEPS))
                continue
            self.faults.keys(entry, (kind, *STEPS[kind]), f"the step {kind}")
            step = self.step(kind, entry)
            if step is None:
                continue
            stage = next(at for at, kinds in enumerate(STAGES) if isinstance(step, kinds))
            if stage < reached:
                order = "recode, cap, round; then sample; then swap, pram, microaggregate, noise; suppress last"
                self.faults.add(entry.place, f"the step {kind} comes too late", f"put it in this order: {order}")
            reached = max(reached, stage)
            found.append(step)
        self.faults.component = ""
        return tuple(found)

    def step(self, kind: str, entry: Placed) -> Step | None:
        items, place, before = entry.items, entry.place, len(self.faults.findings)
        of = f"the step {kind}"
        fits = {"cap": numeric, "noise": numeric, "microaggregate": numeric, "round": roundable}
        subject = fits.get(kind, sort_of_any if kind == "suppress" else sort_of_code)
        ids = () if kind == "sample" else self.fields.components(items[kind], of, subject)
        self.faults.component = ids[0] if len(ids) == 1 else ""
        single = kind in ("recode", "cap", "round", "swap", "pram")
        if single and len(ids) != 1 and len(self.faults.findings) == before:
            self.faults.add(place, f"{of} takes one component", f"write a step for each: {kind}: SEX")
        made: Step | None = None
        match kind:
            case "recode":
                made = self.recode(ids, entry)
            case "cap":
                bounds = {name: self.fields.bound(items.get(name)) for name in ("bottom", "top")}
                if not {"bottom", "top"} & set(items):
                    self.faults.add(place, "cap has neither top nor bottom", "write top: 85, or top: 99%")
                (low, low_percent), (high, high_percent) = bounds["bottom"], bounds["top"]
                made = Cap(ids[0], low, high, low_percent, high_percent, place) if ids else None
            case "round":
                to = self.fields.needed_number(items, "to", place, of, "write to: 100")
                made = Round(ids[0], to, place) if ids and to else None
            case "sample":
                share = self.fields.share(items, "sample", of)
                by = self.faults.choice(items, "by", ("household", "record"), "household")
                made = Sample(share, "record" if by == "record" else "household", place) if share else None
            case "swap":
                rate = self.fields.needed_share(items, "rate", place, of)
                along = self.fields.components(items.get("along"), "along", sort_of_code)
                match = self.fields.components(items.get("match"), "match", may_stay)
                made = Swap(ids[0], along, match, rate, place) if ids and rate else None
            case "pram":
                keep = self.fields.needed_share(items, "keep", place, of)
                made = Pram(ids[0], keep, self.fields.yes(items, "invariant"), place) if ids and keep else None
            case "microaggregate":
                size = self.faults.whole(items, "size", 2) if "size" in items else 3
                within = self.fields.components(items.get("within"), "within", may_stay)
                made = Microaggregate(ids, size, within, place) if ids and size else None
            case "noise":
                share = self.fields.needed_share(items, "share", place, of)
                made = Noise(ids, share, self.fields.yes(items, "correlated"), place) if ids and share else None
            case "suppress":
                made = self.suppress(ids, entry)
        return made if len(self.faults.findings) == before else None

    def recode(self, ids: tuple[str, ...], entry: Placed) -> Step | None:
        items = entry.items
        level, least = self.faults.whole(items, "level"), self.faults.whole(items, "least", 1)
        groups = {name: self.faults.texts(one, f"the group {name}") for name, one in items["groups"].items.items()} if (
            "groups" in items
        ) else {}  # fmt: skip
        open_ = self.faults.text(items, "open", "recode")
        if level is None and least is None and not groups and not open_:
            mend = "write level: 1, or least: 50, or groups: {A: [1, 2]}"
            self.faults.add(entry.place, "recode does not say into what", mend)
        one = self.fields.known.get(ids[0]) if ids else None
        if one is not None and not one.coded and not groups:
            mend = "write groups: {A: [1, 2]}"
            self.faults.add(entry.place, "recode: it has no codelist, and so no levels", mend)
        keep = self.faults.texts(items.get("keep"), "keep")
        home = self.fields.yes(items, "home")
        if one is not None and one.coded:
            self.codes(one, items)
        return Recode(ids[0], level, least or 1, keep, home, groups, open_, entry.place) if ids else None

    def codes(self, one: Component, items: dict[str, Placed]) -> None:
        """Hold the codes that a recode names against the codelist; what is open at the top has a lower bound."""
        codes = codelist(one.codelist)
        named = [*(items["keep"].entries if "keep" in items else ()), *([items["open"]] if "open" in items else [])]
        groups = items["groups"].items if "groups" in items else {}
        named += [entry for group in groups.values() for entry in group.entries]
        wrong = [(entry.text, entry.place) for entry in named if entry.text not in codes]
        wrong += [(name, group.place) for name, group in groups.items() if name not in codes]
        for code, place in wrong:
            mend = f"write {near[0]}" if (near := codes.nearest(code, 1)) else f"see migstat codes {codes.id}"
            self.faults.add(place, f"{codes.id} has no code {code}", mend)
        if "open" in items and items["open"].text in codes:
            lower, upper = codes.bounds(items["open"].text) or (None, None)
            if lower is None or upper is not None:
                self.faults.add(
                    items["open"].place, f"{items['open'].text} is not open at the top", "write open: Y_GE75"
                )

    def suppress(self, ids: tuple[str, ...], entry: Placed) -> Step | None:
        never = self.fields.components(entry.items.get("never"), "never", sort_of_any)
        for id in (*ids, *never):
            if id not in self.keys:
                self.faults.component = id
                self.faults.add(entry.place, "suppress names it, and it is in no key set", nearest(id, self.keys))
        self.faults.component = ""
        if not self.limited:
            self.faults.add(entry.place, "suppress has no k to reach", "write k: 3 under limits")
        return Suppress(ids, never, entry.place)
