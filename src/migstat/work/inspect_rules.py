"""Rules about rules: what contradicts, repeats, never applies or names what is not there, before any data is read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from migstat.words.codelist import Codelist
from migstat.words.finding import Finding, Severity
from migstat.words.rule import Rule, RuleSet
from migstat.words.structure import Structure
from migstat.work.reason.cells import (
    FALSE,
    TRUE,
    UNKNOWN,
    Demand,
    Domains,
    Formula,
    Variable,
    possible,
    reads,
    satisfiable,
)
from migstat.work.reason.formulas import Reasoned, Space, structure_domains
from migstat.work.reason.naming import check_naming, own_rule

_WEIGHT = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}


def inspect_rules(
    rules: RuleSet,
    structure: Structure | None,
    codelists: Callable[[str], Codelist],
    columns: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """Find what is wrong with rules themselves; no data are read.

    Errors: a component or code that does not exist (``columns`` are those that stand beside the structure's), values of
    unlike types compared, a rule that no row can pass, rules that contradict one another. Warnings: a rule that never
    applies. Notes: a rule that cannot fail, that others imply, or that applies only to rows which others fail.

    Conditions are reasoned about as sets of codes and intervals of numbers. What goes beyond, such as values looked up
    or counted, is taken to be possible either way, so that nothing is claimed which is not so. A rule that bears
    failures contradicts none and implies none, and rules that come with the structure are not inspected.

    >>> from migstat.words.expression import Compare, Name, Number
    >>> from migstat.words.finding import Place
    >>> from migstat.words.rule import Holds
    >>> adult = Rule("A", Holds(Compare(">=", Name("AGE"), Number(18, "18"))), "AGE >= 18", Place("r.yaml", 4))
    >>> child = Rule("C", Holds(Compare("<", Name("AGE"), Number(15, "15"))), "AGE < 15", Place("r.yaml", 5))
    >>> print(*inspect_rules(RuleSet("R", "1", (adult, child)), None, {}.__getitem__))
    r.yaml:4
      A contradicts C: no row can pass both
      Mend: change one of them, or say with `when` to which rows each applies
    """
    written = [rule for rule in rules.rules if structure is None or not own_rule(rule, structure)]
    found = [finding for rule in written for finding in check_naming(rule, structure, codelists, columns)]
    space = Space(structure_domains(structure, codelists))
    reasoned = [space.rule(rule) for rule in written]
    inspection = _Inspection(reasoned, space.variables, space.cut())
    return (*found, *inspection.findings())


@dataclass(slots=True)
class _Inspection:
    rules: Sequence[Reasoned]
    variables: dict[str, Variable]
    domains: Domains
    told: set[str] = field(default_factory=set)
    """Rules of which something is said that makes more about them idle."""

    def findings(self) -> Iterator[Finding]:
        yield from self.twins()
        for one in self.rules:
            if one.rule.id not in self.told:
                yield from self.alone(one)
        yield from self.against_others()
        yield from self.implied()

    def twins(self) -> Iterator[Finding]:
        """Rules of any kind that say the same."""
        seen: list[Rule] = []
        for one in self.rules:
            rule = one.rule
            for other in seen:
                if (rule.check, rule.when, rule.look_ups) == (other.check, other.when, other.look_ups):
                    yield self.say(one, f"says the same as {other.id}", "remove one of them", Severity.NOTE)
                    break
            else:
                seen.append(rule)

    def alone(self, one: Reasoned) -> Iterator[Finding]:
        """What a rule is by itself."""
        if self.impossible(self.demand(one.when, TRUE)):
            mend = "mend the condition after `when`, or remove the rule"
            yield self.say(one, "never applies: its `when` is true for no value", mend, Severity.WARNING)
        elif self.impossible(*self.passed(one)):
            yield self.say(one, "can be passed by no row to which it applies", "mend the condition", Severity.ERROR)
        elif self.impossible(self.verdict(one, FALSE)):
            mend = "remove it, or mend the condition; types, codes and bounds of the structure are checked anyway"
            yield self.say(one, "cannot fail", mend, Severity.NOTE)

    def against_others(self) -> Iterator[Finding]:
        """Rules that no row can pass together: first two by two, then those that only many rules make impossible."""
        sound = [one for one in self.rules if one.rule.id not in self.told and self.strict(one)]
        seen: set[frozenset[str]] = set()
        for one in sound:
            for other in sound:
                if other is not one and one.variables & other.variables:
                    yield from self.against(one, [other], seen)
        for one in sound:
            if one.rule.id not in self.told:
                others = self.related(one, lambda other: self.strict(other) and other.rule.id not in self.told)
                yield from self.against(one, others, seen)

    def against(self, one: Reasoned, others: Sequence[Reasoned], seen: set[frozenset[str]]) -> Iterator[Finding]:
        """Whether a rule can be passed where it applies by a row that fails none of the others."""
        rest = [self.verdict(other, TRUE | UNKNOWN) for other in others]
        if not rest or not self.impossible(*self.passed(one), *rest):
            return
        applies = [self.demand(one.when, TRUE)]
        only = self.impossible(*applies, *rest)
        core = self.core(applies if only else self.passed(one), others)
        names = " and ".join(other.rule.id for other in core)
        together = frozenset({one.rule.id, *(other.rule.id for other in core)})
        if only:
            yield self.say(one, f"applies only to rows that fail {names}", f"remove it, or mend {names}", Severity.NOTE)
        elif together not in seen:
            seen.add(together)
            all_ = "both" if len(core) == 1 else f"all {len(together)}"
            where = " to which it applies" if one.rule.when is not None else ""
            mend = "change one of them, or say with `when` to which rows each applies"
            yield self.say(one, f"contradicts {names}: no row{where} can pass {all_}", mend, Severity.ERROR)
            self.told |= together

    def implied(self) -> Iterator[Finding]:
        """Rules that others say already; of two that imply each other, the later."""
        kept = [one for one in self.rules if one.rule.id not in self.told]
        for one in reversed(tuple(kept)):
            fails = self.verdict(one, FALSE)

            def weighs(other: Reasoned, than: Reasoned = one) -> bool:
                heavier = _WEIGHT[other.rule.severity] >= _WEIGHT[than.rule.severity]
                return other in kept and heavier and self.strict(other)

            others = self.related(one, weighs)
            if not others or not self.impossible(fails, *(self.verdict(other, TRUE | UNKNOWN) for other in others)):
                continue
            core = self.core([fails], others)
            names = " and ".join(other.rule.id for other in core)
            kept.remove(one)
            what = f"says nothing that {names} {'does' if len(core) == 1 else 'do'} not say"
            yield self.say(one, what, "remove it, or keep it for its own message", Severity.NOTE)

    def strict(self, one: Reasoned) -> bool:
        return one.rule.rows_borne is None and one.rule.share_borne is None

    def passed(self, one: Reasoned) -> list[Demand]:
        """Demand that a rule applies and is passed."""
        passing = TRUE | UNKNOWN if one.rule.missing == "pass" else TRUE
        return [self.demand(one.when, TRUE), self.demand(one.check, passing)]

    def demand(self, formula: Formula, wanted: int) -> Demand:
        def status(domains: Domains) -> bool | None:
            return _within(possible(formula, domains, self.variables), wanted)

        return Demand(status, reads(formula))

    def verdict(self, one: Reasoned, wanted: int) -> Demand:
        def status(domains: Domains) -> bool | None:
            return _within(one.verdicts(domains, self.variables), wanted)

        return Demand(status, one.variables)

    def impossible(self, *demands: Demand) -> bool:
        return satisfiable(demands, self.domains) is False

    def related(self, one: Reasoned, which: Callable[[Reasoned], bool]) -> list[Reasoned]:
        """Return the rules that share a variable with this one, directly or through others."""
        reached, left = one.variables, [other for other in self.rules if other is not one and which(other)]
        found: set[int] = set()
        while near := [other for other in left if other.variables & reached]:
            found |= {id(other) for other in near}
            left = [other for other in left if id(other) not in found]
            reached = reached.union(*(other.variables for other in near))
        return [other for other in self.rules if id(other) in found]

    def core(self, goal: Sequence[Demand], others: Sequence[Reasoned]) -> list[Reasoned]:
        """Return a few of the rules that suffice to make the goal impossible; the first written are kept."""
        kept = list(others)
        for other in reversed(others):
            rest = [one for one in kept if one is not other]
            if self.impossible(*goal, *(self.verdict(one, TRUE | UNKNOWN) for one in rest)):
                kept = rest
        return kept

    def say(self, one: Reasoned, what: str, mend: str, severity: Severity) -> Finding:
        self.told.add(one.rule.id)
        rule = one.rule
        return Finding(rule.place, rule.component, f"{rule.id} {what}", mend, severity, rule.id)


def _within(found: int, wanted: int) -> bool | None:
    if not found & wanted:
        return False
    return True if not found & ~wanted else None
