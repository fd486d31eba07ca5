"""The seats of rules: which judge each has, how it reads the columns, and what it looks up."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from migstat.words.codelist import Codelist
from migstat.words.expression import aggregates, names
from migstat.words.memory import Room
from migstat.words.rule import Determines, Exists, Group, Holds, LookUp, Parts, Rule, Unique
from migstat.words.rule import Sequence as InSequence
from migstat.words.structure import Structure
from migstat.work.conditions import Pairs
from migstat.work.validate.aggregates import Aggregate
from migstat.work.validate.groups import GroupJudge
from migstat.work.validate.judge import HoldsJudge, Judge
from migstat.work.validate.keys import DeterminesJudge, ExistsJudge, UniqueJudge
from migstat.work.validate.look_ups import SELF, Found, Reference, keys_of, prepare
from migstat.work.validate.part import Reading, kinds_of
from migstat.work.validate.parts import PartsJudge
from migstat.work.validate.passage import Seat
from migstat.work.validate.reads import columns_read, not_in_others
from migstat.work.validate.sequence import SequenceJudge


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What rules are read with: the structure, other files by name, codelists, and areas that cannot be told apart."""

    codelists: Callable[[str], Codelist]
    structure: Structure | None = None
    references: Mapping[str, Reference] = field(default_factory=dict)
    pairs: Pairs = frozenset()


class Seating:
    """Gives every rule of a file its judge. ``whole`` returns columns of the file, for rules that look into it."""

    def __init__(
        self,
        rules: Iterable[Rule],
        schema: Mapping[str, Any],
        around: Surroundings,
        whole: Callable[[Sequence[str]], pl.DataFrame],
        room: Room | None = None,
    ) -> None:
        self.schema, self.around, self._whole, self._room = schema, around, whole, room
        self.reading = Reading(kinds_of(schema, around.structure), around.pairs)
        self._rules, self._prepared = tuple(rules), dict[Any, Found]()
        self._aggregates: dict[Any, Aggregate] = {}

    def seats(self) -> list[Seat]:
        """Return a seat a rule, in order, each with a judge that has taken nothing yet."""
        return [self._seat(rule) for rule in self._rules]

    def _seat(self, rule: Rule) -> Seat:
        found = tuple(self._found(one) for one in rule.look_ups if self._can_look_up(one))
        kinds = dict(self.reading.kinds)
        for one in found:
            theirs = self._reference(one.look_up.file)
            assert theirs is not None
            for name in one.frame.columns:
                plain = name.removeprefix(f"{one.look_up.alias}.")
                kinds[name] = "number" if plain == "n" and plain not in theirs.kinds else theirs.kinds[plain]
        reading = Reading(kinds, self.reading.pairs) if found else self.reading
        judge = self._judge(rule, reading, found)
        lacking = {one.file for one in rule.look_ups} | ({rule.check.file} if isinstance(rule.check, Exists) else set())
        lacking = {file for file in lacking if self._reference(file) is None}
        if lacking and not judge.note:
            judge.note = f"the other file was not given: {', '.join(sorted(lacking))}"
        if not judge.note:
            judge.note = not_in_others(rule, {file: [*one.schema] for file, one in self.around.references.items()})
        if any(one.file == SELF for one in rule.look_ups) and not judge.note:
            judge.note = "looks rows up in the same file, whose columns were read first"
        return Seat(judge, found if not isinstance(judge, GroupJudge) or judge.after is None else ())

    def _judge(self, rule: Rule, reading: Reading, found: tuple[Found, ...]) -> Judge:
        match rule.check:
            case Holds():
                return HoldsJudge(rule, reading)
            case Unique():
                return UniqueJudge(rule, reading, self._room)
            case Determines():
                return DeterminesJudge(rule, reading, self._room)
            case Exists(_, file, other):
                reference = self._reference(file)
                if reference is None or not {*other} <= {*reference.schema}:
                    return ExistsJudge(rule, reading, None)
                return ExistsJudge(rule, reading, keys_of(reference, other))
            case Group(_, expression):
                inner = {name for call in aggregates(expression) for name in names(call)}
                by_row = any(name.partition(".")[0] in {one.look_up.alias for one in found} for name in inner)
                after = None if by_row or not found else _after(found)
                return GroupJudge(rule, reading, after, self._room, None if found else self._aggregates)
            case InSequence():
                return SequenceJudge(rule, reading, self._room)
            case Parts():
                return PartsJudge(rule, reading, self.around.codelists)

    def _reference(self, name: str) -> Reference | None:
        if name == SELF:
            return Reference(self.schema, self.reading.kinds, self._whole)
        return self.around.references.get(name)

    def _can_look_up(self, look_up: LookUp) -> bool:
        reference = self._reference(look_up.file)
        there = reference is not None and {*look_up.where} <= {*reference.schema}
        return there and self.reading.has(*look_up.where.values())

    def _found(self, look_up: LookUp) -> Found:
        """Prepare a look-up once for all rules that have it."""
        same = (look_up.alias, look_up.file, tuple(look_up.where.items()))
        if same not in self._prepared:
            reference = self._reference(look_up.file)
            assert reference is not None
            prefix = f"{look_up.alias}."
            read = [
                name.removeprefix(prefix)
                for rule in self._rules
                if look_up in rule.look_ups
                for name in columns_read(rule)
                if name.startswith(prefix)
            ]
            self._prepared[same] = prepare(look_up, reference, list(dict.fromkeys(read)), self.reading.codes)
        return self._prepared[same]


def _after(found: tuple[Found, ...]) -> Callable[[pl.DataFrame], pl.DataFrame]:
    def after(groups: pl.DataFrame) -> pl.DataFrame:
        for one in found:
            groups = one.attach(groups)
        return groups

    return after
