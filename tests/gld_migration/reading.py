"""A direct reading of the steps of a survey, value by value: what a mapping of ours must give too.

A missing number is larger than any number, and equal to another missing one. Values are float, str, or None.
"""

import math
import re

TEXTUAL = ("substring", "lower", "position", "length", "matches", "as_number")


def number(value):
    """A text that holds no number is missing."""
    if isinstance(value, str):
        return float(value) if re.fullmatch(r"-?\d+(\.\d+)?", value) else None
    return value


def text(value):
    """A whole number has no decimal sign."""
    if value is None or isinstance(value, str):
        return value
    return str(int(value)) if value == int(value) else str(value)


def ordered(value):
    value = number(value)
    return math.inf if value is None else value


class Reading:
    """One row of raw columns read through the steps of a survey."""

    def __init__(self, survey, types, row):
        self.types, self.raw = types, row
        self.vars, self.read = {}, set()
        for name, variable in survey["variables"].items():
            self.variable(f"={name}", variable)

    def variable(self, name, variable):
        self.vars[name] = None
        if "constant" in variable:
            self.vars[name] = float(variable["constant"])
        for step in variable.get("rules", ()):
            self.step(name, step)
        if variable.get("only_where_migrated") and self.vars.get("=migrated") != 1:
            self.vars[name] = None

    def step(self, name, step):
        if "recode" in step:
            column = step["recode"]
            value, new = self.value({"column": column}), None
            for code, raws in step["codes"].items():
                if any(self.falls(value, raw) for raw in raws):
                    self.vars[column] = None if code == "missing" else float(code)
                    new = code
            if new is None:
                self.vars[column] = value
            return
        target = step.get("working_column", name)
        applies = self.true(step["when"]) if "when" in step else True
        value = self.value(step["set"])
        old = self.vars.get(target, self.raw_value(target) if target in self.read else None)
        self.vars[target] = value if applies else old

    def falls(self, value, raw):
        if raw == "missing":
            return value is None
        low, _, high = raw.partition("..")
        return value is not None and float(low) <= number(value) <= float(high or low)

    def raw_value(self, name):
        value = self.raw.get(name)
        return value if value is None or self.types.get(name) == "text" else number(value)

    def true(self, condition):
        if not isinstance(condition, dict):
            return condition != 0
        ((name, given),) = condition.items()
        if name == "column":
            return self.value(condition) != 0
        if name in ("all", "any"):
            found = [self.true(one) for one in given]
            return all(found) if name == "all" else any(found)
        if name == "not":
            return not self.true(given[0] if isinstance(given, list) else given)
        if name in ("is_missing", "is_present"):
            value = self.value(given[0] if isinstance(given, list) else given)
            return (value is None) == (name == "is_missing")
        if name == "matches":
            value = self.value(given[0])
            return value is not None and re.search(given[1]["text"], value) is not None
        if name == "in":
            return self.value(given[0]) in [self.value(one) for one in given[1]]
        sides = [self.value(one) for one in given]
        if {float, str} <= {type(side) for side in sides} or name not in ("equals", "not_equals"):
            sides = [number(side) for side in sides]
        match name:
            case "equals":
                return sides[0] == sides[1]
            case "not_equals":
                return sides[0] != sides[1]
            case "between":
                return sides[0] is not None and sides[1] <= sides[0] <= sides[2]
            case "above":
                return ordered(sides[0]) > ordered(sides[1])
            case "below":
                return ordered(sides[0]) < ordered(sides[1])
            case "at_least":
                return ordered(sides[0]) >= ordered(sides[1])
            case "at_most":
                return ordered(sides[0]) <= ordered(sides[1])
        raise AssertionError(name)

    def value(self, expression):
        if isinstance(expression, str):
            return expression or None
        if not isinstance(expression, dict):
            return float(expression)
        ((name, given),) = expression.items()
        match name:
            case "column":
                if given in self.vars or given.startswith("="):
                    return self.vars.get(given)
                self.read.add(given)
                return self.raw_value(given)
            case "text":
                return given or None
            case "missing":
                return None
            case "if_else":
                yes, no = self.value(given[1]), self.value(given[2])
                return yes if self.true(given[0]) else no
            case "as_text":
                value = self.value(given[0])
                if value is not None and len(given) > 1:
                    return str(round(value)).zfill(int(re.search(r"%0?(\d+)", str(given[1]))[1]))
                return text(value)
            case "as_number":
                return number(self.value(given[0]))
            case "substring":
                value, start, length = (self.value(one) for one in given)
                return (value or "")[int(start) - 1 : max(0, int(start) - 1 + int(length))] or None
            case "position":
                return float((self.value(given[0]) or "").find(given[1]["text"]) + 1)
            case "length":
                return float(len(self.value(given[0] if isinstance(given, list) else given) or ""))
            case "lower":
                value = self.value(given[0] if isinstance(given, list) else given)
                return value and value.lower()
            case "plus" if "text" in [type_of(one, self.types) for one in given]:
                return "".join(text(self.value(one)) or "" for one in given) or None
            case "plus" | "minus" | "times" | "over" | "floor" | "whole_part" | "round":
                values = [number(self.value(one)) for one in (given if isinstance(given, list) else [given])]
                return None if None in values else reckoned(name, values)
        return float(self.true(expression))


def reckoned(name, values):
    match name, values:
        case "plus", (a, b):
            return a + b
        case "minus", (a, b):
            return a - b
        case "times", (a, b):
            return a * b
        case "over", (a, b):
            return a / b if b else None
        case "floor", (a,):
            return float(math.floor(a))
        case "whole_part", (a,):
            return float(math.trunc(a))
        case "round", (a, unit):
            steps = round(1 / unit)
            return math.floor(a * steps + 0.5) / steps if a >= 0 else -math.floor(-a * steps + 0.5) / steps
    raise AssertionError(name)


def type_of(expression, types):
    """Text, or nothing where it may be a number."""
    if isinstance(expression, str):
        return "text"
    if not isinstance(expression, dict):
        return ""
    ((name, given),) = expression.items()
    if name in ("text", "as_text", "substring", "lower"):
        return "text"
    if name == "column":
        return types.get(given, "")
    if name == "plus":
        return "text" if any(type_of(one, types) for one in given) else ""
    if name == "if_else":
        return type_of(given[1], types) or type_of(given[2], types)
    return ""


def parts(expression):
    """An expression and everything inside it."""
    if isinstance(expression, dict):
        yield expression
        for given in expression.values():
            yield from parts(given)
    elif isinstance(expression, list):
        for one in expression:
            yield from parts(one)


def steps_of(survey):
    for name, variable in survey["variables"].items():
        for step in variable.get("rules", ()):
            yield f"={name}", step


def types_of(survey):
    """Which columns hold text: those that are compared with text, cut, or joined."""
    types = {"=origin_country": "text"}

    def mark(expression):
        for one in parts(expression):
            if "column" in one and len(one) == 1:
                types.setdefault(one["column"], "text")

    before = -1
    while before < len(types):
        before = len(types)
        for name, step in steps_of(survey):
            target = step.get("working_column", name)
            if "set" in step:
                if type_of(step["set"], types):
                    types.setdefault(target, "text")
                if target in types and set(step["set"] if isinstance(step["set"], dict) else ()) == {"column"}:
                    mark(step["set"])
            for one in parts([step.get("set"), step.get("when")]):
                ((operator, given),) = one.items()
                listed = given if isinstance(given, list) else [given]
                if operator in TEXTUAL:
                    mark({"x": listed[0]} if isinstance(listed[0], dict) and "column" in listed[0] else [])
                elif operator == "in" and any(isinstance(member, str) for member in listed[1]):
                    mark(listed[0])
                elif operator in ("equals", "not_equals", "plus") and any(type_of(side, types) for side in listed):
                    for side in listed:
                        mark(side if isinstance(side, dict) and "column" in side else [])
    return types
