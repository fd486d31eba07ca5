"""The words and numbers of a page in one of six languages."""

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from babel import Locale, numbers

from migstat.words.finding import misuse
from migstat.words.shown import Count

LANGUAGES = {"en": "English", "fr": "français", "es": "español", "ar": "العربية", "ru": "русский", "zh": "中文"}


LEAST = 0.001
"""Smaller shares are only said to be smaller than this."""


@dataclass(frozen=True, slots=True)
class Language:
    """What a page says in a language, and how it writes numbers."""

    code: str
    words: dict[str, Any]
    locale: Locale

    def __getitem__(self, key: str) -> Any:
        return self.words[key]

    def say(self, key: str, **facts: object) -> str:
        """Return a sentence with its blanks filled in."""
        return str(self.words[key]).format(**facts)

    def number(self, value: float) -> str:
        """Write a number: thousands apart, one decimal where it is not whole."""
        whole = float(value).is_integer()
        return str(numbers.format_decimal(int(value) if whole else round(value, 1), locale=self.locale))

    def percent(self, share: float) -> str:
        """Write a share so that little is never shown as nothing, nor nearly all as all."""
        if 0 < share < LEAST:
            return self.say("few", n=self._percent(LEAST))
        return self.say("many", n=self._percent(1 - LEAST)) if 1 - LEAST < share < 1 else self._percent(share)

    def count(self, count: Count) -> str:
        """Write a count, or what may be told of it."""
        said = self.number(count.value)
        return self.say("few" if count.sign == "<" else "many", n=said) if count.sign else said

    def _percent(self, share: float) -> str:
        pattern = str(self.locale.percent_formats[None].pattern).replace("0%", "0.#%").replace("0\xa0%", "0.#\xa0%")
        return str(numbers.format_percent(share, format=pattern, locale=self.locale))


@cache
def language(code: str) -> Language:
    """Return a language by its two letters, as in ``en fr es ar ru zh``.

    >>> language("es").number(1234567), language("fr").percent(0.125)
    ('1.234.567', '12,5\\xa0%')
    """
    if code not in LANGUAGES:
        near = get_close_matches(code.lower()[:2], LANGUAGES, 1)
        known = ", ".join(f"{id} ({name})" for id, name in LANGUAGES.items())
        first = f"write {near[0]}, or another" if near else "write one"
        raise misuse(f"there is no page in the language '{code}'", f"{first} of {known}", component="language")
    text = files("migstat.report").joinpath("texts", f"{code}.toml").read_text(encoding="utf-8")
    return Language(code, tomllib.loads(text), Locale.parse(code))
