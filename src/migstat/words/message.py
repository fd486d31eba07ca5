"""Data messages: the observations of an SDMX data file, of which structures they are, and what is done with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from migstat.words.finding import Finding

Action = Literal["I", "A", "M", "R", "D"]
ACTIONS: Mapping[str, str] = {"I": "Information", "A": "Append", "M": "Merge", "R": "Replace", "D": "Delete"}
"""What is to be done with the observations: the letters of SDMX-CSV, and the words of SDMX-ML and SDMX-JSON."""
KINDS = ("dataflow", "datastructure", "dataprovision")
"""What a message may name as its structure: a dataflow, a data structure definition, or a provision agreement."""
OPENING = ("STRUCTURE", "STRUCTURE_ID", "ACTION")
"""The columns with which each row of a message says what it is of."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """The observations of a message that are of one structure and have one action; ``frame`` is a lazy Polars frame."""

    kind: str
    reference: str
    action: str
    rows: int
    frame: Any = field(repr=False, compare=False)

    @property
    def id(self) -> str:
        """The id in the reference: ``STOCK`` of ``EX:STOCK(1.0)``."""
        return self.reference.partition(":")[2].partition("(")[0]


@dataclass(frozen=True, slots=True)
class DataMessage:
    """An SDMX data file that was read: its header, its data sets, and the rows of all of them in the order of the file.

    ``frame`` is a lazy Polars frame with a column a component. Values are text as they stand in the file, a blank being
    null, unless a structure was named: then numbers are numbers. Where there are several data sets, each row says in
    ``STRUCTURE``, ``STRUCTURE_ID`` and ``ACTION`` of which it is.
    """

    name: str
    format: str
    frame: Any = field(repr=False)
    rows: int
    columns: tuple[str, ...]
    sets: tuple[DataSet, ...]
    header: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __getitem__(self, reference: str) -> DataSet:
        for one in self.sets:
            if reference in (one.reference, one.id):
                return one
        raise KeyError(reference)
