"""Rules as VTL 2.1: rulesets for rows and totals, checks for keys, groups and sequences, comments for the rest."""

import re
from collections.abc import Callable, Iterable, Sequence

from migstat.words.codelist import Codelist
from migstat.words.expression_text import print_expression
from migstat.words.how_many import how_many
from migstat.words.missing import TOTAL
from migstat.words.rule import Holds, Parts, Rule, RuleSet
from migstat.words.structure import Structure
from migstat.write.vtl_checks import check
from migstat.write.vtl_expression import Translator, UnsayableError, identifier, known_twins, quoted

DATA, KNOWN_DATA, JOINED = "DS_1", "DS_KNOWN", "DS_JOINED"


def ruleset_as_vtl(
    rules: RuleSet, structure: Structure | None, codelists: Callable[[str], Codelist] | None = None
) -> str:
    """Return rules as the text of a VTL 2.1 program over the data set ``DS_1``.

    Rules over one row are one datapoint ruleset, in the order of the rules; those that look values up are a second,
    over data to which these have been joined. Totals over the tree of a codelist, where ``codelists`` gives it, are
    hierarchical rulesets. Keys, dependencies, groups and sequences are checks. What VTL cannot say, and where it says
    less, stands in comments, and no rule is left out in silence.

    >>> from migstat.words.expression import Compare, Name, Number
    >>> from migstat.words.finding import Place
    >>> adult = Rule("ADULT", Holds(Compare(">=", Name("AGE"), Number(15, "15"))), "AGE >= 15", Place("r.yaml", 4))
    >>> print(ruleset_as_vtl(RuleSet("LABOUR", "1.0", (adult,)), None))
    /* LABOUR, version 1.0. DS_1 is the data set that is checked. */
    <BLANKLINE>
    define datapoint ruleset LABOUR (variable AGE) is
       /* ADULT */
       ADULT : AGE >= 15 errorcode "ADULT" errorlevel "Error"
    end datapoint ruleset;
    <BLANKLINE>
    LABOUR_RESULT <- check_datapoint(DS_1, LABOUR all);
    <BLANKLINE>
    """
    return _Program(rules, structure, codelists).text()


class _Program:
    def __init__(
        self, rules: RuleSet, structure: Structure | None, codelists: Callable[[str], Codelist] | None
    ) -> None:
        self.rules, self.structure, self.codelists = rules, structure, codelists
        self.known: dict[str, None] = {}
        self.taken: set[str] = set()
        self.id = self.word(rules.id)

    def text(self) -> str:
        alone = [rule for rule in self.rules.rules if isinstance(rule.check, Holds) and not rule.look_ups]
        joined = [rule for rule in self.rules.rules if isinstance(rule.check, Holds) and rule.look_ups]
        blocks = [self.datapoint(alone, self.id, DATA), self.datapoint(joined, f"{self.id}_JOINED", JOINED)]
        for rule in self.rules.rules:
            if isinstance(rule.check, Parts):
                blocks.append(self.hierarchical(rule, rule.check))
            elif not isinstance(rule.check, Holds):
                blocks.append(self.check(rule))
        body = [block for block in blocks if block]
        if self.known:
            twins = f"{KNOWN_DATA} := {DATA} [calc\n      {known_twins(list(self.known))}];"
            note = "In records these codes say why a value is absent, and in conditions they count as null."
            body.insert(0, f"{_comment(note)}\n{twins}")
            body = [re.sub(rf"\b{DATA}\b", KNOWN_DATA, block) if block is not body[0] else block for block in body]
        what = f"the data set of {self.structure.id}" if self.structure else "the data set that is checked"
        head = _comment(f"{self.rules.id}, version {self.rules.version}. {DATA} is {what}.")
        return "\n\n".join([head, *body]) + "\n"

    def datapoint(self, rules: Sequence[Rule], name: str, data: str) -> str:
        """Return a ruleset over rows, and the check that applies it."""
        if not rules:
            return ""
        written: list[tuple[Rule, str, list[str]]] = []
        aside: list[str] = []
        translator = Translator(self.structure)
        for rule in rules:
            attempt = Translator(self.structure)
            try:
                written.append((rule, _item(rule, attempt), list(attempt.limits)))
            except UnsayableError as reason:
                aside.append(_unsaid(rule, str(reason)))
                continue
            translator.read |= attempt.read
            translator.known |= attempt.known
        self.known |= translator.known
        blocks = []
        if written:
            lines = []
            for number, (rule, item, limits) in enumerate(written):
                lines.append(self.told(rule, "   ", limits))
                lines.append(f"   {item}{';' if number + 1 < len(written) else ''}")
            signature = ", ".join(identifier(variable) for variable in translator.read)
            ruleset = f"define datapoint ruleset {name} (variable {signature}) is\n"
            ruleset += "\n".join(lines) + "\nend datapoint ruleset;"
            blocks = [ruleset, f"{name}_RESULT <- check_datapoint({data}, {name} all);"]
            if data == JOINED:
                blocks.insert(0, _comment(_joins(rule for rule, *_ in written)))
        return "\n\n".join([*blocks, *aside])

    def hierarchical(self, rule: Rule, parts: Parts) -> str:
        """Return a ruleset over a tree of codes, and the check that applies it."""
        if self.codelists is None or parts.tree == "dotted":
            why = (
                "the tree is made of the codes that stand in the data"
                if parts.tree == "dotted"
                else "no codelist given"
            )
            return _unsaid(rule, why)
        codelist = self.codelists(parts.tree)
        sums = {code: codelist.children(code) for code in codelist.ids if codelist.children(code)}
        if not sums:
            return _unsaid(rule, f"{parts.tree} is a flat list, whose total is of the codes that stand in the data")
        name = self.word(f"HR_{rule.id}")
        error = f"errorcode {quoted(rule.id)} errorlevel {quoted(rule.severity.title())}"
        try:
            items = [
                f"   {identifier(parent)} = {' + '.join(identifier(child) for child in children)} {error}"
                for parent, children in sums.items()
            ]
            by = identifier(parts.code)
        except UnsayableError as reason:
            return _unsaid(rule, str(reason))
        limits = []
        if parts.tolerance:
            limits.append(f"a tolerance of {parts.tolerance:g}")
        if rule.when is not None:
            limits.append("the rows to which it applies")
        if TOTAL not in sums:
            limits.append("the sum of the tops, which are those that stand in the data")
        ruleset = f"define hierarchical ruleset {name} (variable rule {by}) is\n"
        ruleset += ";\n".join(items) + "\nend hierarchical ruleset;"
        mode = "partial_zero" if parts.absent == "zero" else "partial_null"
        # The operator adds up the one measure of its data set.
        data = f"{DATA} [keep {identifier(parts.value)}]"
        checked = f"{name}_RESULT <- check_hierarchy({data}, {name} rule {by} {mode} all);"
        return "\n".join([self.told(rule, "", limits), ruleset, "", checked])

    def check(self, rule: Rule) -> str:
        """Return the statement that checks a key, a dependency, a group or a sequence."""
        attempt = Translator(self.structure)
        try:
            made, limits = check(rule, attempt, DATA)
        except UnsayableError as reason:
            return _unsaid(rule, str(reason))
        self.known |= attempt.known
        return f"{self.told(rule, '', [*limits, *attempt.limits])}\n{self.word(rule.id)}_RESULT <- {made};"

    def told(self, rule: Rule, indent: str, limits: Sequence[str] = ()) -> str:
        """Return the comment before a rule: its name, where it comes from, and what VTL leaves unsaid."""
        lines = [rule.id if rule.name() == rule.id else f"{rule.id}: {rule.name()}"]
        if rule.origin and not (self.structure is not None and f":{self.structure.id}(" in rule.origin):
            lines.append(f"From {rule.origin.rstrip('.')}.")
        limits = [*limits, *_borne(rule)]
        lines += [f"VTL does not say: {'; '.join(limits)}."] if limits else []
        return _comment("\n".join(lines), indent)

    def word(self, id: str) -> str:
        """Return a name for a data set or ruleset that no other has."""
        word = re.sub(r"[^A-Za-z0-9_]+", "_", id).strip("_").upper()
        word = word if word[:1].isalpha() and len(word) > 1 else f"R_{word}"
        unique, number = word, 1
        while unique in self.taken:
            number += 1
            unique = f"{word}_{number}"
        self.taken.add(unique)
        return unique


def _item(rule: Rule, translator: Translator) -> str:
    assert isinstance(rule.check, Holds)
    consequence = translator.text(rule.check.expression)
    if rule.missing != "undecided":
        consequence = f"nvl({consequence}, {'false' if rule.missing == 'fail' else 'true'})"
    when = f"when {translator.text(rule.when)} then " if rule.when is not None else ""
    level = quoted(rule.severity.title())
    return f"{identifier(rule.id)} : {when}{consequence} errorcode {quoted(rule.id)} errorlevel {level}"


def _joins(rules: Iterable[Rule]) -> str:
    """Say what has to be joined to the data."""
    said = {}
    for rule in rules:
        for one in rule.look_ups:
            pairs = " and ".join(f"{theirs} = {ours}" for theirs, ours in one.where.items())
            file = "the same data" if one.file == "self" else one.file
            said[one.alias] = (
                f"'{one.alias}.X' is the variable X of {file} where {pairs}; '{one.alias}.n' the rows found."
            )
    return f"{JOINED} is {DATA} with what its rules look up. " + " ".join(said.values())


def _unsaid(rule: Rule, reason: str) -> str:
    name = "" if rule.name() == rule.id else f": {rule.name()}"
    when = f"where {print_expression(rule.when)}: " if rule.when is not None else ""
    return _comment(f"{rule.id}{name}\nNot said in VTL: {when}{rule.text}\nThere are no words for it: {reason}.")


def _borne(rule: Rule) -> list[str]:
    if rule.rows_borne is not None:
        return [f"that {how_many(rule.rows_borne, 'failure is', 'failures are')} borne"]
    if rule.share_borne is not None:
        return [f"that a share of {rule.share_borne * 100:g}% of failures is borne"]
    return []


def _comment(text: str, indent: str = "") -> str:
    lines = [" ".join(line.split()) for line in text.replace("*/", "* /").split("\n")]
    return f"{indent}/* " + f"\n{indent}   ".join(lines) + " */"
