"""Codebooks: what a file's columns are called, where they stand, and what their values mean, as its office says it."""

from dataclasses import dataclass
from typing import Literal

from migstat.words.finding import Finding

Kind = Literal["text", "number", "date"]
CODEBOOKS = (
    "a layout or a data dictionary as CSV; DDI Codebook XML; Stata .dct, .do or .dta; SPSS .sps, .sav, .zsav or .por; "
    "SAS .sas, .sas7bdat, .sas7bcat or .xpt; CSPro .dcf or .csdb; REDATAM .dicx"
)
"""The files that are read as codebooks."""


@dataclass(frozen=True, slots=True)
class ValueLabel:
    """One value of a variable, as text, and what it means. ``missing`` where its office says that it is no answer."""

    value: str
    label: str
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Variable:
    """One column of a file. ``start`` (counted from 1) and ``width`` are given where the file has fixed widths.

    ``missing`` are values, or closed ranges such as ``97..99``, that its office says are no answers, whether or not
    they have labels. ``decimals`` are digits after a decimal sign that is not written. ``record`` is the type of
    record that holds the variable, in a file of several. ``values`` may hold ranges ``a..b`` too.
    """

    name: str
    label: str = ""
    values: tuple[ValueLabel, ...] = ()
    missing: tuple[str, ...] = ()
    kind: Kind = "text"
    start: int | None = None
    width: int | None = None
    decimals: int = 0
    record: str = ""
    question: str = ""
    universe: str = ""
    repeats: int = 1
    """How many times the variable stands in a record, one beside the other."""


@dataclass(frozen=True, slots=True)
class RecordType:
    """One kind of record of a file of several, such as household and person; ``value`` is what marks its lines.

    ``parent`` is the type of record that a record of this type belongs to; empty for the highest. ``key`` is a column
    that both have, and that must have the same value in both; empty where the order of the lines says enough.
    """

    name: str
    value: str
    parent: str = ""
    label: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Codebook:
    """All that an office says about the columns of a file.

    ``records`` are the types of record of a file of several, in the order of the codebook; what marks them stands in
    ``record_start`` (counted from 1) and ``record_width``, or in the column ``record_column`` of a delimited file.
    """

    name: str
    variables: tuple[Variable, ...]
    label: str = ""
    records: tuple[RecordType, ...] = ()
    record_start: int | None = None
    record_width: int | None = None
    record_column: str = ""
    findings: tuple[Finding, ...] = ()
    """What the reader could not understand of it, or had to assume: warnings and notes, each with its line."""

    def variable(self, name: str) -> Variable | None:
        """Return the variable of that name, whatever its case, or None."""
        folded = name.casefold()
        return next((one for one in self.variables if one.name.casefold() == folded), None)

    def record(self, name: str) -> RecordType | None:
        """Return the type of record of that name or label, whatever its case; CSPro's ending ``_REC`` may be left out.

        None where there is no such type, or where several are meant.
        """
        folded = name.casefold()
        exact = [one for one in self.records if one.name.casefold() == folded]
        near = [
            one for one in self.records if folded in (one.label.casefold(), one.name.casefold().removesuffix("_rec"))
        ]
        found = exact or near
        return found[0] if len(found) == 1 else None
