"""All that areas are called, ready to be asked: by spelling, by telling words, by code."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from migstat.words.area_name import AreaLetters, AreaName, Kind
from migstat.words.codelist import Code, Codelist
from migstat.work.names.forms import arabic_nationality, forms
from migstat.work.names.spelling import key, plain, words_of

DESIGNATORS = frozenset(
    words
    for text in (
        "republic kingdom state states commonwealth federal federated federation confederation democratic peoples "
        "people socialist islamic arab plurinational bolivarian cooperative principality duchy grand sultanate emirate "
        "union independent unitary sar special administrative region country territory",
        "republique royaume etat etats populaire democratique islamique federale federal federative principaute "
        "socialiste arabe plurinational bolivarienne unie pays",
        "republica reino estado popular democratica islamica federativa principado bolivariana socialista unida pais",
        "republik konigreich furstentum staat demokratische islamische volksrepublik bundesrepublik volks",
        "республика королевство государство федеративная демократическая исламская народная социалистическая "
        "боливарианская княжество султанат эмират герцогство великое арабская",
        "جمهوريه مملكه دوله سلطنه اسلاميه ديمقراطيه شعبيه اماره عربيه",
    )
    for word in text.split()
    for words in words_of(plain(word))
)
"""What a State calls itself besides its name, where this does not tell two of them apart."""
CJK_DESIGNATORS = re.compile(
    r"(人民共和国|民主共和国|联邦共和国|伊斯兰共和国|共和國|共和国|王国|王國|公国|公國|大公国|苏丹国|联邦|聯邦)$"
)
CORE = frozenset({"en", "fr", "es", "pt", "ar", "ru", "zh", "de"})
SHORTEST = 4
RANKS: Mapping[Kind, int] = {"name": 0, "alias": 0, "with others": 0, "former name": 1, "nationality": 2, "part": 3}


@dataclass(frozen=True, slots=True)
class Called:
    """One thing that a spelling means."""

    areas: tuple[str, ...]
    kind: Kind
    languages: frozenset[str]


@dataclass(frozen=True, slots=True)
class Area:
    """What is known of an area of CL_AREA or CL_AREA_HIST."""

    code: str
    name: str
    sovereign: str
    former_kind: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    successors: Mapping[str, date | None] = field(default_factory=dict)
    terminal: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()

    @property
    def renamed(self) -> str | None:
        """The one area that bears a new name since; None where there is no such area."""
        return self.terminal[0] if self.former_kind == "renamed" and len(self.terminal) == 1 else None


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All spellings and codes of areas."""

    areas: dict[str, Area] = field(default_factory=dict)
    spellings: dict[str, list[Called]] = field(default_factory=dict)
    keys: dict[str, list[Called]] = field(default_factory=dict)
    reduced: dict[str, set[str]] = field(default_factory=dict)
    tokens: dict[str, set[str]] = field(default_factory=dict)
    bearing: dict[str, set[str]] = field(default_factory=dict)
    letters: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    by_letters: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    formers: dict[str, list[str]] = field(default_factory=dict)

    @property
    def systems(self) -> tuple[str, ...]:
        """The systems of codes that are known."""
        return tuple(sorted({system for system, _ in self.letters} | {"ISO"}))


def gazetteer(
    current: Codelist,
    former: Codelist,
    names: Iterable[AreaName],
    letters: Iterable[AreaLetters],
    own: Iterable[AreaName] = (),
) -> Gazetteer:
    """Put the areas, their names and their codes together; a name of an office's ``own`` means what it says there."""
    made = Gazetteer()
    for code in current:
        if code.attributes["kind"] == "country":
            made.areas[code.id] = Area(code.id, code.names["en"], code.attributes["citizenship"])
    for code in former:
        made.areas[code.id] = _former(code)
        for area in made.areas[code.id].terminal:
            made.formers.setdefault(area, []).append(code.id)
    for name in names:
        _add(made, name)
    for one in letters:
        known = made.letters.get((one.system, one.text), ())
        areas = (*known, *(area for area in one.areas if area not in known))
        made.letters[one.system, one.text] = areas
        made.by_letters.setdefault(one.text, {})[one.system] = areas
    own = list(own)
    for name in own:
        made.spellings.pop(plain(name.text), None)
        made.keys.pop(key(name.text), None)
    for name in own:
        _add(made, name)
    return made


def _former(code: Code) -> Area:
    about = code.attributes
    successors = dict(_successor(one) for one in about["successors"].split("|") if one)
    return Area(
        code.id,
        code.names["en"],
        about["citizenship"],
        about["former_kind"],
        code.valid_from,
        code.valid_to,
        successors,
        tuple(about["terminal_successors"].split()),
        tuple(about["shares_letters"].split()),
    )


def _successor(text: str) -> tuple[str, date | None]:
    area, _, day = text.partition("@")
    return area, date.fromisoformat(day) if day else None


def _add(made: Gazetteer, name: AreaName) -> None:
    called = Called(name.areas, name.kind, name.languages)
    texts = {name.text}
    if name.kind in ("nationality", "part"):
        for language in name.languages:
            texts.update(forms(name.text, language))
    for text in texts:
        _put(made, text, called, reducible=text == name.text or "ar" in name.languages)
    if name.kind == "name" and "ar" in name.languages and (people := arabic_nationality(name.text)):
        called = Called(name.areas, "nationality", frozenset({"ar"}))
        for text in forms(people, "ar"):
            _put(made, text, called, reducible=True)


def _put(made: Gazetteer, text: str, called: Called, reducible: bool = False) -> None:
    spelling, telling = plain(text), key(text)
    usual = bool(not called.languages or called.languages & CORE)
    known = made.spellings.setdefault(spelling, [])
    if called not in known:
        known.append(called)
    if telling == spelling or usual or long_enough(telling):
        known = made.keys.setdefault(telling, [])
        if called not in known:
            known.append(called)
    bare = without_designators(telling)
    if called.kind != "part" and reducible and usual and long_enough(bare):
        country = called.kind != "not a country"
        made.reduced.setdefault(bare, set()).update(called.areas if country else ("",))
    if " " in telling and called.kind != "nationality":
        for word in telling.split():
            made.bearing.setdefault(word, set()).add(telling)
    if called.kind in ("name", "alias", "former name"):
        for word in telling.split():
            made.tokens.setdefault(word, set()).update(called.areas)


def long_enough(text: str) -> bool:
    """Say whether a text is long enough to be looked for within a longer one, or as a name in any language."""
    return len(text) >= SHORTEST or not text.isascii()


def without_designators(telling: str) -> str:
    """Return the telling words that are left without republic, kingdom and the like; all, where none is left."""
    kept = [word for word in telling.split() if word not in DESIGNATORS]
    return CJK_DESIGNATORS.sub("", " ".join(kept)) or telling
