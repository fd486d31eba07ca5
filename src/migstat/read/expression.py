"""Expressions from text and back: a small grammar, parsed into a tree and never evaluated as code."""

import difflib
from collections.abc import Mapping
from typing import NoReturn

from migstat.read.tokens import PLAIN, Token, tokens_of, unquoted
from migstat.words.expression import (
    FUNCTIONS,
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    Expression,
    In,
    IsMissing,
    Name,
    Not,
    Number,
    Or,
    Range,
    Text,
)
from migstat.words.expression_text import KEYWORDS, print_expression
from migstat.words.finding import Finding, MigstatError, Place
from migstat.words.how_many import how_many

__all__ = ["parse_expression", "print_expression"]

LONGEST = 5_000
"""Characters; a condition that is longer belongs in a recode table."""
DEEPEST = 30
"""Parentheses and functions inside one another."""

_COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")


def parse_expression(text: str, place: Place, component: str = "") -> Expression:
    """Parse a condition or a sum. Raise MigstatError that names the character where the text stops making sense.

    >>> print_expression(parse_expression("AGE>=15 and not P16 in (1, 5..9)", Place("m.yaml", 3)))
    'AGE >= 15 and P16 not in (1, 5..9)'
    """
    return Parser(text, place, component).whole()


class Parser:
    """One pass over the tokens of a condition; ``pattern`` and ``functions`` say what the grammar holds."""

    pattern = PLAIN
    functions: Mapping[str, tuple[int, int]] = FUNCTIONS
    too_long = "use a recode table"
    too_deep = "split it into several cases"

    def __init__(self, text: str, place: Place, component: str) -> None:
        self.text, self.place, self.component = text, place, component
        self.next, self.depth = 0, 0
        if len(text) > LONGEST:
            self.fail(0, f"the condition is longer than {LONGEST:,} characters", self.too_long, show=False)
        self.tokens = tokens_of(text, self.pattern, self.fail)

    def fail(self, at: int, what: str, mend: str, *, show: bool = True) -> NoReturn:
        where = f"in `{self.text.strip()}`, character {at + 1}: " if show else ""
        raise MigstatError([Finding(self.place, self.component, where + what, mend)])

    @property
    def token(self) -> Token:
        return self.tokens[self.next]

    def take(self) -> Token:
        token = self.token
        self.next += 1
        return token

    def has(self, *words: str) -> bool:
        """Take the next token where it is one of the words."""
        token = self.token
        if token.kind in {"name", "sign"} and token.text.lower() in words:
            self.next += 1
            return True
        return False

    def need(self, word: str, after: str) -> None:
        if not self.has(word):
            self.fail(self.token.at, f"found {self.token} where '{word}' should stand", f"write {word} after {after}")

    def whole(self) -> Expression:
        if self.token.kind == "end":
            self.fail(0, "the condition is empty", "write one, such as AGE >= 15", show=False)
        tree = self.any_of()
        token = self.token
        if token.kind != "end":
            mend = "join conditions with and, or"
            if token.text == ")":
                mend = "remove it, or open a parenthesis before it"
            elif token.text in _COMPARISONS:
                mend = "write two comparisons joined with and"
            self.fail(token.at, f"found {token} where the condition should end", mend)
        return tree

    def deeper(self) -> None:
        """Count one more level, and refuse where there are too many."""
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail(self.token.at, f"nested deeper than {DEEPEST} levels", self.too_deep)

    def any_of(self) -> Expression:
        self.deeper()
        items = [self.all_of()]
        while self.has("or"):
            items.append(self.all_of())
        self.depth -= 1
        return items[0] if len(items) == 1 else Or(tuple(items))

    def all_of(self) -> Expression:
        items = [self.negation()]
        while self.has("and"):
            items.append(self.negation())
        return items[0] if len(items) == 1 else And(tuple(items))

    def negation(self) -> Expression:
        count = 0
        while self.has("not"):
            count += 1
            if count > DEEPEST:
                self.fail(self.token.at, f"nested deeper than {DEEPEST} levels", "remove each pair of not")
        tree = self.comparison()
        for _ in range(count):
            tree = Not(tree)
        return tree

    def comparison(self) -> Expression:
        left = self.sum()
        token = self.token
        if token.text in _COMPARISONS and token.kind == "sign":
            self.take()
            return Compare(token.text, left, self.sum())
        if self.has("is"):
            negative = self.has("not")
            if not self.has("missing"):
                mend = "write is missing, or is not missing; to compare, write ="
                self.fail(self.token.at, f"found {self.token} where 'missing' should stand", mend)
            return Not(IsMissing(left)) if negative else IsMissing(left)
        negative = self.has("not")
        if self.has("in"):
            tree: Expression = In(left, self.members())
        elif self.has("between"):
            low = self.sum()
            self.need("and", "the lower end of between")
            tree = Between(left, low, self.sum())
        elif negative:
            self.fail(self.token.at, f"found {self.token} after 'not'", "write not in (...), or not between a and b")
        else:
            return left
        return Not(tree) if negative else tree

    def members(self) -> tuple[Text | Number | Range, ...]:
        self.need("(", "in")
        members = [self.member()]
        while self.has(","):
            members.append(self.member())
        self.need(")", "the last value")
        return tuple(members)

    def member(self) -> Text | Number | Range:
        if self.token.kind == "text":
            return self.literal(self.take())
        start = self.token
        low = self.number()
        if not self.has(".."):
            return low
        high = self.number()
        if low.value > high.value:
            self.fail(start.at, f"{low.text}..{high.text} runs backwards", f"write {high.text}..{low.text}")
        return Range(low, high)

    def number(self) -> Number:
        negative = self.has("-")
        token = self.take()
        if token.kind == "number":
            return self.numeral(token, negative)
        mend = "list numbers, texts and ranges, such as in (1, 5..9, 'A')"
        if token.kind == "name":
            mend = f"write '{token.text}'"
        self.fail(token.at, f"found {token} where a value should stand", mend)

    def sum(self) -> Expression:
        tree = self.product()
        while self.token.kind == "sign" and self.token.text in {"+", "-"}:
            tree = Arithmetic(self.take().text, tree, self.product())
        return tree

    def product(self) -> Expression:
        tree = self.factor()
        while self.token.kind == "sign" and self.token.text in {"*", "/"}:
            tree = Arithmetic(self.take().text, tree, self.factor())
        return tree

    def factor(self) -> Expression:
        count = 0
        while self.has("-"):
            count += 1
            if count > DEEPEST:
                self.fail(self.token.at, f"nested deeper than {DEEPEST} levels", "remove each pair of minus signs")
        if count and self.token.kind == "number":
            tree: Expression = self.numeral(self.take(), negative=True)
            count -= 1
        else:
            tree = self.value()
        for _ in range(count):
            tree = Arithmetic("-", Number(0.0, "0"), tree)
        return tree

    def value(self) -> Expression:
        token = self.take()
        match token.kind:
            case "number":
                return self.numeral(token, negative=False)
            case "text":
                return self.literal(token)
            case "quoted":
                name = unquoted(token.text)
                if not name:
                    self.fail(token.at, "a column without a name", "a blank is tested with is missing")
                return Name(name)
            case "name" if token.text.lower() not in KEYWORDS or (token.text == "if" and self.token.text == "("):
                return self.call(token) if self.token.text == "(" else Name(token.text)
            case "sign" if token.text == "(":
                tree = self.any_of()
                if not self.has(")"):
                    mend = "close the parenthesis with )"
                    self.fail(self.token.at, f"found {self.token} where ')' should stand", mend)
                return tree
        self.fail(token.at, f"found {token} where a column or value should stand", "complete the condition there")

    def call(self, token: Token) -> Expression:
        name = token.text
        if name not in self.functions:
            near = difflib.get_close_matches(name.lower(), self.functions, 1)
            mend = f"write {near[0]}" if near else "one of " + ", ".join(self.functions)
            self.fail(token.at, f"there is no function {name}", mend)
        self.take()
        arguments: list[Expression] = []
        if not self.has(")"):
            arguments.append(self.any_of())
            while self.has(","):
                arguments.append(self.any_of())
            self.need(")", f"the last argument of {name}")
        least, most = self.functions[name]
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            given = how_many(len(arguments), "argument")
            self.fail(token.at, f"{name} was given {given}", f"give it {wanted}")
        return Call(name, tuple(arguments))

    def numeral(self, token: Token, negative: bool) -> Number:
        text = token.text
        if len(text) > 1 and text[0] == "0" and text[1] != ".":
            mend = f"write '{text}' for the text, {text.lstrip('0') or '0'} for the number"
            self.fail(token.at, f"{text} is a number with a leading zero", mend)
        text = f"-{text}" if negative else text
        return Number(float(text), text)

    def literal(self, token: Token) -> Text:
        return Text(token.text[1:-1].replace("''", "'"))
