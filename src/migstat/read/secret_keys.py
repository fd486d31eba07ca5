"""Keys of pseudonyms: from an environment variable or a key file, refused where they are weak. Never shown."""

import os
import re
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log2
from pathlib import Path

from migstat.words.finding import Finding, Misuse, Place
from migstat.words.secret import Key

SHORTEST = 32
"""Signs of a key."""
LEAST_BITS = 100
"""What a key holds by the frequency of its signs; 64 random hexadecimal digits hold about 240."""
WORDS = (
    "password", "passphrase", "passwort", "contrasena", "secret", "changeme", "change", "default", "example", "sample",
    "migstat", "pseudonym", "migration", "statistics", "admin", "letmein", "welcome", "qwerty", "azerty", "iloveyou",
    "test", "demo", "dummy", "key", "salt", "hmac", "sha256", "abcdefghijklmnopqrstuvwxyz", "abcdef", "0123456789",
    "1234567890", "123456", "012345", "deadbeef", "cafebabe",
)  # fmt: skip
"""Texts that a key is not made of."""
MEND = "make one with: migstat pseudonym key --into FILE"


def new_key() -> str:
    """Return a new key: 256 random bits, as 64 hexadecimal digits."""
    return secrets.token_hex(32)


def read_keys(names: Sequence[str], environment: Mapping[str, str] | None = None) -> tuple[Key, ...]:
    """Return the keys of these names. Raise Misuse with everything that is wrong, and no word of any key.

    A key is the text of the environment variable of its name, or of the file that ``NAME_FILE`` names.
    """
    environment = os.environ if environment is None else environment
    found: list[Key] = []
    faults: list[Finding] = []
    for name in names:
        text, what = _text(name, environment)
        what = what or weakness(text)
        if what:
            faults.append(Finding(Place("key"), name, what, MEND if text else _mend(name)))
        else:
            found.append(Key(name, text.encode()))
    if len({key.secret for key in found}) < len(found):
        faults.append(Finding(Place("key"), ", ".join(names), "two of the keys are the same", "name each key once"))
    if faults:
        raise Misuse(faults)
    return tuple(found)


def _mend(name: str) -> str:
    return f"put the key into the environment variable {name}, or the path of a key file into {name}_FILE"


def _text(name: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """Return the text of a key, or what is wrong."""
    if environment.get(name, "").strip():
        return environment[name].strip(), ""
    path = environment.get(f"{name}_FILE", "")
    if not path:
        return "", "there is no key of this name"
    try:
        with Path(path).open("rb") as file:
            text = file.read(4097).decode("utf-8-sig").strip()
    except OSError as error:
        return "", f"the key file cannot be read: {os.strerror(error.errno or 0)}"
    except UnicodeDecodeError:
        return "", "the key file is not text"
    if len(text) > 4096:
        return "", "the key file is longer than any key"
    return (text, "") if text else ("", "the key file is empty")


def weakness(text: str) -> str:
    """Say why a key is weak, without a word of it; an empty text where it is not known to be.

    >>> weakness("changeme")
    'the key is weak: it has fewer than 32 signs'
    """
    plain = re.sub(r"[\W_]", "", text).casefold()
    for word in sorted(WORDS, key=len, reverse=True):
        plain = plain.replace(word, "")
    if len(text) < SHORTEST:
        why = f"it has fewer than {SHORTEST} signs"
    elif (text + text).find(text, 1) < len(text) or re.fullmatch(r"(.{1,16}?)\1+.{0,16}", text):
        why = "it repeats itself"
    elif _steps(text) > len(text) // 2:
        why = "it counts up or down"
    elif len(plain) < SHORTEST - 8:
        why = "it is made of words that everyone tries"
    elif _bits(text) < LEAST_BITS:
        why = "it has too few different signs"
    else:
        return ""
    return f"the key is weak: {why}"


def _steps(text: str) -> int:
    """Count the signs that follow the one before them in the alphabet, up or down, or repeat it."""
    return sum(abs(ord(second) - ord(first)) <= 1 for first, second in pairwise(text))


def _bits(text: str) -> float:
    return -sum(count * log2(count / len(text)) for count in Counter(text).values())
