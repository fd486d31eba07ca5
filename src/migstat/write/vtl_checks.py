"""Rules over several rows as VTL statements: count or look back first, then check what comes of it."""

from collections.abc import Sequence

from migstat.words.expression import PREVIOUS, Call, Expression, Name, aggregates, walk
from migstat.words.rule import Determines, Exists, Group, Rule, Unique
from migstat.words.rule import Sequence as InOrder
from migstat.words.structure import Structure
from migstat.write.vtl_expression import Translator, UnsayableError, identifier, quoted

UNKNOWN_LEFT_OUT = "that a missing value leaves a group open where it could change the answer"
_PLAIN = {"sum": "sum", "mean": "avg", "median": "median", "smallest": "min", "largest": "max"}


def check(rule: Rule, translator: Translator, data: str) -> tuple[str, list[str]]:
    """Return the right side of a statement, and what VTL leaves unsaid; raise UnsayableError where it has no words."""
    if rule.look_ups:
        raise UnsayableError("values looked up for what is counted")
    match rule.check:
        case Unique(columns):
            steps = _Steps(rule, translator, data).group_by(columns)
            steps.add("aggr COUNTED := count() group by " + _list(columns))
            return steps.end("COUNTED = 1"), []
        case Determines(columns, target):
            steps = _Steps(rule, translator, data).group_by(columns)
            name = translator.text(Name(target))
            steps.add(f"aggr LOWEST := min({name}), HIGHEST := max({name}) group by {_list(columns)}")
            return steps.end("LOWEST = HIGHEST"), ["that a missing value leaves its group open"]
        case Exists(columns, file, other):
            steps = _Steps(rule, translator, data).group_by(columns)
            pairs = [(theirs, ours) for theirs, ours in zip(other, columns, strict=True) if theirs != ours]
            renamed = ", ".join(f"{identifier(theirs)} to {identifier(ours)}" for theirs, ours in pairs)
            theirs = identifier(file) + (f" [rename {renamed}]" if renamed else "")
            found = f"exists_in({steps.text}, {theirs}, all)"
            limits = [f"which variables are compared: {_list(columns)} must be the identifiers of {file}"]
            return f"check({found}{_error(rule)} all)", limits
        case Group():
            return _group(rule, rule.check, translator, data)
        case InOrder():
            return _sequence(rule, rule.check, translator, data), []
        case _:
            raise UnsayableError("a check of this kind")


class _Steps:
    """A data set with clauses after it."""

    def __init__(self, rule: Rule, translator: Translator, data: str) -> None:
        self.rule, self.translator = rule, translator
        self.text = data
        if rule.when is not None:
            self.add("filter " + translator.text(rule.when))

    def add(self, clause: str) -> None:
        self.text += f"\n   [{clause}]"

    def group_by(self, columns: Sequence[str]) -> "_Steps":
        """Make identifiers of the columns that are none: rows are grouped by identifiers only, which are never null."""
        plain = [name for name in columns if not _is_identifier(name, self.translator.structure)]
        if plain:
            self.add("filter " + " and ".join(f"not isnull({identifier(name)})" for name in plain))
            made = (f'identifier {identifier(name)} := nvl(cast({identifier(name)}, string), "")' for name in plain)
            self.add("calc " + ", ".join(made))
        return self

    def end(self, condition: str) -> str:
        self.add(f"calc PASSED := {condition}")
        self.add("keep PASSED")
        return f"check({self.text}\n  {_error(self.rule)} all)"


def _group(rule: Rule, group: Group, translator: Translator, data: str) -> tuple[str, list[str]]:
    calls = aggregates(group.expression)
    steps = _Steps(rule, translator, data).group_by(group.by)
    calc: list[str] = []
    aggr: list[str] = []
    results: dict[Call, str] = {}
    for number, call in enumerate(calls, 1):
        results[call] = _aggregate(rule, group, call, number, translator, calc, aggr)
    inside = {id(node) for call in calls for node in walk(call)}
    outside = Translator(translator.structure, lambda call: results.get(call))
    for name in dict.fromkeys(
        node.name for node in walk(group.expression) if isinstance(node, Name) and id(node) not in inside
    ):
        if name not in group.by:
            aggr.append(f"{identifier(name)} := max({identifier(name)})")
    condition = outside.text(group.expression)
    if outside.known:
        raise UnsayableError(f"{', '.join(outside.known)} beside what is counted")
    if calc:
        steps.add("calc " + ", ".join(calc))
    steps.add("aggr " + ", ".join(aggr) + (f" group by {_list(group.by)}" if group.by else ""))
    return steps.end(condition), [UNKNOWN_LEFT_OUT]


def _aggregate(
    rule: Rule, group: Group, call: Call, number: int, translator: Translator, calc: list[str], aggr: list[str]
) -> str:
    """Add what an aggregate needs to the clauses, and return the text of its result."""
    weight = "1"
    if group.weighted:
        structure = translator.structure
        if structure is None or "WEIGHT" not in structure or call.function not in ("count", "share", "sum"):
            raise UnsayableError(f"{call.function} with weights")
        weight = "WEIGHT"
    item, made, whole = f"ITEM_{number}", f"MADE_{number}", f"WHOLE_{number}"
    match call.function:
        case "distinct":
            raise UnsayableError("the number of distinct values of a group")
        case "count" | "share" if call.arguments:
            condition = translator.text(call.arguments[0])
            calc.append(f"{item} := if {condition} then {weight} else 0")
            aggr.append(f"{made} := sum({item})")
            if call.function == "count":
                return made
            known = f"if isnull({condition}) then 0 else {weight}" if rule.missing == "ignore" else weight
            calc.append(f"OF_{number} := {known}")
            aggr.append(f"{whole} := sum(OF_{number})")
            return f"({made} / {whole})"
        case "count":
            aggr.append(f"{made} := sum(WEIGHT)" if group.weighted else f"{made} := count()")
        case function:
            value = translator.text(_as_number(call.arguments[0]))
            calc.append(f"{item} := {value if weight == '1' else f'({value}) * {weight}'}")
            aggr.append(f"{made} := {_PLAIN[function]}({item})")
    return made


def _as_number(expression: Expression) -> Expression:
    return Call("number", (expression,))


def _sequence(rule: Rule, sequence: InOrder, translator: Translator, data: str) -> str:
    calls = [node for node in walk(sequence.expression) if isinstance(node, Call) and node.function == PREVIOUS]
    before = {call: f"BEFORE_{number}" for number, call in enumerate(dict.fromkeys(calls), 1)}
    by = f"partition by {_list(sequence.by)} " if sequence.by else ""
    over = f"over ({by}order by {_list(sequence.sort)})"
    lags = [f"{name} := lag({translator.text(call.arguments[0])}, 1 {over})" for call, name in before.items()]
    steps = _Steps(rule, translator, data)
    steps.text = data
    steps.group_by(sequence.by)
    steps.add("calc " + ", ".join(lags))
    reader = Translator(translator.structure, before.get, translator.read, translator.known)
    condition = reader.text(sequence.expression)
    if rule.when is not None:
        condition = f"if {translator.text(rule.when)} then {condition} else true"
    return steps.end(condition)


def _is_identifier(name: str, structure: Structure | None) -> bool:
    return structure is not None and name in structure.key


def _list(columns: Sequence[str]) -> str:
    return ", ".join(identifier(name) for name in columns)


def _error(rule: Rule) -> str:
    return f" errorcode {quoted(rule.id)} errorlevel {quoted(rule.severity.title())}"
