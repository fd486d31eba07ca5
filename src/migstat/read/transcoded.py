"""Text of any encoding as UTF-8, block by block: what reads it further on knows one encoding."""

import codecs
from typing import IO, Any

PLAIN = frozenset({"utf-8", "ascii"})
"""Encodings, by the names that Python gives them, that are UTF-8 already."""

OWN = frozenset({"idna", "punycode", "raw_unicode_escape", "raw-unicode-escape", "unicode_escape", "unicode-escape"})
"""Codecs of Python that are no encodings of files: some take hours over a long text."""

SHIFTED = ("utf-7", "iso2022", "hz")
"""Encodings in which a sign says how the bytes after it are to be read."""

MULTIBYTE = ("utf", "gb", "big5", "euc", "cp932", "cp949", "cp950", "shift", "johab", *SHIFTED)


def codec(encoding: str) -> str:
    """Return the one name of an encoding, whatever it is called: ``utf-8`` for UTF8, ``iso8859-1`` for Latin-1."""
    name = codecs.lookup(encoding).name
    return "utf-8" if name == "utf-8-sig" else name


def is_plain(encoding: str) -> bool:
    """Tell whether a name is one of an encoding of texts, and not one of Python's own codecs, such as ``punycode``."""
    try:
        return "A".encode(encoding).decode(encoding) == "A" and codec(encoding) not in OWN
    except (LookupError, UnicodeError):
        return False


def keeps_ascii(encoding: str) -> bool:
    """Tell whether bytes below 128 are the letters of ASCII, each by itself, and a line end is one of them."""
    return "A1 \r\n".encode(encoding) == b"A1 \r\n" and not codec(encoding).startswith(SHIFTED)


def one_byte(encoding: str) -> bool:
    """Tell whether each character is one byte."""
    return not codec(encoding).startswith(MULTIBYTE)


def utf8(data: bytes, encoding: str) -> bytes:
    """Return bytes that end with a whole character as UTF-8; raise UnicodeDecodeError where they are not of it."""
    if data.isascii() and keeps_ascii(encoding):
        return data
    return data if codec(encoding) in PLAIN else data.decode(encoding).encode()


class Transcoded:
    """A file of bytes, read as UTF-8."""

    closed = False

    def __init__(self, file: IO[bytes] | Any, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._ascii = one_byte(encoding) and keeps_ascii(encoding)
        self._kept = b""
        self._ended = False

    def read(self, size: int) -> bytes:
        """Return at most so many bytes; none at the end. Raises UnicodeError where the file is not of its encoding."""
        while len(self._kept) < size and not self._ended:
            chunk = self._file.read(size)
            self._ended = not chunk
            if self._ascii and chunk.isascii():
                self._kept += chunk
            else:
                self._kept += self._decoder.decode(chunk, final=self._ended).encode()
        given, self._kept = self._kept[:size], self._kept[size:]
        return given
