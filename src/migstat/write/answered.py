"""An answer put into a draft: only the TODO on its line changes, and the file is whole at any time."""

import csv
import io
import re
from pathlib import Path

from migstat.words.open_answer import Question
from migstat.words.separator import separator
from migstat.words.undecided import NONE, TODO
from migstat.words.yaml_text import flow
from migstat.write.atomic import write_bytes


def put_answer(folder: Path, question: Question, answer: str) -> None:
    """Write an answer in place of a TODO; every other sign of the file stays as it is, comments too."""
    path = folder / question.place.file
    data = path.read_bytes()
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    text = data.decode("utf-8-sig")
    number = (question.place.line or 1) - 1
    if path.suffix == ".csv":
        lines = _in_table(list(io.StringIO(text, newline="")), number, answer)
    else:
        lines = text.splitlines(keepends=True)  # As YAML counts them.
        lines[number] = _in_mapping(lines[number], question, answer)
    write_bytes(path, mark + "".join(lines).encode())


def _in_mapping(line: str, question: Question, answer: str) -> str:
    key = re.escape(question.key)
    keyed = re.compile(rf"""(?P<key>(?P<quote>["']?){key}(?P=quote):\s*){TODO}(?=\s|[,}}]|$)""")
    match question.kind:
        case "blank":
            return re.sub(rf"blank:\s*{TODO}", lambda _: answer, line, count=1)
        case "reason" if answer.startswith("{"):
            return re.sub(rf"\{{\s*not_collected:\s*{TODO}\s*\}}", lambda _: answer, line, count=1)
        case "text" if answer == NONE and question.key in ("weight", "key"):
            return line.replace(f"{question.key}: {TODO}", f"# {question.key}: {NONE}", 1)
        case "text" if question.key in ("key", "date") and answer.startswith(("[", "{")):
            put = answer
        case "rule":
            put = answer
        case _:
            put = flow(answer)
    if not keyed.search(line):
        return line.replace(TODO, put, 1)
    return keyed.sub(lambda match: match["key"] + put, line, count=1)


def _in_table(lines: list[str], number: int, answer: str) -> list[str]:
    """Return a table with the code in the row at a line; the candidates under ``because`` are no reason, and go."""
    delimiter = separator(lines[0])
    names = next(csv.reader(lines, delimiter=delimiter))
    reader = csv.reader(lines[number:], delimiter=delimiter)
    cells = next(reader)
    after = number + reader.line_num
    cells[names.index("to")] = answer
    if "because" in names and " -- " in "".join(cells[names.index("because") :][:1]):
        cells[names.index("because")] = ""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerow(cells)  # Its line ends with \r\n, which makes it quote both.
    last = lines[after - 1]
    return [*lines[:number], out.getvalue()[:-2] + last[len(last.rstrip("\r\n")) :], *lines[after:]]
