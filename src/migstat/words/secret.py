"""Keys of pseudonyms: known by their name and a fingerprint, never shown."""

import hmac
from dataclasses import dataclass, field

FINGERPRINT = b"migstat: the fingerprint of a key"


@dataclass(frozen=True, slots=True)
class Key:
    """A secret key: where it came from, and the key itself, which no text of it shows.

    >>> Key("KEN_KEY", b"not for print")
    Key(name='KEN_KEY')
    """

    name: str
    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """A fingerprint that tells whether two files have the same key, and nothing of the key itself."""
        return hmac.digest(self.secret, FINGERPRINT, "sha256")[:8].hex()
