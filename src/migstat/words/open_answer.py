"""What a draft leaves open, one thing at a time: where it stands, what may be answered, and what was answered."""

from dataclasses import dataclass

from migstat.words.draft import Guess
from migstat.words.finding import Place


@dataclass(frozen=True, slots=True)
class Question:
    """One TODO of a draft. ``subject`` is what is asked about: a component, a value, or a key of the head.

    ``key`` is what stands before the TODO. ``kind`` is what an answer must be: a code of the component, a rule, or a
    text. ``label`` is what the codebook says of the value. ``column`` holds the value that is asked about, in ``rows``
    of the extract where that is known.
    """

    place: Place
    component: str
    subject: str
    key: str
    kind: str
    guesses: tuple[Guess, ...] = ()
    label: str = ""
    why: str = ""
    column: str = ""
    rows: int | None = None
