"""How far a label or name says a subject: by its plain words, in any order, and by what else it says."""

import re
from collections.abc import Collection, Iterable
from functools import lru_cache

from migstat.words.plain_words import words
from migstat.words.vocabulary import Phrase, Vocabulary

REST = 0.5
"""What a word that the phrase does not have counts against it."""
OTHER = 3
"""So many times a word counts that makes another subject of a label, such as 'mother' or 'flag'."""
OF_ANOTHER = frozenset(
    words(
        "mother father spouse mere pere conjoint madre padre conyuge mae pai conjuge mutter vater ehepartner "
        "матери отца 母 父"
    )
)
"""Words in brackets that make another's of what is said: country of birth [of mother]."""
RESIDENCE = frozenset(("residence", "residencia", "address", "wohnort", "domicilio"))
"""Words that say of a parent only where the birth is counted: place of birth (residence of the mother)."""
_ANSWERED = re.compile(
    r"^\s*(?:yes|no|si|sí|oui|non|sim|não|nao|ja|nein|да|нет|نعم|لا|是|否)\s*[,;:–—-]\s*(?=\S)", re.I
)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


def likeness(said: tuple[str, ...], phrase: Phrase, vocabulary: Vocabulary, dropped: Collection[str] = ()) -> float:
    """Return how far words say a phrase: 0 where one of its words is not there, 1 where nothing else is said.

    ``dropped`` are words that say nothing here, such as the name of the country itself.
    """
    needed = {word for word in phrase.words if not _joins(word, vocabulary)} or set(phrase.words)
    if not needed or not needed <= set(said):
        return 0.0
    wanted = set(phrase.words)
    solid = [word for word in phrase.words if word not in vocabulary.neutral] or list(phrase.words)
    rest = 0.0
    for word in said:
        if word in wanted or word in vocabulary.neutral or word in dropped or _says_nothing(word):
            continue
        rest += OTHER if word in vocabulary.other else 1
    return phrase.strength * len(solid) / (len(solid) + REST * rest)


def _joins(word: str, vocabulary: Vocabulary) -> bool:
    """Say whether a word only joins others, such as 'of': a label may leave it out."""
    return len(word) <= 3 and word in vocabulary.neutral


def _says_nothing(word: str) -> bool:
    """Say whether a word is a letter, an article that is also the number one, or a year."""
    return word == "1" or (len(word) == 1 and word.isascii()) or (word.isdecimal() and len(word) == 4)


def best(label: str, phrases: Iterable[Phrase], vocabulary: Vocabulary, dropped: Collection[str] = ()) -> float:
    """Return how far a label says one of several phrases, with what stands in brackets or without."""
    phrases = tuple(phrases)
    return max((likeness(said, one, vocabulary, dropped) for said in readings(label) for one in phrases), default=0.0)


@lru_cache(maxsize=16_384)
def readings(label: str) -> tuple[tuple[str, ...], ...]:
    """Return the words of a label: as it stands, without a leading yes or no, and without what stands in brackets.

    >>> readings("No, abroad (where)")
    (('no', 'abroad', 'where'), ('abroad', 'where'), ('abroad',))
    """
    bare = _ANSWERED.sub("", label)
    inside = set(words(" ".join(_BRACKETS.findall(bare))))
    whole = inside & OF_ANOTHER and not inside & RESIDENCE
    found = (label, bare, bare if whole else _BRACKETS.sub(" ", bare))
    return tuple(dict.fromkeys(one for one in (words(text) for text in found) if one))
