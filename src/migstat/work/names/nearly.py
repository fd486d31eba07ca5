"""Names of several words, of which some are shortened or misspelt, and one word is borne by one area only."""

from collections.abc import Callable

from migstat.work.names.found import Found
from migstat.work.names.gazetteer import Gazetteer
from migstat.work.names.likeness import edits
from migstat.work.names.spelling import plain, words_of

LONG = 5
"""A word of at least so many letters may be misspelt by one letter, one of twice as many by two."""


def nearly(text: str, gazetteer: Gazetteer) -> Found | None:
    """Return the one area whose name has each word of the text: whole, as its beginning, or misspelt by a letter."""
    words = sorted(words_of(plain(text)))
    if not 2 <= len(words) <= 7:
        return None
    shortened: set[str] = set()
    misspelt: set[str] = set()
    for name in {name for word in words for name in gazetteer.bearing.get(word, ())}:
        kind = _kind(words, name.split(), gazetteer)
        if kind is not None:
            meant = {area for one in gazetteer.keys[name] for area in one.areas or ("",)}
            (shortened if kind == "shortened" else misspelt).update(meant)
    if len(shortened) == 1 and "" not in shortened:
        return Found(tuple(shortened), "alias", 0.92, "the name with words shortened", doubtful=True)
    if not shortened and len(misspelt) == 1 and "" not in misspelt:
        return Found(
            tuple(misspelt), "corroborated", 0.9, "one word as in no other name, the rest misspelt by a letter"
        )
    return None


def _kind(words: list[str], name: list[str], gazetteer: Gazetteer) -> str | None:
    """Say whether a name is the words shortened, or misspelt beside a word that only one area has."""
    if len(words) != len(name):
        return None
    same = [word for word in words if word in name]
    left, open_ = [word for word in words if word not in name], [word for word in name if word not in words]
    if not same or len(left) != len(open_) or len(left) > 3:
        return None
    if _paired(left, open_, _begins):
        return "shortened"
    telling = [word for word in same if len(word) >= LONG and len(gazetteer.tokens.get(word, ())) == 1]
    if not telling or any(word in gazetteer.tokens for word in left):
        return None
    return "misspelt" if _paired(left, open_, _misspells) else None


def _paired(words: list[str], name: list[str], fits: Callable[[str, str], bool]) -> bool:
    if not words:
        return True
    return any(
        fits(words[0], one) and _paired(words[1:], name[:place] + name[place + 1 :], fits)
        for place, one in enumerate(name)
    )


def _begins(word: str, whole: str) -> bool:
    return len(word) >= 2 and whole.startswith(word) and len(word) < len(whole)


def _misspells(word: str, whole: str) -> bool:
    most = min(len(word), len(whole)) // LONG
    return most > 0 and edits(word, whole, most) <= most
