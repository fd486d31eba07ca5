"""The conditions of rules: those of a row, and implication, functions over groups, the row before, and look-ups."""

import difflib
from collections.abc import Collection

from migstat.read.expression import Parser
from migstat.read.tokens import DOTTED, Token, unquoted
from migstat.words.expression import AGGREGATES, FUNCTIONS, PREVIOUS, Expression, Name, implies
from migstat.words.finding import Place


def parse_condition(text: str, place: Place, component: str = "", aliases: Collection[str] = ()) -> Expression:
    """Parse a condition of a rule. Raise MigstatError that names the character where the text stops making sense.

    ``aliases`` are the look-ups whose columns it may read as ``alias.COLUMN``.

    >>> from migstat.words.expression_text import print_expression
    >>> print_expression(parse_condition("if AGE < 15 then LABOUR is missing", Place("r.yaml", 4)))
    'not AGE < 15 or LABOUR is missing'
    """
    return _RuleParser(text, place, component, aliases).whole()


class _RuleParser(Parser):
    pattern = DOTTED
    functions = FUNCTIONS | AGGREGATES | {PREVIOUS: (1, 1)}
    too_deep = "split it into several rules"
    too_long = "split it into several rules"

    def __init__(self, text: str, place: Place, component: str, aliases: Collection[str]) -> None:
        super().__init__(text, place, component)
        self.aliases = aliases

    def any_of(self) -> Expression:
        if not self.implication():
            return super().any_of()
        self.take()
        self.deeper()
        condition = super().any_of()
        if not self.has("then"):
            mend = "write if CONDITION then CONDITION"
            self.fail(self.token.at, f"found {self.token} where 'then' should stand", mend)
        consequence = self.any_of()
        self.depth -= 1
        return implies(condition, consequence)

    def implication(self) -> bool:
        """Say whether ``if`` begins an implication here, and not the function of three arguments."""
        if self.token.kind != "name" or self.token.text.lower() != "if":
            return False
        inside = 0
        for token in self.tokens[self.next + 1 :]:
            if token.kind == "name" and token.text.lower() == "then" and not inside:
                return True
            inside += (token.text == "(") - (token.text == ")") if token.kind == "sign" else 0
            if inside < 0:
                break
        return self.tokens[self.next + 1].text != "("

    def value(self) -> Expression:
        if self.token.kind != "dotted":
            return super().value()
        return self.looked_up(self.take())

    def looked_up(self, token: Token) -> Expression:
        alias, _, column = token.text.partition(".")
        if alias not in self.aliases:
            near = difflib.get_close_matches(alias, self.aliases, 1)
            mend = f"write {near[0]}.{column}" if near else f"add look_up: {{{alias}: {{in: FILE, where: {{..}}}}}}"
            self.fail(token.at, f"there is no look-up {alias}", mend)
        if self.token.text == "(":
            self.fail(token.at, f"{token.text} is a column, not a function", "remove the parenthesis")
        return Name(f"{alias}.{unquoted(column)}")
