"""XML in: the one door to lxml. Elements come one by one; a file can define nothing, fetch nothing and exhaust nothing.

A document type is refused wherever it stands, and with it every entity. What a file may hold is bounded: an element
that is wanted whole, an attribute or text, the depth, and how far a packed file may swell.
"""

import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import IO, Any, Literal

from lxml import etree

from migstat.read.packed import FOREIGN, explained, fault, unpacked
from migstat.words.finding import Finding, MigstatError, Place, misuse
from migstat.words.source import Format

CHUNK = 1 << 16
LARGEST = 8 << 20
"""Bytes that may pass between two wanted elements; a wanted element is never larger."""
SWELL, FREE = 200, 64 << 20
"""A packed file may swell to this many times its size, once it is past the size that is always free."""
PROLOG = 1 << 16
"""Bytes that may stand before the first element."""
ENDINGS = (".xml",)
EXHAUSTING = r"too long|[Hh]uge|amplification|limit|[Dd]epth"
"""How libxml2 says that one of its bounds is passed."""

Event = tuple[Literal["start", "end"], Any]


def elements(
    path: Path, wanted: Collection[str], starts: Collection[str] = (), *, largest: int = LARGEST
) -> Iterator[Event]:
    """Yield ``("end", element)`` for each element of a wanted local name, in any namespace, and free it after use.

    A wanted ``Codelist/Code`` is a Code right below a Codelist, and no other. For the names in ``starts``,
    ``("start", element)`` comes first, when only its attributes are known. Use an element before the next is asked for:
    then it, and all that stands before it at any level, may be gone. So a wanted element within a wanted one is taken
    when it comes, and what a parent says before its children when the first child comes.
    Plain, gzip and zip files are read, in memory that does not grow with them. Raises MigstatError with file and line.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "data.xml"
    ...     _ = path.write_text('<Series AREA="KEN"><Obs TIME="2019" VALUE="7"/><Obs TIME="2020" VALUE="8"/></Series>')
    ...     for event, one in elements(path, ["Obs"], ["Series"]):
    ...         print(event, local(one), dict(one.attrib))
    start Series {'AREA': 'KEN'}
    end Obs {'TIME': '2019', 'VALUE': '7'}
    end Obs {'TIME': '2020', 'VALUE': '8'}
    """
    asked = {"end": frozenset(wanted), "start": frozenset(starts)}
    below = any("/" in name for name in (*wanted, *starts))

    def is_asked(event: str, element: Any) -> bool:
        name = local(element)
        return name in asked[event] or (below and _with_parent(name, element) in asked[event])

    tags = sorted({f"{{*}}{name.rpartition('/')[2]}" for name in (*wanted, *starts)})
    for events in _parsed(path, tags, ("start", "end") if starts else ("end",), is_asked, largest):
        last = None
        for event, element in events:
            yield event, element
            if event == "end":
                element.clear(keep_tail=False)
            last = element
        if last is not None:
            _sweep(last)


def root(path: Path) -> tuple[str, str]:
    """Return the namespace and the local name of the first element, and read no further.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "message.xml"
    ...     _ = path.write_text('<m:Structure xmlns:m="urn:m"/>')
    ...     root(path)
    ('urn:m', 'Structure')
    """
    for events in _parsed(path, None, ("start",), lambda *_: True, LARGEST):
        for _, element in events:
            namespace, _, name = element.tag.rpartition("}")
            return namespace.removeprefix("{"), name
    raise _no_xml(path.name)


def local(element: Any) -> str:
    """Return the name of an element without its namespace."""
    tag: str = element.tag
    return tag.rpartition("}")[2]


def _with_parent(name: str, element: Any) -> str:
    parent = element.getparent()
    return name if parent is None else f"{local(parent)}/{name}"


def place(path: Path, element: Any) -> Place:
    """Return where an element stands: file and line."""
    return Place(path.name, element.sourceline)


def _parsed(
    path: Path, tags: list[str] | None, events: tuple[str, ...], is_asked: Callable[[str, Any], bool], largest: int
) -> Iterator[list[Event]]:
    """Parse chunk by chunk, and hand out what is asked for of each; raise where too much comes that is not."""
    if not path.is_file():
        raise misuse(f"there is no file {path.name}", "check the name of the file", place=str(path))
    with explained(path.name), unpacked(path, Format(), ENDINGS) as (file, _, _, name):
        parser = etree.XMLPullParser(
            events=events,
            tag=tags,
            resolve_entities=False,
            load_dtd=False,
            dtd_validation=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        since, ended = 0, False
        try:
            for chunk in _chunks(file, name, path.stat().st_size):
                parser.feed(chunk)
                found = [event for event in parser.read_events() if is_asked(*event)]
                since = 0 if found else since + len(chunk)
                if found:
                    _refuse_doctype(found[0][1], name)
                    yield found
                elif since > largest:
                    what = f"one element is larger than {largest >> 20} MB"
                    raise fault(name, what, "split the file, or ask for it in parts")
            ended = True
            _refuse_doctype(parser.close(), name)
        except etree.XMLSyntaxError as error:
            raise _explained(error, name, ended) from error


def _chunks(file: IO[bytes], name: str, size: int) -> Iterator[bytes]:
    """Yield the bytes in chunks, the first of them after a look at what stands before the first element."""
    start = b""
    while len(start) < PROLOG and (chunk := file.read(PROLOG - len(start))):
        start += chunk
    _refuse_start(start, name)
    yield start
    passed, most = len(start), max(FREE, SWELL * size)
    while chunk := file.read(CHUNK):
        passed += len(chunk)
        if passed > most and passed > size:
            what = f"a packed file of {size:,} bytes swells past {most:,} bytes: it is made to fill the machine"
            raise fault(name, what, "ask the sender for the file again, unpacked")
        yield chunk


def _refuse_start(start: bytes, name: str) -> None:
    """Refuse what is no XML, what says what it is too late, and a document type."""
    kind = next((kind for magic, kind in FOREIGN.items() if start.startswith(magic) and magic[:2] != b"<!"), "")
    if kind:
        raise fault(name, f"is {kind}, not XML", "ask for the SDMX-ML or SDMX-JSON file")
    codec = "utf-16" if start.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1"
    text = start.removeprefix(b"\xef\xbb\xbf").decode(codec, "replace").lstrip()
    if not text.startswith("<"):
        raise _no_xml(name)
    declared = re.match(r"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]+)", text)
    if declared and not re.fullmatch(r"utf-?(8|16)|us-ascii|iso-?8859-\d+|windows-125\d|latin-?\d", declared[1], re.I):
        raise fault(name, f"is in the encoding {declared[1]}", "ask for it, or save it, in UTF-8")
    bare = re.sub(r"<!--.*?(-->|\Z)|<\?.*?(\?>|\Z)", "", text, flags=re.DOTALL)
    first = re.search(r"<(.)", bare, re.DOTALL)
    if first is None:
        what = "has no element" if len(start) < PROLOG else f"has no element in its first {PROLOG >> 10} kB"
        raise fault(name, what, "remove what stands before the first element, or fetch the file again")
    if first[1] == "!":
        raise _doctype(name)


def _refuse_doctype(element: Any, name: str) -> None:
    info = element.getroottree().docinfo
    if info.internalDTD is not None or info.externalDTD is not None:
        raise _doctype(name)


def _doctype(name: str) -> MigstatError:
    what = "declares a document type (DOCTYPE), by which a file can swell, or fetch other files"
    return fault(name, what, "remove the line <!DOCTYPE ...> and the entities it declares")


def _no_xml(name: str) -> MigstatError:
    if name.lower().endswith(".json"):
        return fault(name, "is not JSON", "name an SDMX-JSON file, whose first sign is {")
    return fault(name, "is not XML", "name an SDMX-ML file, whose first sign is <")


def _sweep(last: Any) -> None:
    """Free all that stands before an element, at its own level and at those above it."""
    while (parent := last.getparent()) is not None:
        del parent[: parent.index(last)]
        last = parent


def _explained(error: etree.XMLSyntaxError, name: str, ended: bool) -> MigstatError:
    """Tell in plain words why the file is not well formed, or is not read any further."""
    said = (error.msg or "").partition(", line ")[0].strip()
    if re.search(EXHAUSTING, said):
        what = "is built to exhaust the machine, or is damaged: an attribute, text or nesting past all bounds"
        mend = "ask the sender for the file again"
    elif said == "no element found":
        what, mend = "names an entity that it does not declare", "write &amp; where a & is meant"
    elif ended:
        what, mend = "ends too early: it was cut off", "fetch the file again: its size or checksum will differ"
    elif "Extra content" in said:
        what, mend = (
            "goes on after its end",
            "fetch the file again: two were joined, or it was written over a longer one",
        )
    elif "encoding" in said:
        what, mend = "a letter is not in the encoding that the file declares", "save it in UTF-8"
    else:
        what, mend = f"is not well-formed XML: {said}", "mend that line, or fetch the file again"
    return MigstatError([Finding(Place(name, error.lineno or None), "", what, mend)])
