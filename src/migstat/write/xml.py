"""XML out: a streaming writer whose bytes depend on nothing but what it is told, and whose file appears whole."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO

from migstat.words.finding import Finding, MigstatError, Place
from migstat.write.atomic import beside

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 file can hold: control characters, halves of surrogate pairs, and two that are no characters."""
ATTRIBUTE = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_IN_ATTRIBUTE, _IN_TEXT = str.maketrans(ATTRIBUTE), str.maketrans(TEXT)

Attributes = Mapping[str, str | int | bool | None]


class XmlWriter:
    """Writes elements one after the other, two spaces in for each level; names are written as given, with their prefix.

    An attribute of None is left out; True and False are written in small letters.

    >>> import io
    >>> file = io.BytesIO()
    >>> xml = XmlWriter(file)
    >>> with xml.element("Codelist", {"id": "CL_SEX", "isFinal": True, "validFrom": None}):
    ...     xml.leaf("Name", {"xml:lang": "en"}, "Sex & gender")
    >>> print(file.getvalue().decode(), end="")
    <?xml version="1.0" encoding="UTF-8"?>
    <Codelist id="CL_SEX" isFinal="true">
      <Name xml:lang="en">Sex &amp; gender</Name>
    </Codelist>
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._level = 0
        file.write(b'<?xml version="1.0" encoding="UTF-8"?>\n')

    @contextmanager
    def element(self, name: str, attributes: Attributes | None = None) -> Iterator[None]:
        """Write an element around whatever is written meanwhile."""
        self.start(name, attributes)
        yield
        self.end(name)

    def start(self, name: str, attributes: Attributes | None = None) -> None:
        """Open an element."""
        self._line(f"<{name}{_attributes(attributes)}>")
        self._level += 1

    def end(self, name: str) -> None:
        """Close the element that was opened last, whose name is given again."""
        self._level -= 1
        self._line(f"</{name}>")

    def leaf(self, name: str, attributes: Attributes | None = None, text: str = "") -> None:
        """Write an element that holds text, or nothing."""
        inner = f">{escape_text(text)}</{name}>" if text else "/>"
        self._line(f"<{name}{_attributes(attributes)}{inner}")

    def raw(self, data: bytes) -> None:
        """Write bytes as they are: whole lines of XML, escaped already, as made for many rows at once."""
        self._file.write(data)

    def _line(self, text: str) -> None:
        self._file.write(f"{'  ' * self._level}{text}\n".encode())


@contextmanager
def writing(path: str | os.PathLike[str]) -> Iterator[XmlWriter]:
    """Lend a writer to a file that appears whole, or not at all."""
    with beside(path) as part, part.open("wb") as file:
        yield XmlWriter(file)


def escape_attribute(text: str) -> str:
    """Return text as it stands between the quotes of an attribute, where it reads back as it was."""
    return _allowed(text).translate(_IN_ATTRIBUTE)


def escape_text(text: str) -> str:
    """Return text as it stands between tags."""
    return _allowed(text).translate(_IN_TEXT)


def _attributes(attributes: Attributes | None) -> str:
    return "".join(
        f' {name}="{escape_attribute(_plain(value))}"'
        for name, value in (attributes or {}).items()
        if value is not None
    )


def _plain(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _allowed(text: str) -> str:
    if found := FORBIDDEN.search(text):
        what = f"{found[0]!r} in {text[:40]!r} is a character that XML cannot hold"
        raise MigstatError([Finding(Place("migstat"), "", what, "remove it from the text, or write SDMX-CSV or JSON")])
    return text
