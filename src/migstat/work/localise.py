"""Error localisation after Fellegi and Holt: the smallest set of fields to change so that a record passes its rules."""

import heapq
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from migstat.words.codelist import Codelist
from migstat.words.expression import names
from migstat.words.finding import Severity, misuse
from migstat.words.rule import Holds, Rule, RuleSet
from migstat.words.structure import Structure
from migstat.work.reason.candidates import Domain
from migstat.work.reason.cells import TRUE, UNKNOWN, Cell, Demand, Domains, Variable, satisfiable, truths
from migstat.work.reason.formulas import Reasoned, Space, structure_domains

MOST_SETS = 100
"""Sets of fields that are returned at most; a record with more that are equally small says little by any of them."""


def localise(
    record: Mapping[str, Any],
    rules: RuleSet | Iterable[Rule],
    structure: Structure | None,
    codelists: Callable[[str], Codelist],
    weights: Mapping[str, float] | None = None,
) -> tuple[tuple[str, ...], ...]:
    """Return the smallest sets of fields to change so that a record can pass every error rule over one row at once.

    Each set is the least that suffices by the sum of its fields' ``weights`` (positive; 1 where not given, infinite for
    a field that is not to be changed), and all that are equally small are returned, in order. A record that fails
    nothing gives one empty set; a record that no change of its fields can mend gives no set. A code that is not in its
    codelist, or a number out of its bounds, is always among the fields.

    A field that is changed gets a value; it is made missing only where every rule that also reads other fields can then
    still be judged, as where one says that it must be missing. Values are exact for rules that compare one column
    with written values, in any combination; a comparison of several columns is taken to be free once one of them is
    changed. Rules over groups, files or looked-up values are left out; so are warnings, and rules that bear failures.

    Source: I. P. Fellegi and D. Holt, A systematic approach to automatic edit and imputation, Journal of the American
    Statistical Association 71 (1976); general knowledge, to be confirmed.

    >>> from migstat.words.expression import Compare, Name, Number, Text
    >>> from migstat.words.finding import Place
    >>> old = Compare(">=", Name("AGE"), Number(15, "15"))
    >>> married = Compare("=", Name("MARITAL"), Text("M"))
    >>> worker = Compare("=", Name("WORKS"), Text("Y"))
    >>> rules = [Rule(id, Holds(old), "AGE >= 15", Place("r.yaml"), when=when)
    ...          for id, when in [("R1", married), ("R2", worker)]]
    >>> localise({"AGE": 7, "MARITAL": "M", "WORKS": "Y"}, rules, None, {}.__getitem__)
    (('AGE',),)
    """
    if any(not weight > 0 for weight in (weights or {}).values()):
        raise misuse("a field weighs nothing, or less", "give each field a weight above 0, and inf to one that stays")
    wanted = rules.rules if isinstance(rules, RuleSet) else tuple(rules)
    domains = structure_domains(structure, codelists)
    space = Space(domains)
    judged = [space.rule(rule) for rule in wanted if _demanded(rule)]
    every = space.cut()
    return _Localiser(record, judged, space, every, dict(weights or {})).smallest()


def _demanded(rule: Rule) -> bool:
    """Say whether a rule must hold in each record, and can be read of one record alone."""
    borne = rule.rows_borne is not None or rule.share_borne is not None
    return isinstance(rule.check, Holds) and not rule.look_ups and rule.severity == Severity.ERROR and not borne


@dataclass(slots=True)
class _Localiser:
    record: Mapping[str, Any]
    rules: Sequence[Reasoned]
    space: Space
    every: Domains
    weights: Mapping[str, float]

    def smallest(self) -> tuple[tuple[str, ...], ...]:
        """Search sets of fields from the lightest on; a set that does not suffice names what must be added."""
        self.stand_still()
        wrong = {name for name, value in self.record.items() if not self.domain(name).holds(self.value(name, value))}
        queue: list[tuple[float, int, frozenset[str], frozenset[str]]] = []
        count = 0
        start = frozenset(wrong)
        if math.isfinite(self.weight(start)):
            heapq.heappush(queue, (self.weight(start), count, start, frozenset()))
        best = math.inf
        found: list[tuple[str, ...]] = []
        while queue:
            weight, _, changed, kept = heapq.heappop(queue)
            if weight > best + 1e-9 or len(found) == MOST_SETS:
                break
            stuck = self.stuck(changed)
            if stuck is None:
                best = weight
                found.append(tuple(name for name in self.record if name in changed))
                continue
            held = kept
            for name in [one for one in self.record if one in stuck - changed - kept]:
                more = changed | {name}
                if math.isfinite(self.weight(more)):
                    count += 1
                    heapq.heappush(queue, (self.weight(more), count, more, held))
                held = held | {name}
        return tuple(sorted(found, key=lambda one: [list(self.record).index(name) for name in one]))

    def stuck(self, changed: frozenset[str]) -> frozenset[str] | None:
        """Return None where changing these fields suffices, else fields of which another must be changed too."""
        domains = {key: self.left(variable, changed) for key, variable in self.space.variables.items()}
        demands = {at: self.demand(rule, changed) for at, rule in enumerate(self.rules)}
        for at, demand in demands.items():
            if demand.status(domains) is False:
                return self.fields(self.rules[at])
        if satisfiable(list(demands.values()), domains) is not False:
            return None
        core = dict(demands)
        for at in reversed(demands):
            rest = [demand for other, demand in core.items() if other != at]
            if satisfiable(rest, domains) is False:
                del core[at]
        return frozenset().union(*(self.fields(self.rules[at]) for at in core))

    def demand(self, rule: Reasoned, changed: frozenset[str]) -> Demand:
        """Demand that a rule is not failed, and not made undecided by a value that is made missing."""
        variables = self.space.variables
        fields = self.fields(rule)
        touched = [key for key in rule.variables if changed & set(variables[key].columns)] if len(fields) > 1 else []

        def status(domains: Domains) -> bool | None:
            found = rule.verdicts(domains, variables)
            blanked = [any(variables[key].cells[at].missing for at in domains[key]) for key in touched]
            sure = [all(variables[key].cells[at].missing for at in domains[key]) for key in touched]
            if not found & (TRUE if any(sure) else TRUE | UNKNOWN):
                return False
            return True if not found & ~(TRUE if any(blanked) else TRUE | UNKNOWN) else None

        return Demand(status, rule.variables)

    def left(self, variable: Variable, changed: frozenset[str]) -> tuple[int, ...]:
        """Return the cells in which a variable may be when these fields are changed: else the one where it stands."""
        own = (len(variable.cells) - 1,)
        if not changed & set(variable.columns):
            return own
        cells = self.every[variable.key]
        if len(variable.columns) == 1 and variable.strict:
            return cells
        absent = [name for name in variable.columns if name not in changed and self.absent(name)]
        if variable.strict and absent:
            return own
        return tuple(at for at in cells if not variable.cells[at].missing)

    def stand_still(self) -> None:
        """Add to each variable, as its last cell, the one in which the record stands."""
        columns = {name for variable in self.space.variables.values() for name in variable.columns}
        columns |= {name for one in self.space.variables.values() for atom, _ in one.atoms for name in names(atom)}
        values: dict[str, pl.Series] = {}
        kinds: dict[str, str] = {}
        for name in columns:
            domain = self.domain(name)
            value = self.value(name, self.record.get(name))
            numeric = isinstance(value, int | float) and domain.kind in ("number", "text")
            domain = Domain("number") if numeric else domain if domain.kind != "number" else Domain("text")
            if domain.kind == "date" and isinstance(value, str):
                domain = Domain("text")
            values[name], kinds[name] = domain.series([value]), domain.kind
        if not values:
            values["migstat-row"] = pl.Series([None], dtype=pl.String)
        for variable in self.space.variables.values():
            (row,) = truths([written for written, _ in variable.atoms], values, kinds)
            variable.cells = (*variable.cells, Cell(row, missing=False))

    def domain(self, name: str) -> Domain:
        return self.space.domain(name)

    def value(self, name: str, value: Any) -> Any:
        """Return a value as its column holds it: text that is a number becomes one in a column of numbers."""
        if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
            return None
        if self.domain(name).kind == "number" and isinstance(value, str):
            try:
                return float(value)
            except ValueError:
                return value
        return value

    def absent(self, name: str) -> bool:
        return self.domain(name).missing(self.value(name, self.record.get(name)))

    def fields(self, rule: Reasoned) -> frozenset[str]:
        """Return the columns that a rule reads."""
        return frozenset(name for key in rule.variables for name in self.space.variables[key].columns)

    def weight(self, fields: frozenset[str]) -> float:
        return sum(self.weights.get(name, 1.0) for name in fields)
