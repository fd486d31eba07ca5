"""Chance that only the office can repeat: every random step draws from a stream made of its key and its own name."""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np

from migstat.words.finding import misuse

SHORTEST = 16
"""Characters; a shorter key could be guessed by trying."""


@dataclass(frozen=True, slots=True)
class Secret:
    """The office's key. It is never printed, and nothing that is written holds it or can give it back."""

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) < SHORTEST:
            raise misuse(
                f"the key is shorter than {SHORTEST} characters",
                "make one once, keep it as you keep the microdata: openssl rand -hex 32",
                component="key",
            )

    def stream(self, *names: str) -> np.random.Generator:
        """Return random numbers for one step: the same for the same key and names."""
        digest = hmac.new(self.key, "\x1f".join(names).encode(), sha256).digest()
        return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))
