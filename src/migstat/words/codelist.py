"""Codelists: closed vocabularies whose codes have parents, names, bounds and dates of validity."""

import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from hashlib import sha256

LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
"""The languages in which every code has a name."""

ALIASES = ("iso2", "iso3", "m49", "territories")
"""Attributes that hold other spellings of a code, or what it takes in; ``nearest`` knows them if written exactly."""


class UnknownCode(KeyError):
    """A code that the codelist does not have; the message names the list and the nearest codes."""

    def __init__(self, codelist: "Codelist", code: str) -> None:
        self.codelist = codelist.id
        self.code = code
        self.nearest = codelist.nearest(code)
        super().__init__(code)

    def __str__(self) -> str:
        near = "; nearest: " + ", ".join(self.nearest) if self.nearest else ""
        return f"{self.codelist} has no code {self.code!r}{near}"


@dataclass(frozen=True, slots=True)
class Code:
    """One code. ``valid_to`` is the first day on which it no longer holds; ``lower`` and ``upper`` are included.

    A bound of None is open; ``attributes`` are the remaining columns, as text.
    """

    id: str
    names: Mapping[str, str] = field(hash=False)
    parent: str | None = None
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None
    lower: int | None = None
    upper: int | None = None
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)
    descriptions: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Codelist:
    """A closed vocabulary in list order; ``standing`` says how far it may be called official."""

    id: str
    codes: tuple[Code, ...]
    agency: str = "MIGSTAT"
    version: str = "1.0"
    names: Mapping[str, str] = field(default_factory=dict, hash=False)
    description: str = ""
    source: str = ""
    standing: str = "general knowledge, to be confirmed"
    licence: str = ""
    retrieved: datetime.date | None = None
    descriptions: Mapping[str, str] = field(default_factory=dict, hash=False)
    _index: dict[str, Code] = field(init=False, repr=False, compare=False)
    _children: dict[str | None, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        children: dict[str | None, list[str]] = {}
        for code in self.codes:
            children.setdefault(code.parent, []).append(code.id)
        object.__setattr__(self, "_index", {code.id: code for code in self.codes})
        object.__setattr__(self, "_children", {parent: tuple(below) for parent, below in children.items()})

    def __contains__(self, id: object) -> bool:
        return id in self._index

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes)

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, id: str) -> Code:
        try:
            return self._index[id]
        except KeyError:
            raise UnknownCode(self, id) from None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all codes, in list order."""
        return tuple(self._index)

    def label(self, id: str, language: str = "en") -> str:
        """Return the name of a code in a language; where it has none, in English, or in the first that it has."""
        names = self[id].names
        return names.get(language) or names.get("en") or next(iter(names.values()), id)

    def parent(self, id: str) -> str | None:
        """Return the parent of a code, or None for a top."""
        return self[id].parent

    def ancestors(self, id: str) -> tuple[str, ...]:
        """Return all ancestors of a code, the nearest first."""
        found: list[str] = []
        parent = self[id].parent
        while parent is not None:
            found.append(parent)
            parent = self._index[parent].parent
        return tuple(found)

    def children(self, id: str | None = None) -> tuple[str, ...]:
        """Return the children of a code in list order; the tops for None."""
        if id is not None:
            self[id]
        return self._children.get(id, ())

    def descendants(self, id: str | None = None) -> tuple[str, ...]:
        """Return everything below a code, each parent before its children; every code for None."""
        return tuple(below for child in self.children(id) for below in (child, *self.descendants(child)))

    def is_leaf(self, id: str) -> bool:
        """Say whether a code has no children."""
        return not self.children(id)

    def leaves(self, id: str | None = None) -> tuple[str, ...]:
        """Return the leaves below a code (itself, where it is one); every leaf for None."""
        if id is not None and self.is_leaf(id):
            return (id,)
        return tuple(below for below in self.descendants(id) if self.is_leaf(below))

    def level(self, id: str) -> int:
        """Return how many ancestors a code has: 0 for a top."""
        return len(self.ancestors(id))

    def roll_up(self, id: str, level: int) -> str:
        """Return the ancestor of a code at a level; the code itself where it is at that level or above."""
        chain = (id, *self.ancestors(id))[::-1]
        return chain[min(max(level, 0), len(chain) - 1)]

    def valid_at(self, id: str, date: datetime.date) -> bool:
        """Say whether a code holds on a day."""
        code = self[id]
        begun = code.valid_from is None or code.valid_from <= date
        return begun and (code.valid_to is None or date < code.valid_to)

    def bounds(self, id: str) -> tuple[int | None, int | None] | None:
        """Return the lowest and highest value of a band, both included and None where open; None for other codes."""
        code = self[id]
        return None if code.lower is None and code.upper is None else (code.lower, code.upper)

    def nearest(self, text: str, n: int = 3) -> tuple[str, ...]:
        """Return up to ``n`` codes whose id, name in any language or alias is most like the text, the best first."""
        wanted = text.strip().casefold()
        if not wanted:
            return ()
        scores = {code.id: _likeness(wanted, code) for code in self.codes}
        ranked = sorted((id for id in scores if scores[id] >= 0.6), key=lambda id: -scores[id])
        return tuple(ranked[:n])

    @property
    def fingerprint(self) -> str:
        """The sha256 of the content, the same for equal lists on any machine."""
        codes = [
            [c.id, c.parent, dict(c.names), str(c.valid_from), str(c.valid_to), c.lower, c.upper, dict(c.attributes)]
            for c in self.codes
        ]
        content = [self.id, self.agency, self.version, dict(self.names), self.source, self.standing, codes]
        canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return sha256(canonical.encode()).hexdigest()


def _likeness(wanted: str, code: Code) -> float:
    spellings = [code.id.casefold(), *(name.casefold() for name in code.names.values())]
    aliases = [word for alias in ALIASES for word in code.attributes.get(alias, "").casefold().split()]
    if wanted in spellings or wanted in aliases:
        return 1.0
    return max(_ratio(wanted, spelling) for spelling in spellings)


def _ratio(wanted: str, spelling: str) -> float:
    if len(wanted) >= 4 and f" {wanted}" in f" {spelling}":
        return 0.9 + 0.05 * len(wanted) / len(spelling)
    words = [word for word in spelling.split() if len(word) >= 4] if " " in spelling else []
    return max(0.99 * _alike(wanted, spelling), *(0.98 * _alike(wanted, word) for word in words), 0.0)


def _alike(wanted: str, spelling: str) -> float:
    matcher = SequenceMatcher(None, spelling, wanted, autojunk=False)
    if matcher.real_quick_ratio() < 0.6 or matcher.quick_ratio() < 0.6:
        return 0.0
    return matcher.ratio()
