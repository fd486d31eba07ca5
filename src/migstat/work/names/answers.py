"""A label taken for a code of a codelist: by the codelist's own names, and by the wordings of answers."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from migstat.words.answer import Answer, AnswerMatch
from migstat.words.codelist import Codelist
from migstat.words.country_match import Candidate
from migstat.words.missing import KINDS
from migstat.work.names.spelling import ARTICLES, listed, mended, plain

WORDS = re.compile(r"[぀-ヿ㐀-鿿가-힯]|[^\s぀-ヿ㐀-鿿가-힯]+")
NEGATIONS = listed(
    "not no non never without pas nunca sin não nao sem nicht kein keine не нет без غير لا بدون 不 未 非 无",
    "end loss fin fim ende verlust",
)
OR = listed("or and ou et o y e oder und или и أو او و 或 和")
TELL_NOTHING = listed(
    "reason reasons for to by in at on with your his her their my person a was is are be been has had",
    "motivo motivos razon razones por para con persona com em raison raisons pour personne au aux grund grunde aus",
)
REMARK = re.compile(r"\s*[(\[:;,–—（：；，、|]\s*|\s+-\s+")
YES_OR_NO = re.compile(r"^\s*(yes|no|oui|non|s[ií]|sim|não|ja|nein|да|нет)\s*[,;:]\s*", re.IGNORECASE)
"""What stands before an answer that says it whole: "No, abroad"."""
NOT_APPLICABLE = re.compile(r"\s*n\s*/\s*a\b", re.IGNORECASE)
MISSING = "CL_MISSING"
COVERED = 0.34
WHOLE = 0.75
"""Of the telling words of a label, at least this share must be the wording's; more, where a wording says that there is
no answer, since "country not specified" may be an answer."""


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


def wordings(codelist: Codelist, answers: Iterable[Answer], own: Iterable[Answer] = ()) -> Wordings:
    """Put together what the codes of a codelist are called: their names, the wordings, and those of missing answers.

    A label that an office has in its ``own`` wordings means what it says there.
    """
    made = Wordings(codelist)
    for code in codelist:
        for language, name in code.names.items():
            _add(made, Answer(codelist.id, code.id, language, "whole", name))
    for answer in answers:
        if answer.codelist in (codelist.id, MISSING) and answer.code in codelist:
            _add(made, answer)
    own = [one for one in own if one.codelist in (codelist.id, MISSING) and one.code in codelist]
    for answer in own:
        made.whole.pop(" ".join(words_of(answer.text)), None)
    for answer in own:
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
    own = label.strip()
    if (
        found.how == "ambiguous"
        and own in known.codelist
        and (language is None or language not in _elsewhere(own, known))
    ):
        found = AnswerMatch(known.codelist.id, label, own, "code", 0.9, "the code itself")
    if found.code is not None and found.confidence < least:
        name = known.codelist.label(found.code)
        candidates = (Candidate(found.code, name, found.confidence, found.how), *found.candidates)[:3]
        reason = f"{found.reason}; {found.confidence:.2f} is below {least}"
        return replace(found, code=None, how="ambiguous", confidence=0.0, reason=reason, candidates=candidates)
    return found


def _elsewhere(code: str, known: Wordings) -> set[str]:
    """Return the languages in which a code is a wording of another code, as M is of mujer."""
    return {one.language for one in known.whole.get(" ".join(words_of(code)), ()) if one.code != code}


def _match(label: str, known: Wordings, language: str | None) -> AnswerMatch:
    id = known.codelist.id
    if "Y" not in known.codelist:
        label = YES_OR_NO.sub("", label)
    words = words_of(label)
    if not words:
        return AnswerMatch(id, label, None, "nothing", 0.0, "nothing is written")
    if label.strip() in known.codelist and len(label.strip()) > 1:
        return AnswerMatch(id, label, label.strip(), "code", 1.0, "the code itself")
    if "_Z" in known.codelist and NOT_APPLICABLE.match(label):
        sure = 0.86 if len(words) == 1 else 0.9
        return AnswerMatch(id, label, "_Z", "whole", sure, "N/A, which is not applicable rather than not available")
    if entries := known.whole.get(" ".join(words)):
        return _whole(label, entries, known, language, 0.98 if len(label.strip()) > 1 else 0.92)
    if found := _by_head(label, words, known, language):
        return found
    heard = _apart(_heard(words, known, language))
    if not heard:
        return AnswerMatch(id, label, None, "nothing", 0.0, f"no wording of {id} is in it")
    told = ", ".join(dict.fromkeys(repr(one.answer.text) for one in heard))
    codes = _meant({one.answer.code for one in heard}, words, known.codelist)
    if len(codes) > 1:
        return _several(label, codes, known, f"{told} are in it")
    code = next(iter(codes))
    sure, note = _sure(words, heard, code in KINDS and id != MISSING)
    return AnswerMatch(id, label, code, "contains", sure, f"{told} is in it{note}")


def _by_head(label: str, words: tuple[str, ...], known: Wordings, language: str | None) -> AnswerMatch | None:
    """Take what stands before a remark, unless the remark means something else."""
    head = words_of(REMARK.split(label, maxsplit=1)[0])
    if len("".join(head)) < 2 or head == words or not (entries := known.whole.get(" ".join(head))):
        return None
    found = _whole(label, entries, known, language, 0.93)
    if found.code is None:
        return None
    rest = {one.answer.code for one in _apart(_heard(words[len(head) :], known, language))} - KINDS.keys()
    return found if found.code in KINDS or rest <= {found.code, *known.codelist.ancestors(found.code)} else None


def _sure(words: tuple[str, ...], heard: list[_Heard], missing: bool) -> tuple[float, str]:
    """Return how sure a wording within a label is: the more so, the more of the telling words are its own."""
    mine = {place for one in heard for place in range(one.start, one.end)}
    telling = [place for place, word in enumerate(words) if place in mine or word not in ARTICLES | TELL_NOTHING]
    covered = len(mine) / len(telling)
    if any(set(words[max(0, one.start - 2) : one.start]) & NEGATIONS for one in heard):
        return 0.4, ", after a word that denies it"
    if covered < (WHOLE if missing else COVERED):
        return 0.7, ", among other words"
    return round(0.88 + 0.09 * min(1.0, covered), 2), ""


def _whole(label: str, entries: list[Answer], known: Wordings, language: str | None, sure: float) -> AnswerMatch:
    own = [one for one in entries if one.language == language] if language else []
    names = [one for one in own or entries if known.codelist[one.code].names.get(one.language) == one.text]
    codes = _deepest({one.code for one in names or own or entries}, known.codelist)
    if codes == {"_N", "_U"}:
        reason = "no value, and not said why: unknown rather than not stated"
        return AnswerMatch(known.codelist.id, label, "_U", "whole", 0.86, reason)
    if len(codes) == 1:
        return AnswerMatch(known.codelist.id, label, next(iter(codes)), "whole", sure, "a wording of it")
    return _several(label, codes, known, "a wording of several codes")


def _several(label: str, codes: set[str], known: Wordings, reason: str) -> AnswerMatch:
    candidates = tuple(Candidate(code, known.codelist.label(code), 0.5) for code in sorted(codes)[:3])
    return AnswerMatch(known.codelist.id, label, None, "ambiguous", 0.0, reason, candidates=candidates)


def _heard(words: tuple[str, ...], known: Wordings, language: str | None) -> list[_Heard]:
    found = []
    for start, word in enumerate(words):
        for wording, answer in known.within.get(word, ()):
            if words[start : start + len(wording)] == wording:
                found.append(_Heard(answer, start, start + len(wording)))
    own = [one for one in found if one.answer.language == language] if language else []
    return own or found


def _apart(heard: list[_Heard]) -> list[_Heard]:
    """Keep the longest wordings, of which none lies in or across another."""
    kept: list[_Heard] = []
    for one in sorted(heard, key=lambda found: (found.start - found.end, found.start)):
        same = [(other.start, other.end) for other in kept]
        if (one.start, one.end) in same or all(one.end <= start or end <= one.start for start, end in same):
            kept.append(one)
    return sorted(kept, key=lambda found: found.start)


def _meant(codes: set[str], words: tuple[str, ...], codelist: Codelist) -> set[str]:
    """Return the code that all of them come to: what "A or B" share, the part beside its whole, else all of them."""
    if codes == {"_N", "_U"}:
        return {"_U"}
    if len(codes) > 1 and set(words) & OR:
        chains = [{code, *codelist.ancestors(code)} for code in codes]
        if shared := set.intersection(*chains):
            return {max(shared, key=codelist.level)}
    return _deepest(codes, codelist)


def _deepest(codes: set[str], codelist: Codelist) -> set[str]:
    """Leave out a code of which a part is meant as well."""
    above = {ancestor for code in codes for ancestor in codelist.ancestors(code)}
    return codes - above
