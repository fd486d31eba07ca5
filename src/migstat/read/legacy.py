"""Encodings before Unicode: which one a text is plainly written in, by the letters it would have, whatever is said."""

import itertools
import re

from migstat.read.transcoded import codec, one_byte

WESTERN = frozenset({"ascii", "cp1252", "iso8859-1", "iso8859-15", "cp850", "cp437"})
FEW, MANY = 3, 20
"""Letters beyond ASCII after which a text is UTF-8 beyond doubt, where one of one byte, or of more, is said."""
LEAST = 20
"""Bytes beyond ASCII, below which nothing is plain."""
ARABIC, CYRILLIC, CHINESE, KOREAN = "Arabic", "Cyrillic", "Chinese", "Korean"
WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
LATIN = re.compile(rb"[A-Za-z]")
CYRILLIC_HAS = (re.compile(rb"[\xc0-\xdf\xfb-\xff]"), re.compile(rb"[\xc0\xe0]"))
"""Letters of cp1251 where cp1255 has none, capitals and the last ones; and the A, where Greek capitals have none."""
ARABIC_HAS = re.compile(rb"[\xe1\xe3-\xe6\xec\xed]")
"""Lam, meem, noon, heh, waw and yeh of cp1256, where Greek capitals have none."""
BEYOND = re.compile(rb"[\x80-\xff]+")


def plainly(data: bytes) -> tuple[str, str]:
    """Return the encoding and the script of a text in another script than Latin; two empty texts where none is plain.

    Letters of Western languages beyond ASCII stand beside letters of ASCII: Fr\xe9d\xe9ric. Those of other scripts do
    not. Known are cp1251, cp1256, gb18030 and cp949.
    """
    words = [word for word in WORD.findall(data) if BEYOND.search(word)]
    whole = [word for word in words if not LATIN.search(word)]
    beyond = b"".join(BEYOND.findall(data))
    if len(beyond) < LEAST or len(whole) < 0.8 * len(words) or len({word for word in whole if len(word) > 2}) < 3:
        return "", ""
    pairs = [run for run in BEYOND.findall(data) if len(run) % 2 == 0]
    if sum(map(len, pairs)) >= 0.95 * len(beyond):
        leads = b"".join(pairs)[::2]
        common = sum(0xB0 <= lead <= 0xD7 for lead in leads)
        if common >= 0.8 * len(leads) and _decodes(b"\n".join(pairs), "gb18030"):
            hangul = sum(0xB0 <= lead <= 0xC8 for lead in leads)
            return ("cp949", KOREAN) if hangul >= 0.98 * common else ("gb18030", CHINESE)
    has = all(letters.search(beyond) for letters in CYRILLIC_HAS)
    if has and _share(beyond, "cp1251", "\u0400", "\u04ff") >= 0.95 and _cased(whole):
        return "cp1251", CYRILLIC
    if ARABIC_HAS.search(beyond) and _share(beyond, "cp1256", "\u0600", "\u06ff") >= 0.98:
        return "cp1256", ARABIC
    return "", ""


def otherwise(data: bytes, said: str, *, cut: bool) -> tuple[str, str]:
    """Return the encoding that a text is plainly in though another one is said, and how that is told; else nothing.

    A text that another encoding gives is hardly ever whole in UTF-8. ``cut`` says that the last character may be torn.
    """
    if codec(said).startswith("utf") or data.isascii():
        return "", ""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        text = data[: error.start].decode("utf-8") if cut and error.start >= len(data) - 4 else ""
    if sum(sign > "\x7f" for sign in text) >= (FEW if one_byte(said) else MANY):
        return "utf-8", f"read as UTF-8: it is that throughout, and not {said}"
    encoding, script = plainly(data) if codec(said) in WESTERN else ("", "")
    return encoding, f"read as {encoding}: it looks {script}, and not as {said} would" if encoding else ""


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _share(beyond: bytes, encoding: str, first: str, last: str) -> float:
    """Return the share of the letters of a script in what is beyond ASCII."""
    text = beyond.decode(encoding, "replace")
    return sum(first <= sign <= last for sign in text) / len(text)


def _cased(words: list[bytes]) -> bool:
    """Tell whether capitals stand as they do in Cyrillic: no capital after a small letter."""
    texts = [word.decode("cp1251", "replace") for word in words]
    steps = [pair for text in texts for pair in itertools.pairwise(text)]
    return sum(a.islower() and b.isupper() for a, b in steps) <= 0.02 * max(1, len(steps))
