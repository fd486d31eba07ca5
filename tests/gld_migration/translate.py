"""From the steps of a survey to a mapping of ours, as text.

The steps of a program stand in an order, and the last that applies wins; ours are cases, of which the first wins. What
one step reads of another is a column that is made first.
"""

import json
import re

from migstat.words.expression import (
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    In,
    IsMissing,
    Name,
    Not,
    Number,
    Or,
    Range,
    Text,
)
from migstat.words.expression_text import print_expression
from migstat.work.lint.values import taken

HEAD = """\
id: {id}
version: 1.0
into: structures/GLD_MIGRATION.yaml
source: {{kind: survey, by: a statistical office, area: {area}, date: {year}}}
"""
GROUPS = {
    "Americas": "M49_019", "Other Americas": "M49_019", "Australia and Oceania": "M49_009",
    "Central America and Caribbean": "M49_419", "East and South Asia": "M49_142",
    "European Free Trade Association (EFTA)": "M49_150", "European Union (EU27_2020)": "M49_150",
    "Near and Middle East": "M49_145", "North Africa": "M49_015", "North America": "M49_021", "Other": "_O",
    "Other Africa": "M49_002", "Other Africa non-ECOWAS": "M49_002", "Other ECOWAS": "M49_011",
    "Other Europe": "M49_150", "Other World": "_O", "Other countries in Africa": "M49_002",
    "Other countries in Europe": "M49_150", "Other non-African": "_O", "South America": "M49_005", "YUG": "SFRY_890",
}  # fmt: skip
"""A group of countries is no country: what the surveys write, and the region or the remainder that it is."""
NUMERIC = ("module_min_age", "reference_years", "years_since_move")
OPERATORS = {"plus": "+", "minus": "-", "times": "*", "over": "/"}
ORDER = {"above": ">", "below": "<", "at_least": ">=", "at_most": "<="}
JUDGED = ("equals", "not_equals", "between", "in", "is_present", "is_missing", "not", "matches")
OPPOSITE = {"=": "<>", "<>": "=", ">": "<=", "<": ">=", ">=": "<", "<=": ">"}


class UnsayableError(Exception):
    """A step that our language has no words for."""


class Variable:
    """What a variable is so far: a base, a constant or an expression, and the steps since, of which the last wins."""

    def __init__(self, base=None):
        self.base, self.steps = base, []

    def set(self, condition, value):
        if condition is True:
            self.base, self.steps = value, []
        elif condition is not False:
            self.steps.append((condition, value))


class Translation:
    """One survey as a mapping."""

    def __init__(self, survey, types):
        self.survey, self.types = survey, types
        self.vars, self.columns, self.read = {}, {}, set()
        self.taken = {name.casefold() for name in survey["raw_columns"]}
        self.universe = {}
        for name, variable in survey["variables"].items():
            self.variable(f"={name}", variable)

    def text(self):
        rules = {name.upper(): self.rule(name, given) for name, given in self.survey["variables"].items()}
        id = re.sub(r"[^A-Z0-9_]", "_", self.survey["id"].upper())
        parts = [HEAD.format(id=id, area=self.survey["country"], year=self.survey["year"])]
        for key, entries in (("columns", self.columns), ("rules", rules)):
            parts += [f"{key}:\n"] if entries else []
            parts += [f"  {name}: {json.dumps(rule)}\n" for name, rule in entries.items()]
        return "".join(parts)

    # steps

    def variable(self, name, given):
        self.vars[name] = Variable(float(given["constant"]) if "constant" in given else None)
        for step in given.get("rules", ()):
            if "recode" in step:
                self.recode(step)
            else:
                condition = self.true(step["when"]) if "when" in step else True
                expanded = list(self.expanded(condition, step["set"]))
                target = self.variable_of(step.get("working_column", name))
                for one in expanded:
                    target.set(*one)
        if given.get("only_where_migrated"):
            self.vars[name].set(self.false({"equals": [{"column": "=migrated"}, 1]}), None)
            self.universe[name] = len(self.vars[name].steps)

    def variable_of(self, name):
        if name not in self.vars:
            self.vars[name] = Variable(Name(name) if name in self.read else None)
        return self.vars[name]

    def recode(self, step):
        old = self.value({"column": step["recode"]})
        target = self.variable_of(step["recode"])
        for code, raws in step["codes"].items():
            members = [number_range(raw) for raw in raws if raw != "missing"]
            arms = [In(old, tuple(members))] if members else []
            arms += [IsMissing(old)] if "missing" in raws else []
            if isinstance(old, float | None):
                target.set(any(falls(old, raw) for raw in raws), None if code == "missing" else float(code))
            else:
                target.set(either(arms), None if code == "missing" else float(code))

    def expanded(self, condition, value):
        """A value that hangs on a condition is two steps."""
        ((operator, given),) = value.items() if isinstance(value, dict) else (("", value),)
        if operator == "if_else":
            yield from self.expanded(condition, given[2])
            yield from self.expanded(both([condition, self.true(given[0])]), given[1])
        elif operator in (*ORDER, *JUDGED):
            yield condition, 0.0
            yield both([condition, self.true(value)]), 1.0
        else:
            yield condition, self.value(value)

    # rules

    def rule(self, name, given):
        variable = self.vars[f"={name}"]
        if given.get("no_information"):
            return {"not_collected": "the survey does not tell"}
        around = {}
        if f"={name}" in self.universe:
            moved = self.true({"equals": [{"column": "=migrated"}, 1]})
            around = {} if isinstance(moved, bool) else {"universe": printed(both([present(moved), moved]))}
            if variable.steps and len(variable.steps) == self.universe[f"={name}"]:
                variable.steps.pop()
        if variable.steps:
            return {"cases": self.cases(variable, name)} | around
        return self.given(variable.base, name) | around

    def given(self, value, name):
        """The rule of a component, without cases."""
        if isinstance(value, Name):
            return {"from": value.name, "unknown": [""]}
        if value is None or isinstance(value, float | str):
            return {"fixed": self.code(value, name)}
        return self.given(Name(self.make(name, {"compute": printed(value)})), name)

    def cases(self, variable, name=""):
        arms, before = [], []
        for condition, value in [*reversed(variable.steps), (True, variable.base)]:
            if condition is not True and never(condition, before):
                continue
            before.append(condition)
            said = {"when": printed(condition)} if condition is not True else {}
            if value is None or isinstance(value, float | str):
                code = self.code(value, name)
                arms.append(said | {"give": code} if said else {"else": code})
                continue
            said = said or {"else": "true"}
            unknown = {"unknown": [""]} if name else {}
            if isinstance(value, Name):
                arms.append(said | {"from": value.name} | unknown)
            else:
                if name:
                    arms.append({"when": printed(both([condition, IsMissing(value)])), "give": "_U"})
                arms.append(said | {"compute": printed(value)})
        return arms

    def code(self, value, name):
        if value is None:
            return "_U"
        return GROUPS.get(value, value) if name == "origin_country" else plain(value)

    def settled(self, name):
        """What a variable is now, as a constant or an expression that others can read."""
        variable = self.vars[name]
        if variable.steps:
            made = self.make(name.strip("=_"), {"cases": self.cases(variable)})
            variable.base, variable.steps = Name(made), []
            self.universe.pop(name, None)
        elif not isinstance(variable.base, Name | float | str | None):
            made = self.make(name.strip("=_"), {"compute": printed(variable.base)})
            variable.base = Name(made)
        return variable.base

    def make(self, name, rule):
        made, number = name, 1
        while made.casefold() in self.taken:
            number += 1
            made = f"{name}_{number}"
        self.taken.add(made.casefold())
        self.columns[made] = rule
        return made

    # conditions: true() is true exactly where the condition is, false() exactly where it is not; else they may be
    # unknown, which an arm passes over

    def true(self, condition, known=frozenset()):
        return self.judged(condition, True, known)

    def false(self, condition, known=frozenset()):
        return self.judged(condition, False, known)

    def judged(self, condition, wanted, known):
        if not isinstance(condition, dict):
            return (condition != 0) == wanted
        ((name, given),) = condition.items()
        if name in ("all", "any"):
            if name == "all" and wanted:
                given_present = [one["is_present"] for one in given if "is_present" in one]
                known = known | {one["column"] for one in given_present if "column" in one}
            found = [self.judged(one, wanted, known) for one in given]
            return both(found) if (name == "all") == wanted else either(found)
        if name == "not":
            return self.judged(given[0] if isinstance(given, list) else given, not wanted, known)
        if name == "column":
            return self.judged({"not_equals": [condition, 0]}, wanted, known)
        if name in ("is_missing", "is_present"):
            value = self.value(given[0] if isinstance(given, list) else given)
            return missing(value) if (name == "is_missing") == wanted else present(value)
        sides = [self.value(one) for one in (given[:1] if name in ("in", "matches") else given)]
        sure = [is_sure(one, known) for one in (given[:1] if name in ("in", "matches") else given)]
        match name:
            case "equals" | "not_equals":
                return self.equal(given, sides, sure, (name == "equals") == wanted)
            case "above" | "below" | "at_least" | "at_most":
                op = ORDER[name] if wanted else OPPOSITE[ORDER[name]]
                texts = [self.kind(one) == "text" for one in given]
                sides = [Call("number", (side,)) if text and isinstance(side, Name) else side
                         for side, text in zip(sides, texts, strict=True)]  # fmt: skip
                return ordered(op, *sides, *(one and not text for one, text in zip(sure, texts, strict=True)))
            case "between":
                if isinstance(sides[0], float | None):
                    return (sides[0] is not None and sides[1] <= sides[0] <= sides[2]) == wanted
                inside = Between(numeric(sides[0]), lit(sides[1]), lit(sides[2]))
                return inside if wanted else either([Not(inside), *([] if sure[0] else [IsMissing(sides[0])])])
            case "in":
                return self.among(sides[0], given[1], sure[0], wanted)
            case "matches":
                found = Call("matches", (sides[0], Text(f".*{given[1]['text']}.*")))
                return found if wanted else either([Not(found), IsMissing(sides[0])])
        raise UnsayableError(name)

    def among(self, value, members, sure, wanted):
        listed = [self.value(one) for one in members]
        if isinstance(value, float | str | None):
            return (value in listed) == wanted
        inside = In(value, tuple(lit(one) for one in listed if one is not None))
        gone = [IsMissing(value)] if not sure else []
        if wanted:
            return either([inside, *(gone if None in listed else [])])
        return either([Not(inside), *gone]) if None not in listed else both([Not(inside), present(value)])

    def equal(self, given, sides, sure, wanted):
        left, right = sides
        if isinstance(left, float | str | None):
            left, right, sure = right, left, sure[::-1]
        if isinstance(left, float | str | None):
            return (left == right) == wanted
        if right is None:
            return missing(left) if wanted else present(left)
        text = any(kind == "text" for kind in (self.kind(one) for one in given))
        pair = (left, lit(right)) if text or isinstance(right, float) else (numeric(left), right)
        same, gone = Compare("=" if wanted else "<>", *pair), [] if sure[0] else [IsMissing(left)]
        if isinstance(right, float | str):
            return same if wanted else either([same, *gone])
        if wanted:
            return either([same] if any(sure) else [same, both([missing(left), missing(right)])])
        return either([same, *([both([*gone, present(right)])] if gone else []),
                       *([] if sure[1] else [both([present(left), missing(right)])])])  # fmt: skip

    def kind(self, expression):
        if not isinstance(expression, dict):
            return "text" if isinstance(expression, str) else ""
        ((name, given),) = expression.items()
        if name in ("text", "as_text", "substring", "lower"):
            return "text"
        if name in ("plus", "if_else"):
            return "text" if "text" in [self.kind(one) for one in given] else ""
        return self.types.get(given, "") if name == "column" else ""

    # values

    def value(self, expression):
        if isinstance(expression, str):
            return expression or None
        if not isinstance(expression, dict):
            return float(expression)
        ((name, given),) = expression.items()
        match name:
            case "column":
                if given in self.vars:
                    return self.settled(given)
                if given.startswith("="):
                    return None
                self.read.add(given)
                return Name(given)
            case "text":
                return given or None
            case "missing":
                return None
            case "as_number" if (found := before_sign(given[0])) is not None:
                column, sign = found
                lines = [{"regex": f"(.*?){re.escape(sign)}.*", "to": r"\1"}, {"regex": ".*", "to": "_U"}]
                self.read.add(column)
                return Call("number", (Name(self.make(f"{column}_code", {"from": column, "patterns": lines})),))
        given = given if isinstance(given, list) else [given]
        if name in ("substring", "round", "as_text"):
            value, rest = self.value(given[0]), given[1:]
        else:
            values = [self.value(one) for one in given]
        match name:
            case "plus" if "text" in [self.kind(one) for one in given]:
                return Call("concat", tuple(Call("coalesce", (as_text(one), Text(""))) for one in values))
            case "plus" | "minus" | "times" | "over":
                return None if None in values else Arithmetic(OPERATORS[name], *(lit(one) for one in values))
            case "floor":
                return Call("floor", tuple(values))
            case "whole_part":
                (value,), nought = values, Number(0.0, "0")
                negative = Arithmetic("-", nought, Call("floor", (Arithmetic("-", nought, value),)))
                return Call("if", (Compare("<", value, nought), negative, Call("floor", (value,))))
            case "round":
                steps = lit(float(round(1 / rest[0])))
                return Arithmetic("/", Call("round", (Arithmetic("*", value, steps),)), steps)
            case "as_text":
                made = Call("text", (Call("number", (value,)),))
                return Call("pad", (made, lit(float(re.search(r"%0?(\d+)", str(rest[0]))[1])))) if rest else made
            case "as_number":
                return Call("number", tuple(values))
            case "substring" if all(isinstance(one, int) for one in rest):
                return Call("substring", (value, *(lit(float(one)) for one in rest)))
            case "length":
                return Call("coalesce", (Call("length", tuple(values)), Number(0.0, "0")))
            case "lower":
                return Call("lower", tuple(values))
        raise UnsayableError(name)


def before_sign(expression):
    """The column and the sign of: what stands in a column before a sign."""
    match expression:
        case {"substring": [{"column": column}, 1, {"minus": [{"position": [{"column": same}, {"text": sign}]}, 1]}]}:
            return (column, sign) if column == same else None
    return None


def ordered(op, left, right, left_sure, right_sure):
    """A comparison in which a missing value is above every other."""
    upper = ">" in op
    if isinstance(left, float | None) and isinstance(right, float | None):
        high = [float("inf") if side is None else side for side in (left, right)]
        return {">": high[0] > high[1], "<": high[0] < high[1], ">=": high[0] >= high[1], "<=": high[0] <= high[1]}[op]
    if right is None:
        return {">": False, ">=": missing(left), "<": present(left), "<=": True}[op]
    if left is None:
        return {"<": False, "<=": missing(right), ">": present(right), ">=": True}[op]
    arms = [Compare(op, numeric(left) if not isinstance(right, float) else left, lit(right))]
    left_gone = [] if left_sure or isinstance(left, float) else [IsMissing(left)]
    right_gone = [] if right_sure or isinstance(right, float) else [IsMissing(right)]
    if upper and left_gone:
        arms.append(both([*left_gone, *([present(right)] if right_gone and op == ">" else [])]))
    if not upper and right_gone:
        arms.append(both([*right_gone, *([present(left)] if left_gone and op == "<" else [])]))
    return either(arms)


def is_sure(expression, known):
    return not isinstance(expression, dict) or expression.get("column") in known


def never(condition, before):
    """Whether a condition before this one takes all of its rows: a step that a later one has made void."""
    mine = taken(condition)
    for one in before:
        theirs = taken(one)
        if one == condition or (
            None not in (mine, theirs)
            and all(name in mine and values.covers(mine[name]) for name, values in theirs.items())
        ):
            return True
    return False


def both(conditions):
    return joined(And, True, conditions)


def either(conditions):
    return joined(Or, False, conditions)


def joined(word, nothing, conditions):
    """All or any of the conditions; what is certain is left out, or decides."""
    items = []
    for one in conditions:
        if one is (not nothing):
            return one
        if one is not nothing and one not in items:
            items += one.items if isinstance(one, word) else (one,)
    return nothing if not items else items[0] if len(items) == 1 else word(tuple(items))


def missing(value):
    return value is None if isinstance(value, float | str | None) else IsMissing(value)


def present(value):
    if isinstance(value, Compare):
        return both([present(value.left), present(value.right)])
    return value is not None if isinstance(value, float | str | None | Number | Text) else Not(IsMissing(value))


def numeric(value):
    return Call("number", (value,)) if isinstance(value, Name) else lit(value)


def as_text(value):
    return Text("") if value is None else lit(value)


def lit(value):
    if isinstance(value, float):
        return Number(value, plain(value))
    return Text(value) if isinstance(value, str) else value


def plain(value):
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def number_range(raw):
    low, _, high = raw.partition("..")
    return Range(lit(float(low)), lit(float(high))) if high else lit(float(low))


def falls(value, raw):
    low, _, high = raw.partition("..")
    return raw == "missing" if value is None else raw != "missing" and float(low) <= value <= float(high or low)


def printed(expression):
    return print_expression(expression)
