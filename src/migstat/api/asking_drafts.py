"""What a draft leaves open, and what a person answers: each answer is checked, then written into the file at once."""

import os
import re
from dataclasses import replace
from pathlib import Path

from migstat.api.first_rows import count_values
from migstat.read.codelists import codelist
from migstat.read.mappings.dates import first_day
from migstat.read.open_draft import format_in, into_of
from migstat.read.open_draft import questions as open_questions
from migstat.read.placed import Placed, parse_yaml
from migstat.read.structures import structure
from migstat.words.finding import MigstatError, misuse
from migstat.words.mapping_rule import bounds
from migstat.words.missing import KINDS
from migstat.words.open_answer import Question
from migstat.words.undecided import NONE
from migstat.words.yaml_text import flow
from migstat.work.draft.facts import Facts, as_number
from migstat.write.answered import put_answer

Pathlike = str | os.PathLike[str]


def open_in_draft(folder: Pathlike, extract: Pathlike | None = None) -> list[Question]:
    """Return what a draft leaves open: each TODO of its mapping and its tables, with the candidates.

    The file is the state: what was answered before is no longer open. With the ``extract`` that the draft was made of,
    each value that is asked about comes with its rows there. Raises Misuse where there is no draft.
    """
    path = _folder(folder)
    found = open_questions(path)
    return found if extract is None else counted(path, found, Path(extract))


def counted(folder: Path, questions: list[Question], extract: Path) -> list[Question]:
    """Return questions with the rows that each value has in the extract; the file may have more than are looked at."""
    wanted = {one.column for one in questions if one.kind in ("code", "blank") and one.column}
    counts = count_values(extract, wanted, format_in(folder))
    return [
        replace(one, rows=_rows(counts[one.column], "" if one.kind == "blank" else one.key))
        if one.column in counts and one.kind in ("code", "blank")
        else one
        for one in questions
    ]


def _rows(facts: Facts, value: str) -> int | None:
    """Return the rows of a value, filled with zeros where the draft fills it, or of a range; None where too many."""
    if value == "":
        return facts.blanks
    if facts.counts is None:
        return None
    ends = bounds(value)
    if ends is not None:
        numbers = ((as_number(one), rows) for one, rows in facts.counts.items())
        return sum(rows for number, rows in numbers if number is not None and ends[0] <= number <= ends[1])
    return sum(
        rows
        for one, rows in facts.counts.items()
        if one == value or (one.isdecimal() and value.isdecimal() and one.zfill(len(value)) == value)
    )


def answer_draft(folder: Pathlike, question: Question, answer: str) -> str:
    """Write the answer to one question into the draft, whole and at once, and return it as it was written.

    A code must be of the codelist of the component. A rule is one on one line, such as ``{from: P05}``, or the name of
    a column. Raises Misuse, and writes nothing, where the answer does not fit.
    """
    path = _folder(folder)
    put = _fitting(path, question, answer.strip())
    put_answer(path, question, put)
    return put


def _folder(folder: Pathlike) -> Path:
    path = Path(folder)
    path = path.parent if path.is_file() else path
    if not (path / "mapping.yaml").is_file():
        raise misuse("there is no draft", "name the folder that migstat draft wrote", place=str(folder))
    return path


def _fitting(folder: Path, question: Question, answer: str) -> str:
    if not answer or "\n" in answer or answer.upper() == "TODO":
        raise misuse(
            "an answer is one line of text", "choose a number, or type the answer", component=question.component
        )
    match question.kind:
        case "rule":
            return _rule(question, answer)
        case "reason":
            return _rule(question, answer) if answer.startswith(("{", "from:")) else answer
        case "blank":
            return _blank(question, answer)
        case "code":
            return _code(folder, question, answer)
    if question.key == "area" and answer not in codelist("CL_AREA"):
        raise misuse(f"CL_AREA has no code '{answer}'", _near("CL_AREA", answer), component=question.key)
    if question.key == "key" and answer != NONE:
        answer = answer if answer.startswith("[") else f"[{flow(answer)}]"
    if question.key in ("key", "date") and answer.startswith(("[", "{")):
        _parsed(answer, question.key, "write [HHID, LINE]" if question.key == "key" else "write {year: COLUMN}")
    if question.key == "date" and not answer.startswith("{") and first_day(answer) is None:
        raise misuse(f"'{answer}' is not a date", "write it as 2019-08-24, 2019-08, 2019-Q3 or 2019", component="date")
    return answer


def _rule(question: Question, answer: str) -> str:
    if answer.startswith("from:"):
        answer = f"{{{answer}}}"
    if not answer.startswith("{"):
        answer = f"{{from: {flow(answer)}}}"
    mend = "write {from: COLUMN}, or {not_collected: why}"
    if not _parsed(answer, question.component, mend).items:
        raise misuse("the answer is no rule", mend, component=question.component)
    return answer


def _parsed(answer: str, component: str, mend: str) -> Placed:
    try:
        return parse_yaml(answer, "the answer")
    except MigstatError as error:
        raise misuse(error.findings[0].what, mend, component=component) from None


def _blank(question: Question, answer: str) -> str:
    keys = {"_N": "not_stated", "_Z": "not_applicable", "_U": "unknown"}
    key = keys.get(answer, answer.partition(":")[0].strip())
    if key not in keys.values():
        raise misuse(
            f"'{answer}' does not say what a blank is",
            "write not_stated, not_applicable or unknown",
            component=question.component,
        )
    return answer if re.fullmatch(rf"{key}:\s*\[.*\]", answer) else f'{key}: [""]'


def _code(folder: Path, question: Question, answer: str) -> str:
    try:
        found = structure(into_of(folder))
    except MigstatError:
        return answer
    if question.component not in found:
        return answer
    component = found[question.component]
    if answer in KINDS or answer == "_O" or not component.coded or answer in codelist(component.codelist):
        return answer
    raise misuse(
        f"{component.codelist} has no code '{answer}'", _near(component.codelist, answer), component=question.component
    )


def _near(id: str, answer: str) -> str:
    found = codelist(id)
    near = found.nearest(answer)
    return (
        "write " + ", or ".join(f"{code} ({found.label(code)})" for code in near) if near else f"see migstat codes {id}"
    )
