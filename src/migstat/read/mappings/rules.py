"""Rules: each component's entry becomes a word of the right kind."""

from collections.abc import Callable
from dataclasses import dataclass

from migstat.read.mappings.arms import cases, confidence_of, match_of
from migstat.read.mappings.conditions import condition
from migstat.read.mappings.date_rules import date_of_column, date_parts
from migstat.read.mappings.faults import Faults, nearest, shape
from migstat.read.mappings.patterns import patterns
from migstat.read.mappings.pseudonym_rules import pseudonym
from migstat.read.mappings.schemes import SCHEMES, scheme_lines
from migstat.read.mappings.tables import (
    SHIPPED,
    Folder,
    inline_lines,
    shipped_lines,
    source_value,
    table_lines,
)
from migstat.read.placed import Placed
from migstat.words.codelist import Codelist
from migstat.words.mapping import Target
from migstat.words.mapping_rule import (
    ANY,
    Band,
    Compute,
    Copy,
    DateRule,
    Fixed,
    Line,
    NotCollected,
    Recode,
    Rule,
)

MISSING = {"not_applicable": "_Z", "not_stated": "_N", "unknown": "_U", "residual": "_O"}
"""Companions of a rule: lists of source values, each list a code."""

KINDS = {
    "recode": ("from", "recode", "else", "pad", *MISSING),
    "patterns": ("from", "patterns"),
    "band": ("from", "band", *MISSING),
    "date": ("from", "date", "pivot", "months", "zone", *MISSING),
    "fixed": ("fixed",),
    "not_collected": ("not_collected",),
    "cases": ("cases",),
    "codes": ("from", "codes", "besides", "else", *MISSING),
    "pseudonym": ("pseudonym", "key", *MISSING),
    "compute": ("compute", *MISSING),
    "copy": ("from", "pad", "top", "divide_by", *MISSING),
}
"""The keys of each kind of rule; a rule with ``from`` alone is a copy."""

WIDEST = 1_000
"""Signs that a value may be filled up to."""
WHOLE = ("universe", "match", "because", "confidence")
"""Keys of any rule of a component."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Reads rules; the folder gives the recode tables."""

    folder: Folder
    codelists: Callable[[str], Codelist | None] | None = None
    """Of a published table: the codelist of each component."""

    @property
    def faults(self) -> Faults:
        """Where faults are noted."""
        return self.folder.faults

    def target(self, component: str, placed: Placed) -> Target | None:
        """Read the rule of one component, or return None after noting what is wrong with it."""
        self.faults.component = component
        try:
            rule = self.rule(placed, WHOLE)
            items = placed.items
            universe = condition(items["universe"], self.faults) if "universe" in items else None
            because = self.faults.text(items, "because", component)
            match, sure = match_of(items, self.faults), confidence_of(items, self.faults)
            found = Target(component, rule, placed.place, universe, match, because, confidence=sure) if rule else None
        finally:
            self.faults.component = ""
        return found

    def rule(self, placed: Placed, around: tuple[str, ...]) -> Rule | None:
        """Read a rule; ``around`` are the keys that belong to what it stands in."""
        faults = self.faults
        if not placed.items:
            mend = f"write {{from: {placed.text}}}" if placed.text else "write {from: COLUMN}, or {not_collected: why}"
            faults.add(placed.place, f"the rule is {shape(placed)}, not keys with values", mend)
            return None
        kind = self.kind(placed, around)
        if kind is None:
            return None
        items = placed.items
        match kind:
            case "fixed":
                text = faults.text(items, "fixed", "the rule", needed=placed.place, mend="write fixed: CODE")
                return Fixed(text, items["fixed"].place) if text else None
            case "not_collected":
                why = "say why: not_collected: the form does not ask it"
                text = faults.text(items, "not_collected", "the rule", needed=placed.place, mend=why)
                return NotCollected(text, items["not_collected"].place) if text else None
            case "cases":
                return cases(items["cases"], self.rule, KINDS, faults)
            case "date":
                return self.date(placed)
            case "codes":
                return self.codes(placed)
            case "pseudonym":
                return pseudonym(placed, KINDS["date"], self.date, self.missing, faults)
            case "compute":
                return self.compute(placed)
        return self.column_rule(kind, placed)

    def kind(self, placed: Placed, around: tuple[str, ...]) -> str | None:
        """Say which kind a rule is by its keys, or return None after noting why none fits."""
        items, faults = placed.items, self.faults
        kinds = [kind for kind in KINDS if kind in items]
        if len(kinds) > 1:
            what = f"the rule has both '{kinds[0]}' and '{kinds[1]}'"
            faults.add(items[kinds[1]].place, what, "keep one of the two, or write cases")
            return None
        known = dict.fromkeys((*(key for keys in KINDS.values() for key in keys), *around))
        kind = kinds[0] if kinds else "copy"
        fitting = (*KINDS[kind], *around)
        strange = [key for key in items if key not in known]
        for key in strange:
            faults.add(items[key].place, f"a rule has no key '{key}'", nearest(key, known))
        for key in items:
            if key in known and key not in fitting:
                beside = "a rule that copies" if kind == "copy" else f"'{kind}'"
                mend = "write {from: COLUMN, recode: {...}, else: CODE}" if key == "else" else f"remove {key}"
                faults.add(items[key].place, f"'{key}' does not go with {beside}", mend)
        if not kinds and "from" not in items:
            if not strange:
                mend = "write from: COLUMN, fixed: CODE, or not_collected: why"
                faults.add(placed.place, "the rule does not say where its values come from", mend)
            return None
        return kind

    def column_rule(self, kind: str, placed: Placed) -> Rule | None:
        """Read a copy, a recode or a band."""
        items, faults = placed.items, self.faults
        columns = self.columns(placed)
        if not columns:
            return None
        pad = faults.whole(items, "pad", 1, WIDEST)
        said = self.missing(items, columns, pad)
        if kind == "recode":
            return self.recode(placed, columns, pad, said)
        if kind == "patterns":
            return patterns(items["patterns"], columns, placed.place, faults)
        if len(columns) > 1:
            what = f"{'a copy' if kind == 'copy' else 'band'} takes one column, and {len(columns)} are named"
            faults.add(items["from"].place, what, "name one column, or write a recode")
            return None
        if kind == "band":
            codes = faults.texts(items["band"], "band")
            if not any(codes):
                faults.add(items["band"].place, "band lists no code", "write band: [Y0T14, Y15T64, Y_GE65]")
            return Band(columns[0], codes, placed.place, said)
        top, divisor = faults.whole(items, "top"), faults.number(items, "divide_by")
        return Copy(columns[0], placed.place, said, pad, top, divisor)

    def codes(self, placed: Placed) -> Recode | None:
        """Read a rule whose source values are the codes of a scheme that the codelist knows, with others besides."""
        columns, items = self.columns(placed), placed.items
        codelist = self.codelists(self.faults.component) if self.codelists is not None else None
        if codelist is None:
            mend = "write recode, with a line for each source value"
            self.faults.add(items["codes"].place, "codes is for areas and citizenships of a published table", mend)
            return None
        if len(columns) != 1:
            if columns:
                self.faults.add(items["from"].place, f"codes reads one column, not {len(columns)}", "name one")
            return None
        scheme = self.faults.choice(items, "codes", SCHEMES)
        said = [*inline_lines(items["besides"], columns, None, self.faults)] if "besides" in items else []
        said += self.missing(items, columns, None)
        taken = {line.values[0] for line in said}
        lines = [line for line in scheme_lines(codelist, scheme, placed.place) if line.values[0] not in taken]
        return Recode(columns, (*said, *lines), placed.place, self.otherwise(items, columns))

    def columns(self, placed: Placed) -> tuple[str, ...]:
        """Return the source columns of a rule; none after noting a fault."""
        items = placed.items
        if "from" not in items:
            self.faults.add(placed.place, "the rule does not say which column it reads", "write from: COLUMN")
            return ()
        columns = self.faults.texts(items["from"], "from")
        if not columns or not all(columns):
            self.faults.add(items["from"].place, "'from' names no column", "write from: COLUMN")
            return ()
        if len(set(columns)) < len(columns):
            self.faults.add(items["from"].place, "'from' names a column twice", "name each once")
            return ()
        return columns

    def missing(self, items: dict[str, Placed], columns: tuple[str, ...], pad: int | None) -> tuple[Line, ...]:
        """Return the lines of the companions not_applicable, not_stated, unknown and residual."""
        lines = []
        for key, code in MISSING.items():
            if key in items and len(columns) > 1:
                what = f"'{key}' speaks of one column, and the rule reads {len(columns)}"
                mend = "write {" + "".join(f"{name}: 9, " for name in columns) + f"to: {code}}} in the recode"
                self.faults.add(items[key].place, what, mend)
            elif key in items:
                for entry in items[key].entries:
                    if not entry.is_text:
                        self.faults.add(entry.place, f"'{key}' holds {shape(entry)}", f"write {key}: [9]")
                        continue
                    value = source_value(entry.text, entry.place, pad, self.faults)
                    lines.append(Line((value,), code, entry.place))
        return tuple(lines)

    def recode(self, placed: Placed, columns: tuple[str, ...], pad: int | None, said: tuple[Line, ...]) -> Recode:
        """Read a recode: a table by name, or lines in the mapping itself."""
        recode = placed.items["recode"]
        if recode.text.startswith(SHIPPED):
            lines = shipped_lines(self.folder, recode.text, recode.place, columns)
        elif recode.text:
            lines = table_lines(self.folder, recode.text, recode.place, columns, pad)
        else:
            lines = inline_lines(recode, columns, pad, self.faults)
        return Recode(columns, (*lines, *said), placed.place, self.otherwise(placed.items, columns), pad, recode.text)

    def otherwise(self, items: dict[str, Placed], columns: tuple[str, ...]) -> Line | None:
        """Read what takes the values that no line names."""
        if "else" not in items:
            return None
        rest = items["else"]
        mend = "write else: CODE, or a kind of missing such as _U"
        code = self.faults.text(items, "else", "the recode", needed=rest.place, mend=mend)
        return Line((ANY,) * len(columns), code, rest.place) if code else None

    def date(self, placed: Placed) -> DateRule | None:
        """Read a date from a column with a format, or from columns for its parts."""
        items, faults = placed.items, self.faults
        date = items["date"]
        pivot = faults.whole(items, "pivot", 1000)
        if date.items:
            if "from" in items:
                what = "the date is given both by 'from' and by columns for its parts"
                faults.add(items["from"].place, what, "remove from")
            return date_parts(date, placed, faults, self.missing(items, (), None))
        columns = self.columns(placed)
        if not columns:
            return None
        return date_of_column(placed, columns, self.missing(items, columns, None), pivot, faults)

    def compute(self, placed: Placed) -> Compute | None:
        """Read an expression that gives the value."""
        items, faults = placed.items, self.faults
        if not items["compute"].text:
            what = f"'compute' is {shape(items['compute'])}, not an expression"
            faults.add(items["compute"].place, what, 'write compute: "2019 - YEAR"')
            return None
        expression = condition(items["compute"], faults)
        if expression is None:
            return None
        return Compute(expression, placed.place, self.missing(items, (), None))
