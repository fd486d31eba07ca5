"""A label taken for a code of a codelist: by the codelist's own names, and by the wordings of answers."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from migstat.words.answer import Answer, AnswerMatch
from migstat.words.codelist import Codelist
from migstat.words.country_match import Candidate
from migstat.work.names.spelling import mended, plain

WORDS = re.compile(r"[぀-ヿ㐀-鿿가-힯]|[^\s぀-ヿ㐀-鿿가-힯]+")
NEGATIONS = frozenset(
    plain(word)
    for word in "not no non never without pas nunca sin não sem nicht kein keine не нет без غير لا بدون 不 未 非 无".split()
)
MISSING = "CL_MISSING"
COVERED = 0.34
"""Of a longer label, at least this share of the words must be the wording's."""


@dataclass(frozen=True, slots=True)
class Wordings:
    """The wordings of one codelist, by their words."""

    codelist: Codelist
    whole: dict[str, list[Answer]] = field(default_factory=dict)
    within: dict[str, list[tuple[tuple[str, ...], Answer]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Heard:
    """A wording found in a label, from its first word to before its last."""

    answer: Answer
    start: int
    end: int


def wordings(codelist: Codelist, answers: Iterable[Answer]) -> Wordings:
    """Put together what the codes of a codelist are called: their names, the wordings, and those of missing answers."""
    made = Wordings(codelist)
    for code in codelist:
        for language, name in code.names.items():
            _add(made, Answer(codelist.id, code.id, language, "whole", name))
    for answer in answers:
        if answer.codelist in (codelist.id, MISSING) and answer.code in codelist:
            _add(made, answer)
    return made


def _add(made: Wordings, answer: Answer) -> None:
    words = words_of(answer.text)
    if not words:
        return
    made.whole.setdefault(" ".join(words), []).append(answer)
    if answer.fit == "contains":
        made.within.setdefault(words[0], []).append((words, answer))


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a label without case, accents and signs; in Chinese, its characters."""
    return tuple(WORDS.findall(plain(mended(text))))


def match_answer(
    label: str, known: Wordings, *, language: str | None = None, beside: Sequence[str] = (), least: float = 0.85
) -> AnswerMatch:
    """Say which code a label means; ``beside`` are the other labels of the column, which mean other codes."""
    found = _match(label, known, language)
    if found.code is None and found.how == "ambiguous" and beside:
        taken = {_match(other, known, language).code for other in beside if other != label}
        left = [one for one in found.candidates if one.code not in taken]
        if len(left) == 1:
            reason = "the other labels of the column mean the other codes"
            return replace(found, code=left[0].code, how="by elimination", confidence=0.9, reason=reason)
    if found.code is not None and found.confidence < least:
        name = known.codelist.label(found.code)
        candidates = (Candidate(found.code, name, found.confidence, found.how), *found.candidates)[:3]
        reason = f"{found.reason}; {found.confidence:.2f} is below {least}"
        return replace(found, code=None, how="ambiguous", confidence=0.0, reason=reason, candidates=candidates)
    return found


def _match(label: str, known: Wordings, language: str | None) -> AnswerMatch:
    id, words = known.codelist.id, words_of(label)
    if not words:
        return AnswerMatch(id, label, None, "nothing", 0.0, "nothing is written")
    if label.strip() in known.codelist and len(label.strip()) > 1:
        return AnswerMatch(id, label, label.strip(), "code", 1.0, "the code itself")
    if entries := known.whole.get(" ".join(words)):
        return _whole(label, entries, known, language)
    heard = _outermost(_heard(words, known, language))
    if not heard:
        return AnswerMatch(id, label, None, "nothing", 0.0, f"no wording of {id} is in it")
    codes = _deepest({one.answer.code for one in heard}, known.codelist)
    covered = len({place for one in heard for place in range(one.start, one.end)}) / len(words)
    told = ", ".join(dict.fromkeys(repr(one.answer.text) for one in heard))
    if len(codes) == 1:
        code = next(iter(codes))
        negated = any(one.start and words[one.start - 1] in NEGATIONS for one in heard if one.answer.code == code)
        sure = 0.4 if negated else 0.88 + 0.09 * covered if covered >= COVERED else 0.7
        reason = f"{told} is in it" + (", after a negation" if negated else "")
        return AnswerMatch(id, label, code, "contains", round(sure, 2), reason)
    return _several(label, sorted(codes), known, f"{told} are in it")


def _whole(label: str, entries: list[Answer], known: Wordings, language: str | None) -> AnswerMatch:
    own = [one for one in entries if one.language == language] if language else []
    codes = _deepest({one.code for one in own or entries}, known.codelist)
    if len(codes) == 1:
        code = next(iter(codes))
        sure = 0.98 if len(label.strip()) > 1 else 0.92
        return AnswerMatch(known.codelist.id, label, code, "whole", sure, "a wording of it")
    return _several(label, sorted(codes), known, "a wording of several codes")


def _several(label: str, codes: list[str], known: Wordings, reason: str) -> AnswerMatch:
    candidates = tuple(Candidate(code, known.codelist.label(code), 0.5) for code in codes[:3])
    return AnswerMatch(known.codelist.id, label, None, "ambiguous", 0.0, reason, candidates=candidates)


def _heard(words: tuple[str, ...], known: Wordings, language: str | None) -> list[_Heard]:
    found = []
    for start, word in enumerate(words):
        for wording, answer in known.within.get(word, ()):
            if words[start : start + len(wording)] == wording:
                found.append(_Heard(answer, start, start + len(wording)))
    own = [one for one in found if one.answer.language == language] if language else []
    return own or found


def _outermost(heard: list[_Heard]) -> list[_Heard]:
    """Leave out a wording that lies within a longer one."""
    return [
        one
        for one in heard
        if not any(
            other.start <= one.start and one.end <= other.end and other.end - other.start > one.end - one.start
            for other in heard
        )
    ]


def _deepest(codes: set[str], codelist: Codelist) -> set[str]:
    """Leave out a code of which a part is meant as well."""
    above = {ancestor for code in codes for ancestor in codelist.ancestors(code)}
    return codes - above
