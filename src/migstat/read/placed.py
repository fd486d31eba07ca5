"""The one door for YAML: every scalar stays text, every value knows its line, nothing is run."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from migstat.words.finding import Finding, MigstatError, Place

LARGEST = 5_000_000
"""Bytes; a rule file that is larger is refused before it is parsed."""
DEEPEST = 40
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser in C where PyYAML was built with it; both give the same nodes."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A YAML value with its place: ``value`` is a text, a tuple of Placed, or a dict of text to Placed."""

    value: "str | tuple[Placed, ...] | dict[str, Placed]"
    place: Place
    quoted: bool = False

    @property
    def is_text(self) -> bool:
        """True for a scalar."""
        return isinstance(self.value, str)

    @property
    def text(self) -> str:
        """The scalar, or an empty text where the value is a list or a dict."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def items(self) -> "dict[str, Placed]":
        """The dict, or an empty one."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def entries(self) -> "tuple[Placed, ...]":
        """The list; a scalar or dict counts as a list of one."""
        return self.value if isinstance(self.value, tuple) else (self,)

    def plain(self) -> object:
        """Return texts, lists and dicts without their places."""
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, tuple):
            return [item.plain() for item in self.value]
        return self.value


def read_yaml(path: Path, name: str | None = None) -> Placed:
    """Read a YAML file as text with places; ``name`` is what the places call it. Raise MigstatError with all faults."""
    name = name or path.name
    try:
        if path.exists() and not path.is_file() and not path.is_dir():  # A pipe may never end.
            raise _error(name, None, "is no file", "name a file")
        if path.stat().st_size > LARGEST:
            raise _error(name, None, f"the file is larger than {LARGEST:,} bytes", "split it into tables")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise _error(name, None, f"cannot be read: {error.strerror}", "check the path and the permissions") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise _error(name, line, "is not UTF-8", "save the file as UTF-8") from None
    return parse_yaml(text, name)


def parse_yaml(text: str, name: str) -> Placed:
    """Parse YAML text; aliases, tags and keys given twice are refused."""
    try:
        faults = list(_refused(text, name))
        if faults:
            raise MigstatError(faults)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        cause = " ".join(part for part in (error.context, error.problem) if part)
        line = mark.line + 1 if mark else None
        if line is not None and "".join(text.splitlines()[line - 1 : line]).lstrip(" ").startswith("\t"):
            raise _error(name, line, "a tab stands where YAML has blanks", "write blanks in place of the tab") from None
        raise _error(name, line, f"is not YAML: {cause}", "mend the indentation, colon or quote there") from None
    except yaml.YAMLError as error:
        raise _error(name, None, f"is not YAML: {error}", "save the file as plain UTF-8 text") from None
    if node is None:
        raise _error(name, None, "is empty", "write the mapping, structure or rules into it")
    placed = _placed(node, name, faults)
    if faults:
        raise MigstatError(faults)
    return placed


def _refused(text: str, name: str) -> Iterator[Finding]:
    """Find aliases and depth in the stream of events, before a tree is built of them."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else None
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _error(name, line, f"is nested deeper than {DEEPEST} levels", "flatten it")
        if isinstance(event, yaml.AliasEvent):
            yield _finding(name, line, f"*{event.anchor}: an alias", "write the value out again")


def _placed(node: yaml.Node, name: str, faults: list[Finding]) -> Placed:
    place = Place(name, node.start_mark.line + 1)
    if node.tag.startswith("!") or "python" in node.tag:
        faults.append(_finding(name, place.line, f"tag {node.tag}", "remove the tag: values are read as text"))
    if isinstance(node, yaml.ScalarNode):
        quoted = node.style in {"'", '"'}
        text = "" if node.tag == "tag:yaml.org,2002:null" and not quoted else node.value
        if "\0" in text:
            faults.append(_finding(name, place.line, "a NUL character stands in a text", "remove it"))
        return Placed(str(text), place, quoted)
    if isinstance(node, yaml.SequenceNode):
        return Placed(tuple(_placed(item, name, faults) for item in node.value), place)
    assert isinstance(node, yaml.MappingNode)
    return Placed(dict(_entries(node, name, faults)), place)


def _entries(node: yaml.MappingNode, name: str, faults: list[Finding]) -> Iterator[tuple[str, Placed]]:
    seen: dict[str, int] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            faults.append(_finding(name, line, "a key that is a list or a dict", "write the key as one word"))
            continue
        key = str(key_node.value)
        if "\0" in key:
            faults.append(_finding(name, line, "a NUL character stands in a key", "remove it"))
        if key in seen:
            what = f"'{key}' is given twice, first in line {seen[key]}"
            faults.append(_finding(name, line, what, "keep one of the two"))
        seen[key] = line
        value = _placed(value_node, name, faults)
        place = value.place if isinstance(value_node, yaml.ScalarNode) else Place(name, line)
        yield key, Placed(value.value, place, value.quoted)


def _finding(name: str, line: int | None, what: str, mend: str) -> Finding:
    return Finding(Place(name, line), "", what, mend)


def _error(name: str, line: int | None, what: str, mend: str) -> MigstatError:
    return MigstatError([_finding(name, line, what, mend)])
