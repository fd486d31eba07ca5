"""Faults of one reading, gathered so that all are told at once, each with the nearest right word."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from migstat.read.placed import Placed
from migstat.words.confidence import CONFIDENCES, Confidence, confidence_of
from migstat.words.finding import Finding, MigstatError, Place

MOST_LINES = 5
"""Lines that are named, of many that have the same fault."""
MOST = 10**15
"""The largest whole number that a mapping can give."""
MOST_SHOWN = 80
"""A longer text is not said in full where keys are missing."""


@dataclass(slots=True)
class Faults:
    """The findings of one reading; ``component`` is the rule that is being read."""

    findings: list[Finding] = field(default_factory=list)
    component: str = ""
    open: set[Place] = field(default_factory=set)
    """Places where a draft has something open: nothing else is said of them."""
    _once: dict[tuple[str, str], tuple[int, list[int]]] = field(default_factory=dict)
    """Of each file and what every line of it may have wrong, the finding that tells it, and the lines."""

    def add(self, place: Place, what: str, mend: str) -> None:
        """Note one thing that is wrong."""
        if place in self.open:
            return
        self.findings.append(Finding(place, self.component, what, mend))

    def add_once(self, place: Place, what: str, mend: str) -> None:
        """Note what every line of a file may have wrong, such as a word that is not known: once, with its lines."""
        number, lines = self._once.setdefault((place.file, what), (len(self.findings), []))
        if place.line in lines or place in self.open:
            return
        lines.append(place.line or 0)
        if len(lines) == 1:
            self.add(place, what, mend)
            return
        first = ", ".join(map(str, lines[:MOST_LINES]))
        more = " and others" if len(lines) > MOST_LINES else ""
        self.findings[number] = replace(self.findings[number], what=f"{what}: {len(lines):,} lines: {first}{more}")

    def take(self, error: MigstatError) -> None:
        """Note what another reader found."""
        self.findings.extend(error.findings)

    def settle(self) -> None:
        """Raise MigstatError where anything was found, in the order of file and line."""
        if self.findings:
            unique = dict.fromkeys(self.findings)
            raise MigstatError(sorted(unique, key=lambda finding: (finding.place.file, finding.place.line or 0)))

    def keys(self, placed: Placed, known: Iterable[str], of: str) -> dict[str, Placed]:
        """Return the dict of a value; a key that is not known is a fault with the nearest known one."""
        if not isinstance(placed.value, dict):
            first = next(iter(known), "KEY")
            self.add(placed.place, f"{of} is {shape(placed)}, not keys with values", f"write it as {{{first}: ...}}")
            return {}
        known = tuple(known)
        for key, value in placed.value.items():
            if key not in known:
                mend = nearest(key, known)
                if mend.startswith("one of") and value.value == "" and not value.quoted:
                    mend = "put a text that holds a comma or a colon in quotes"
                self.add(value.place, f"{of} has no key '{key}'", mend)
        return placed.value

    def text(
        self, items: Mapping[str, Placed], key: str, of: str, *, needed: Place | None = None, mend: str = ""
    ) -> str:
        """Return a scalar, or an empty text; ``needed`` is the place to blame where it is not given."""
        placed = items.get(key)
        if placed is None or (placed.is_text and not placed.text and not placed.quoted):
            if needed is not None:
                what = f"'{key}' is empty" if placed else f"{of} has no '{key}'"
                self.add(placed.place if placed else needed, what, mend or f"write {key}: ...")
            return ""
        if not placed.is_text:
            self.add(placed.place, f"'{key}' is {shape(placed)}, not one value", mend or f"write {key}: ...")
        return placed.text

    def texts(self, placed: Placed | None, of: str) -> tuple[str, ...]:
        """Return a list of scalars; one scalar counts as a list of one."""
        if placed is None:
            return ()
        found = []
        for entry in placed.entries:
            if entry.is_text:
                found.append(entry.text)
            else:
                self.add(entry.place, f"{of} holds {shape(entry)}", "list plain values, such as [1, 2]")
        return tuple(found)

    def choice(self, items: Mapping[str, Placed], key: str, known: Iterable[str], default: str = "") -> str:
        """Return a scalar out of a closed list, or the default."""
        placed = items.get(key)
        if placed is None:
            return default
        known = tuple(known)
        if placed.text not in known:
            self.add(placed.place, f"{key}: {placed.text or shape(placed)} is not known", nearest(placed.text, known))
            return default
        return placed.text

    def confidence(self, text: str, place: Place) -> Confidence | None:
        """Return how sure something is said to be, or None where nothing is said."""
        sure = confidence_of(text)
        if text and sure is None:
            near = difflib.get_close_matches(text, CONFIDENCES, 1)
            mend = f"write {near[0]}" if near else f"one of {'; '.join(CONFIDENCES)}"
            self.add_once(place, f"confidence: {text} is not known", mend)
        return sure

    def whole(self, items: Mapping[str, Placed], key: str, least: int = 0, most: int = MOST) -> int | None:
        """Return a whole number within the bounds, or None."""
        placed = items.get(key)
        if placed is None:
            return None
        digits = placed.text.removeprefix("-")
        if not digits.isdecimal() or len(digits) > 16 or not least <= int(placed.text) <= most:
            mend = f"write a whole number, {least} {'or more' if most == MOST else f'to {most:,}'}"
            self.add(placed.place, f"{key}: {placed.text or shape(placed)} is not a whole number it can take", mend)
            return None
        return int(placed.text)

    def number(self, items: Mapping[str, Placed], key: str) -> float | None:
        """Return a number above 0, or None."""
        placed = items.get(key)
        if placed is None:
            return None
        try:
            value = float(placed.text)
        except ValueError:
            value = 0.0
        if not 0 < value < float("inf"):
            what = f"{key}: {placed.text or shape(placed)} is not a number above 0"
            self.add(placed.place, what, "write a number such as 100")
            return None
        return value


def shape(placed: Placed) -> str:
    """Say in words what form a value has."""
    if isinstance(placed.value, tuple):
        return "a list"
    if isinstance(placed.value, dict):
        return "a set of keys"
    if len(placed.text) > MOST_SHOWN:
        # A file of records that is taken for a mapping is one long text: none of it is said.
        return f"a text of {len(placed.text):,} signs"
    return f"'{placed.text}'" if placed.text else "empty"


def nearest(wrong: str, known: Iterable[str]) -> str:
    """Return the mend for a word that is not in a closed list: the nearest one, or the whole list."""
    known = tuple(known)
    folded = {word.casefold(): word for word in known}
    near = difflib.get_close_matches(wrong.casefold(), folded, 1)
    return f"write {folded[near[0]]}" if near else "one of " + ", ".join(known)
