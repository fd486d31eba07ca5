"""The values that a policy is made of: components, shares, bounds, and what each component is fit for."""

from collections.abc import Callable
from dataclasses import dataclass, field

from migstat.read.mappings.faults import Faults, nearest, shape
from migstat.read.placed import Placed
from migstat.words.finding import Place
from migstat.words.structure import Component

NUMERIC = ("integer", "number", "year")


@dataclass(slots=True)
class Fields:
    """Reads values and gathers faults; ``known`` are the components of the records that the policy is for."""

    faults: Faults = field(default_factory=Faults)
    known: dict[str, Component] = field(default_factory=dict)

    def components(
        self, placed: Placed | None, of: str, fits: Callable[[Component], str] | None = None
    ) -> tuple[str, ...]:
        """Read components; ``fits`` says what is wrong with one, or nothing."""
        found = []
        for entry in placed.entries if placed is not None else ():
            if not entry.is_text:
                self.faults.add(entry.place, f"{of} holds {shape(entry)}", "list components, such as [SEX, AGE]")
                continue
            one = self.known.get(entry.text)
            self.faults.component = entry.text
            if one is None and self.known:
                self.faults.add(entry.place, f"{of} names no component of the records", nearest(entry.text, self.known))
            elif entry.text in found:
                self.faults.add(entry.place, f"{of} names it twice", "name it once")
            elif one is not None and fits is not None and (why := fits(one)):
                self.faults.add(entry.place, f"{of}: {why}", "leave it out")
            else:
                found.append(entry.text)
            self.faults.component = ""
        return tuple(found)

    def share(self, items: dict[str, Placed], key: str, of: str, *, zero: bool = False) -> float | None:
        """Read a share, as 5% or 0.05."""
        placed = items.get(key)
        if placed is None:
            return None
        text = placed.text.strip()
        try:
            value = float(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
        except ValueError:
            value = -1.0
        if not (0 <= value <= 1) or (value == 0 and not zero):
            what = f"{of}: {key} is {shape(placed)}, not a share"
            self.faults.add(placed.place, what, "write a share such as 5% or 0.05, at most 100%")
            return None
        return value

    def needed_share(self, items: dict[str, Placed], key: str, place: Place, of: str) -> float | None:
        if key not in items:
            self.faults.add(place, f"{of} has no '{key}'", f"write {key}: 5%")
        return self.share(items, key, of)

    def needed_number(self, items: dict[str, Placed], key: str, place: Place, of: str, mend: str) -> float | None:
        if key not in items:
            self.faults.add(place, f"{of} has no '{key}'", mend)
        return self.faults.number(items, key)

    def bound(self, placed: Placed | None) -> tuple[float | None, bool]:
        """Read a bound: a number, or a share of the weight below it."""
        if placed is None:
            return None, False
        text = placed.text.strip()
        percent = text.endswith("%")
        try:
            value = float(text.removesuffix("%"))
        except ValueError:
            self.faults.add(placed.place, f"a bound is {shape(placed)}, not a number", "write top: 85, or top: 99%")
            return None, percent
        if percent and not 0 <= value <= 100:
            self.faults.add(placed.place, f"{text} is no quantile", "write a share from 0% to 100%")
        return value, percent

    def yes(self, items: dict[str, Placed], key: str) -> bool:
        return self.faults.choice(items, key, ("true", "false"), "false") == "true"


def may_stay(one: Component) -> str:
    """Say what keeps a component from leaving at all."""
    return "identifiers never leave" if one.role == "identifier" else ""


def numeric(one: Component) -> str:
    """Say what keeps it from being reckoned with."""
    return "" if one.type in NUMERIC and one.role != "design" else "it is no number"


def roundable(one: Component) -> str:
    """Say what keeps it from being rounded; a weight may be."""
    return "" if one.type in NUMERIC else "it is no number"


def sort_of_code(one: Component) -> str:
    """Say what keeps its values from being exchanged for others."""
    if one.role in ("identifier", "design"):
        return "identifiers never leave" if one.role == "identifier" else "it belongs to the design"
    return "" if one.type in ("code", "text") else "it has no codes"


def sort_of_any(one: Component) -> str:
    """Say what keeps its values from being taken out."""
    return "identifiers never leave" if one.role == "identifier" else ""
