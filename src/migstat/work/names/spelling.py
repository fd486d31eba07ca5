"""The spelling of a name, freed of case, marks, articles, abbreviations and the order of its words."""

import html
import re
import unicodedata


def listed(*texts: str) -> frozenset[str]:
    """Return the words of texts, each a line of a list.

    >>> sorted(listed("of the", "de la"))
    ['de', 'la', 'of', 'the']
    """
    return frozenset(word for text in texts for word in text.split())


ARTICLES = listed(
    "the of and a an le la les l de du des d et en el los las del y e o os as do da dos das no na",
    "der die das den dem des und von и ال و",
)
"""Words that come and go in names, in the languages of the library."""
SHORT = {
    "rep": "republic", "repub": "republic", "dem": "democratic", "democ": "democratic", "fed": "federated",
    "is": "island", "isl": "island", "isd": "island", "isds": "island", "islds": "island", "isle": "island",
    "st": "saint", "sta": "saint", "ste": "saint", "snt": "saint", "ter": "territory", "terr": "territory",
    "br": "british", "brit": "british", "fr": "french", "neth": "netherland", "occ": "occupied",
    "n": "north", "s": "south", "eq": "equatorial", "equat": "equatorial", "us": "united states",
    "usa": "united states", "uk": "united kingdom", "utd": "united", "emir": "emirate",
    "centr": "central", "cent": "central", "afr": "african", "dom": "dominican", "peop": "people",
    "rf": "federation", "ssr": "soviet socialist republic", "pdr": "people democratic republic", "w": "west",
    "dpr": "democratic people republic", "pop": "people", "plur": "plurinational", "e": "east",
    "republique": "republic", "republica": "republic", "republik": "republic", "democratique": "democratic",
    "democratica": "democratic", "demokratische": "democratic", "populaire": "people", "popular": "people",
    "royaume": "kingdom", "reino": "kingdom", "konigreich": "kingdom", "islamique": "islamic", "islamica": "islamic",
    "islamische": "islamic", "etat": "state", "estado": "state", "federale": "federated", "federal": "federated",
    "arabe": "arab", "arabische": "arab",
}  # fmt: skip
"""Abbreviations that stand for one word in names of areas."""
LETTERS = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ک": "ك", "ـ": "",
     "ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "œ": "oe", "ё": "е",
     "’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'"}
)  # fmt: skip
POSSESSIVE = re.compile(r"(?<=\w)'s\b")
DAMAGED = re.compile("[ÃÂÄÅÐÑØÙâãåæçèé][\x80-\xbfŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]")


def mended(text: str) -> str:
    """Return a text as it was before UTF-8 was read as Latin-1 or CP1252, and HTML entities as themselves.

    >>> mended("CÃ´te d'Ivoire &amp; RÃ©union")
    "Côte d'Ivoire & Réunion"
    """
    text = html.unescape(text) if "&" in text else text
    for encoding in ("cp1252", "latin-1"):
        if DAMAGED.search(text):
            try:
                text = text.encode(encoding).decode("utf-8")
            except UnicodeError:
                continue
    return text


def plain(text: str) -> str:
    """Return a text without case, accents and signs, its words in their order.

    >>> plain("  Côte d'IVOIRE "), plain("U.S.A."), plain("Trinadad&Tobago")
    ('cote d ivoire', 'usa', 'trinadad tobago')
    """
    text = unicodedata.normalize("NFKC", text).translate(LETTERS).casefold().translate(LETTERS)
    text = POSSESSIVE.sub("s", text)
    bare = unicodedata.normalize("NFC", "".join(map(_bare, unicodedata.normalize("NFKD", text)))).translate(LETTERS)
    words: list[str] = []
    run = False
    for word in bare.split():
        single = len(word) == 1 and "a" <= word <= "z"
        if single and run:
            words[-1] += word
        else:
            words.append(word)
        run = single
    return " ".join(words)


def words_of(text: str) -> list[str]:
    """Return the words of a plain text that tell one name from another, abbreviations written out.

    >>> words_of(plain("Korea, Rep. of")), words_of(plain("The Cayman Isds"))
    (['korea', 'republic'], ['cayman', 'island'])
    """
    said = text.split()
    if len(said) == 1:
        return [_singular(text)]
    words = [_singular(part) for word in said for part in SHORT.get(word, word).split()]
    kept = [word for word in words if word not in ARTICLES]
    return kept or words


def key(text: str) -> str:
    """Return what all spellings of a name share: its telling words, sorted.

    >>> key("Republic of Korea") == key("KOREA (Rep. of)")
    True
    """
    return " ".join(sorted(words_of(plain(text))))


def _bare(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind == "Mn" and sign < "\u0700":  # accents, Hebrew points and Arabic vowels; in Indic scripts marks are letters
        return ""
    return sign if kind[0] in "LMN" else " "


def _singular(word: str) -> str:
    if "\u0600" < word[0] < "\u0700":
        return word.removeprefix("ال") if len(word) >= 5 else word
    if word.endswith("ies") and len(word) >= 8:
        return word[:-3] + "y"
    return word[:-1] if len(word) >= 5 and word.endswith("s") and not word.endswith("ss") else word
