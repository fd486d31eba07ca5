"""A codebook in the making: columns as they are met, labels that find them, and all that was wrong, told at once."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from migstat.words.codebook import Codebook, RecordType, ValueLabel, Variable
from migstat.words.finding import Finding, MigstatError, Place, Severity
from migstat.words.how_many import how_many

MOST = 200
"""Findings of one codebook that are told; of more, how many."""
LONGEST = 1_000_000
"""Position past which no column of a file can stand."""

MOST_COLUMNS = 100_000
"""Columns of one codebook, and of one row where they are repeated."""
MOST_DECIMALS = 30

Change = Callable[[Variable], Variable]


@dataclass(slots=True)
class Making:
    """A codebook in the making. What is said of a column may come before the column does."""

    name: str
    findings: list[Finding] = field(default_factory=list)
    columns: list[Variable] = field(default_factory=list)
    records: list[RecordType] = field(default_factory=list)
    record_start: int | None = None
    record_width: int | None = None
    record_column: str = ""
    label: str = ""
    nested: bool = False
    """Each type of record belongs to the one named before it, not to the first."""
    _lines: list[int] = field(default_factory=list)
    _said: list[tuple[str, int, Change, str]] = field(default_factory=list)
    _passed: Counter[str] = field(default_factory=Counter)
    _first: dict[str, int] = field(default_factory=dict)

    def add(self, variable: Variable, line: int) -> None:
        """Add a column; raise MigstatError where they are more than any file has."""
        if len(self.columns) == MOST_COLUMNS:
            self.wrong(line, f"describes more than {MOST_COLUMNS:,} columns", "name the codebook of one file")
            raise MigstatError([self.findings[-1]])
        self.columns.append(variable)
        self._lines.append(line)

    def say(self, name: str, line: int, change: Change, what: str) -> None:
        """Say something of the column of that name; ``what`` it is, as ``a label`` or ``labels of values``."""
        self._said.append((name, line, change, what))

    def wrong(self, line: int, what: str, mend: str, component: str = "") -> None:
        """Note what makes the codebook unusable."""
        self.findings.append(Finding(Place(self.name, line or None), component, what, mend))

    def doubt(self, line: int, what: str, mend: str, component: str = "") -> None:
        """Note what was not understood."""
        self.findings.append(
            Finding(Place(self.name, line or None), component, what, mend, Severity.WARNING, rule="codebook")
        )

    def record_type(self, value: str, line: int, name: str = "") -> None:
        """Add a type of record, as a program names them: by what marks it, and without saying what it belongs to."""
        parent = self.records[-1 if self.nested else 0].name if self.records else ""
        if len(self.records) > 1 and not self.nested:
            what = f"the record {value} is taken to belong to {parent}, the first: the program does not say to which"
            self.doubt(line, what, "write a layout as CSV where it belongs to another")
        self.records.append(RecordType(name or value, value, parent))

    def passed(self, kind: str, line: int) -> None:
        """Note a statement that is not read; they are told by kind, with the first line of each."""
        self._passed[kind] += 1
        self._first.setdefault(kind, line)

    def made(self) -> Codebook:
        """Return the codebook; raise MigstatError where a column cannot be told, with all that is wrong."""
        self._check_columns()
        self._apply()
        for kind, count in self._passed.items():
            times = f", {count} times" if count > 1 else ""
            what = f"'{kind}' is not read{times}: the file is read as it is, and programs are not run"
            self.doubt(self._first[kind], what, "say in the mapping what it does to values, if it does anything")
        if not self.columns and not any(one.severity == Severity.ERROR for one in self.findings):
            self.wrong(0, "describes no column", "check that this is the codebook of the file")
        errors = [one for one in self.findings if one.severity == Severity.ERROR]
        if errors:
            raise MigstatError(errors)
        told = self.findings[:MOST]
        if len(self.findings) > MOST:
            what = f"{how_many(len(self.findings) - MOST, 'more thing was', 'more things were')} not understood"
            told.append(Finding(Place(self.name), "", what, "look at the first", Severity.WARNING, rule="codebook"))
        return Codebook(
            name=self.name,
            variables=tuple(self.columns),
            label=self.label,
            records=tuple(self.records),
            record_start=self.record_start,
            record_width=self.record_width,
            record_column=self.record_column,
            findings=tuple(told),
        )

    def _check_columns(self) -> None:
        seen: dict[tuple[str, str], int] = {}
        for one, line in zip(self.columns, self._lines, strict=True):
            key = (one.record.casefold(), one.name.casefold())
            before = seen.get(key) or seen.get(("", key[1]))
            if before:
                self.wrong(line, f"names {one.name} again; it stands in line {before}", "rename one", one.name)
            seen.setdefault(key, line)
            if one.start is not None and not 1 <= one.start <= LONGEST:
                self.wrong(line, f"column {one.name} begins at position {one.start:,}", "count from 1", one.name)
            if one.start is not None and not 1 <= (one.width or 0) <= LONGEST:
                self.wrong(line, f"column {one.name} has no width", "write its width, or its last position", one.name)
            if not 0 <= one.decimals <= MOST_DECIMALS:
                self.wrong(
                    line, f"column {one.name} has {how_many(one.decimals, 'decimal')}", "check the number", one.name
                )
        self._check_repeats()
        self._check_records()
        placed = {one.start is not None for one in self.columns}
        if len(placed) == 2:
            for one, line in zip(self.columns, self._lines, strict=True):
                if one.start is None:
                    what = f"column {one.name} has no position, and others have"
                    self.wrong(line, what, "write where it begins, and its width", one.name)

    def _check_repeats(self) -> None:
        total = 0
        for one, line in zip(self.columns, self._lines, strict=True):
            total += one.repeats
            if total > MOST_COLUMNS:
                what = f"with its {one.repeats:,} repeats the columns are more than {MOST_COLUMNS:,}"
                self.wrong(line, what, "check the number of repeats", one.name)
                return

    def _check_records(self) -> None:
        names = [one.name for one in self.records]
        for what, said in (("name", names), ("sign", [one.value for one in self.records])):
            for twice in sorted(one for one, times in Counter(said).items() if times > 1):
                self.wrong(0, f"two types of record have the {what} {twice}", "give each its own")
        for one, line in zip(self.columns, self._lines, strict=True):
            if names and one.record and one.record not in names:
                near = get_close_matches(one.record, names, 1)
                mend = f"write {near[0]}" if near else f"one of {', '.join(names)}"
                self.wrong(line, f"{one.name} is of the record {one.record}, which is none", mend, one.name)

        for record in self.records:
            if record.key and not self.shared(record.key, record.name, record.parent):
                what = (
                    f"{record.key}, the key of {record.name}, is not a column of both it and {record.parent or 'none'}"
                )
                self.wrong(0, what, "name a column that both have")

    def shared(self, key: str, record: str, parent: str) -> bool:
        """Tell whether a column stands in both types of record."""
        return all(any(one.name == key and one.record in ("", of) for one in self.columns) for of in (record, parent))

    def _apply(self) -> None:
        """Say of each column what was said; where there is no column at all, each name that is spoken of is one."""
        at: dict[str, list[int]] = {}
        for number, one in enumerate(self.columns):
            at.setdefault(one.name.casefold(), []).append(number)
        closed = bool(self.columns)
        for name, line, change, what in self._said:
            folded = name.casefold()
            if folded not in at and not closed:
                at[folded] = [len(self.columns)]
                self.add(Variable(name), line)
            elif folded not in at:
                bare = folded.rstrip("_")
                if bare in at:
                    self.doubt(line, f"{what} of {name}, which is no column: taken for {name.rstrip('_')}", "", name)
                    folded = bare
                else:
                    near = get_close_matches(folded, at, 1)
                    mend = f"did you mean {self.columns[at[near[0]][0]].name}?" if near else "name a column"
                    self.doubt(line, f"{what} of {name}, which is no column", mend, name)
                    continue
            for number in at[folded]:
                self.columns[number] = change(self.columns[number])


def labelled(label: str) -> Change:
    """Return the change that gives a column its label."""
    return lambda one: replace(one, label=label)


def valued(values: Iterable[ValueLabel], *, add: bool = False) -> Change:
    """Return the change that gives a column the labels of its values; ``add`` to those it has."""
    new = tuple(values)

    def change(one: Variable) -> Variable:
        kept = {value.value: value for value in one.values} if add else {}
        lacks = set(one.missing)
        kept |= {value.value: replace(value, missing=True) if value.value in lacks else value for value in new}
        return replace(one, values=tuple(kept.values()))

    return change


def lacking(missing: Iterable[str]) -> Change:
    """Return the change that says which values of a column are no answers; labels of these say so too."""
    new = tuple(missing)

    def change(one: Variable) -> Variable:
        values = tuple(replace(value, missing=value.missing or value.value in new) for value in one.values)
        return replace(one, missing=new, values=values)

    return change


def divided(digits: int) -> Change:
    """Return the change that a division by 10, 100 and so on makes: so many more decimals that are not written."""
    return lambda one: replace(one, decimals=one.decimals + digits)
