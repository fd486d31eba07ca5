"""Plain words of a label: without case, accents and punctuation, so that labels of any office can be compared."""

import re
import unicodedata
from functools import lru_cache

NUMBERS = {
    "one": "1",
    "un": "1",
    "une": "1",
    "uno": "1",
    "una": "1",
    "um": "1",
    "uma": "1",
    "ein": "1",
    "eine": "1",
    "einem": "1",
    "two": "2",
    "five": "5",
    "cinq": "5",
    "cinco": "5",
    "funf": "5",
    "пять": "5",
    "один": "1",
    "خمس": "5",
    "ten": "10",
    "dix": "10",
    "diez": "10",
    "dez": "10",
    "zehn": "10",
    "twelve": "12",
    "doce": "12",
    "一": "1",
    "五": "5",
}
"""Numbers as words, where a label says how long ago."""
SHORT = {
    "stat": "status", "hh": "household", "hhold": "household", "yr": "year", "yrs": "year", "educ": "education",
    "cntry": "country", "ctry": "country", "res": "residence", "dt": "date", "fch": "fecha", "edo": "estado",
    "arr": "arrival",
}  # fmt: skip
"""Words as labels and names of columns shorten them."""
_TWELVE = re.compile(r"\b12 (?:(months?)|(meses)|(mois)|(monaten?)|(mesi)|(maneder|manader)|(месяцев))\b")
_YEAR = ("1 year", "1 ano", "1 an", "1 jahr", "1 anno", "1 ar", "1 год")
"""Twelve months are a year, in the languages of ``_TWELVE``."""
_CASED = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
_LETTERS = str.maketrans({"ß": "ss", "œ": "oe", "ø": "o", "æ": "ae"})
_SIGNS = re.compile(r"[\W_]+")
_HAN = re.compile(r"([\u3400-\u9fff])")


@lru_cache(maxsize=65_536)
def plain(text: str) -> str:
    """Return a text without accents, case and punctuation, its words parted by one blank.

    >>> plain("Año de llegada (D, G)")
    'ano de llegada d g'
    """
    folded = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    bare = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return _SIGNS.sub(" ", _HAN.sub(r" \1 ", bare)).strip()


@lru_cache(maxsize=65_536)
def words(text: str) -> tuple[str, ...]:
    """Return the plain words of a label; Arabic without its article, a number word as a number.

    >>> words("Country of residence five years ago")
    ('country', 'of', 'residence', '5', 'year', 'ago')
    >>> words("Lugar de residencia hace 12 meses") == words("Lugar de residencia hace un año")
    True
    """
    year = _TWELVE.sub(lambda match: _YEAR[(match.lastindex or 1) - 1], plain(text))
    found = (word.removeprefix("ال") if len(word) > 4 else word for word in year.split())
    return tuple(NUMBERS.get(word) or SHORT.get(word) or _singular(word) for word in found)


def _singular(word: str) -> str:
    """Return a word of Latin letters without the ending of its plural: the same for both, if not always a word."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    return word[:-2] if word.endswith("es") and word[-3] in "drlnz" else word[:-1]


def listed(text: str) -> tuple[str, ...]:
    """Return the plain texts of a list that stands in one text, parted by semicolons.

    >>> listed("Wert; código")
    ('wert', 'codigo')
    """
    return tuple(plain(one) for one in text.split(";"))


def name_words(name: str) -> tuple[str, ...]:
    """Return the plain words in the name of a column, parted at signs, digits and changes of case.

    >>> name_words("PA3_PAIS_NAC"), name_words("countryOfBirth")
    (('pa', '3', 'pais', 'nac'), ('country', 'of', 'birth'))
    """
    return tuple(words(_CASED.sub(" ", name)))
