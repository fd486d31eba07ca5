"""Rules: each component's entry becomes a word of the right kind."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from migstat.read.mappings.conditions import condition
from migstat.read.mappings.date_rules import date_of_column, date_parts
from migstat.read.mappings.faults import Faults, nearest, shape
from migstat.read.mappings.patterns import patterns
from migstat.read.mappings.schemes import SCHEMES, scheme_lines
from migstat.read.mappings.tables import (
    MATCHES,
    SHIPPED,
    Folder,
    inline_lines,
    shipped_lines,
    source_value,
    table_lines,
)
from migstat.read.placed import Placed
from migstat.words.codelist import Codelist
from migstat.words.confidence import Confidence
from migstat.words.mapping import Target
from migstat.words.mapping_rule import (
    ANY,
    Band,
    Case,
    Cases,
    Copy,
    DateRule,
    Fixed,
    Line,
    Match,
    NotCollected,
    Pseudonym,
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
    "copy": ("from", "pad", "top", "divide_by", *MISSING),
}
"""The keys of each kind of rule; a rule with ``from`` alone is a copy."""

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
            match, sure = self.match(items), self.confidence(items)
            found = Target(component, rule, placed.place, universe, match, because, confidence=sure) if rule else None
        finally:
            self.faults.component = ""
        return found

    def match(self, items: dict[str, Placed]) -> Match:
        """Read how well the rule meets the concept."""
        text = self.faults.choice(items, "match", MATCHES, "exact")
        return next(known for known in MATCHES if known == text)

    def confidence(self, items: dict[str, Placed]) -> Confidence | None:
        """Read how sure it is that the source means what the rule says."""
        placed = items.get("confidence")
        return self.faults.confidence(placed.text or shape(placed), placed.place) if placed is not None else None

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
                return self.cases(items["cases"])
            case "date":
                return self.date(placed)
            case "codes":
                return self.codes(placed)
            case "pseudonym":
                return self.pseudonym(placed)
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
        pad = faults.whole(items, "pad", 1)
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

    def pseudonym(self, placed: Placed) -> Pseudonym | None:
        """Read which columns identify a person, and the names of the keys."""
        items, faults = placed.items, self.faults
        columns: list[str] = []
        dates: dict[str, DateRule] = {}
        for entry in items["pseudonym"].entries:
            if entry.is_text:
                columns.append(entry.text)
            elif date := self.date(Placed(faults.keys(entry, KINDS["date"], "the date"), entry.place)):
                columns.append(date.column)
                dates[date.column] = date
        if not columns or not all(columns):
            faults.add(items["pseudonym"].place, "'pseudonym' names no column", "write pseudonym: [PASSPORT]")
            return None
        if len(set(columns)) < len(columns):
            faults.add(items["pseudonym"].place, "'pseudonym' names a column twice", "name each once")
        keys = _key_names(placed, faults)
        return Pseudonym(tuple(columns), keys, placed.place, self.missing(items, tuple(columns[:1]), None), dates)

    def cases(self, placed: Placed) -> Cases | None:
        """Read the arms, each a condition with what it gives; else stands last."""
        faults = self.faults
        arms: list[Case] = []
        otherwise: Rule | None = None
        ended: Placed | None = None
        if not placed.entries or placed.is_text:
            faults.add(placed.place, "cases has no arms", "write - {when: {COLUMN: 1}, give: CODE}")
            return None
        for arm in placed.entries:
            if ended is not None:
                what = f"the arm is never reached: else in line {ended.place.line} takes every row"
                faults.add(arm.place, what, "put else last")
            items = arm.items
            if "else" in items and "when" in items and "recode" not in items:
                faults.add(items["else"].place, "the arm has both 'when' and 'else'", "make two arms of it")
            elif "else" in items and "when" not in items:
                ended = arm
                otherwise = self.given(arm, "else")
            elif "when" not in items:
                faults.add(arm.place, "the arm has no 'when'", "write - {when: {COLUMN: 1}, give: CODE}, or else last")
            else:
                when, rule = condition(items["when"], faults), self.given(arm, "when")
                if when is not None and rule is not None:
                    because = faults.text(items, "because", "the arm")
                    arms.append(Case(when, rule, arm.place, self.match(items), because, self.confidence(items)))
        if not arms and otherwise is not None and len(placed.entries) == 1:
            faults.add(placed.place, "cases has nothing but else", "write fixed: CODE, or a rule without cases")
        return Cases(tuple(arms), placed.place, otherwise)

    def given(self, arm: Placed, kind: str) -> Rule | None:
        """Read what an arm gives: a code, or a rule of its own."""
        items, faults = arm.items, self.faults
        around = (kind, "give", "match", "because", "confidence")
        rest = {key: value for key, value in items.items() if key not in around}
        code = items.get("give")
        if kind == "else" and items["else"].text not in {"true", "yes", ""}:
            code = items["else"]
        if code is not None:
            for key, value in rest.items():
                what = f"the arm gives a code, and '{key}' beside it"
                mend = "keep one of the two" if key in KINDS or key == "from" else nearest(key, around)
                faults.add(value.place, what, mend)
            if not code.text:
                faults.add(code.place, f"'give' is {shape(code)}, not a code", "write give: CODE")
                return None
            return Fixed(code.text, code.place)
        if not rest:
            faults.add(arm.place, "the arm gives nothing", "write give: CODE, or a rule such as from: COLUMN")
            return None
        rule = self.rule(Placed(rest, arm.place), ("give", "when", "else", "match", "because", "confidence"))
        if isinstance(rule, Pseudonym):
            mend = "write PERSON_ID: {pseudonym: [PASSPORT], key: PERSON_KEY}"
            faults.add(arm.place, "a pseudonym cannot stand among cases", mend)
            return None
        return rule


def _key_names(placed: Placed, faults: Faults) -> tuple[str, ...]:
    """Read the names of the environment variables that hold the keys of a pseudonym."""
    items = placed.items
    keys = faults.texts(items.get("key"), "key")
    if not any(keys):
        mend = "write key: PERSON_KEY, the environment variable that holds it"
        faults.add(items["key"].place if "key" in items else placed.place, "the pseudonym has no 'key'", mend)
    for key in keys:
        if key and not re.fullmatch(r"[A-Z_][A-Z0-9_]*", key):
            what = "key is not the name of an environment variable: capitals, digits and _"
            faults.add(items["key"].place, what, "write key: PERSON_KEY, and put the key itself into that variable")
    return keys
