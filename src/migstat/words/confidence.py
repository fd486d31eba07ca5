"""Confidence: how sure it is that a source means what a mapping or a correspondence says of it."""

from typing import Literal, get_args

Confidence = Literal["verified", "secondary source", "general knowledge, to be confirmed"]
"""Read in the source's own text or code book; read in someone else's description of it; not read anywhere."""
CONFIDENCES: tuple[Confidence, ...] = get_args(Confidence)
UNVERIFIED = CONFIDENCES[1:]


def confidence_of(text: str) -> Confidence | None:
    """Return the word of a text, or None; *general knowledge* alone will do.

    >>> confidence_of("general knowledge")
    'general knowledge, to be confirmed'
    """
    whole = CONFIDENCES[-1] if text == "general knowledge" else text
    return next((known for known in CONFIDENCES if known == whole), None)
