"""Vocabularies: how offices name the columns of their files, and the answers in them, in eight languages."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way of naming a subject. ``strength`` is 1 where it can mean nothing else; ``words`` are its plain words."""

    subject: str
    words: tuple[str, ...]
    language: str = ""
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What columns and answers are called. A subject is a component, or a part of a source such as WEIGHT.

    ``labels`` are ways of saying a subject in words, ``names`` are what its column is called; ``neutral`` words say
    nothing, and ``other`` words make another subject of a label. ``statements`` are answers by subject and meaning.
    """

    labels: Mapping[str, tuple[Phrase, ...]]
    names: Mapping[str, tuple[Phrase, ...]]
    neutral: frozenset[str]
    other: frozenset[str]
    statements: Mapping[str, tuple[Phrase, ...]]
