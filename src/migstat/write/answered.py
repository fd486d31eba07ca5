"""An answer put into a draft: only the TODO on its line changes, and the file is whole at any time."""

import csv
import io
import re
from pathlib import Path

from migstat.words.open_answer import Question
from migstat.words.undecided import TODO
from migstat.words.yaml_text import flow
from migstat.write.atomic import write_bytes


def put_answer(folder: Path, question: Question, answer: str) -> None:
    """Write an answer in place of a TODO; every other sign of the file stays as it is, comments too."""
    path = folder / question.place.file
    data = path.read_bytes()
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    lines = data.decode("utf-8-sig").splitlines(keepends=True)
    number = (question.place.line or 1) - 1
    if path.suffix == ".csv":
        lines[number] = _in_table(lines[0], lines[number], answer)
    else:
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
        case "rule":
            put = answer
        case _:
            put = flow(answer)
    if not keyed.search(line):
        return line.replace(TODO, put, 1)
    return keyed.sub(lambda match: match["key"] + put, line, count=1)


def _in_table(head: str, line: str, answer: str) -> str:
    """Return the line of a table with its code; the candidates under ``because`` are no reason, and go."""
    names = next(csv.reader([head]))
    cells = next(csv.reader([line]))
    cells[names.index("to")] = answer
    if "because" in names and " -- " in cells[names.index("because")]:
        cells[names.index("because")] = ""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue() + line[len(line.rstrip("\r\n")) :]
