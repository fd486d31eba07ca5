"""Answers as forms and files word them, and what one label was taken for."""

from dataclasses import dataclass
from typing import Literal, get_args

from migstat.words.country_match import Candidate, Mark

Fit = Literal["whole", "contains"]
"""Whether a text must be the whole label, or may be a part of it."""
FITS: tuple[Fit, ...] = get_args(Fit)

Taken = Literal["code", "name", "whole", "contains", "country", "by elimination", "ambiguous", "nothing"]
"""How a label was taken for a code; the last two never give one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One wording of a code of a codelist, in a language."""

    codelist: str
    code: str
    language: str
    fit: Fit
    text: str


@dataclass(frozen=True, slots=True)
class AnswerMatch:
    """What a label was taken for: a code of the codelist, or None with up to three candidates.

    ``confidence`` is an ordering of kinds of evidence from 0 to 1, not a probability.
    """

    codelist: str
    text: str
    code: str | None
    how: Taken
    confidence: float
    reason: str
    mark: Mark = ""
    candidates: tuple[Candidate, ...] = ()
