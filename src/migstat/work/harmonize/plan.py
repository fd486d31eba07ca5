"""The plan of a run: everything that is known before the first row is read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import narwhals as nw

from migstat.words.codelist import Codelist
from migstat.words.confidence import Confidence
from migstat.words.mapping import Keep, Mapping, Target
from migstat.words.mapping_rule import Compute, Copy, Match, Pseudonym, Rule, leaves
from migstat.words.secret import Key
from migstat.words.source import Wave
from migstat.words.structure import Component, Structure
from migstat.work.harmonize.context import Context
from migstat.work.harmonize.fill import Filled

BESIDE = "migstat:"
"""Targets stand beside the source columns under this prefix until the end: a source may bear a target's name."""
ROW, STATE, WEIGHT, DATE = "migstat-row", "migstat-state", "migstat-weight", "migstat-date"
"""The run's own columns. Spelled apart from the targets, because Spark and DuckDB do not tell upper from lower case."""
PSEUDONYM = "migstat-pseudonym {}"
"""Where the pseudonym of a component stands, in the place of what it is made of."""
MADE_KIND, MADE_NUMBER = "migstat-blank {}", "migstat-made {}"
"""Of a column that is made first: where its kind stands, and its number."""
KEEP, COUNT = "migstat-keep{}", "migstat-count"
SOURCE_TYPES = {"census": "CENSUS", "survey": "SURVEY", "administrative": "ADMINISTRATIVE"}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A rule without cases inside, and the condition under which it speaks (None: always)."""

    component: Component
    rule: Rule
    guard: nw.Expr | None
    match: Match = "exact"
    confidence: Confidence | None = None


@dataclass(frozen=True, slots=True)
class Out:
    """One column of the records: its name, where it stands beside, and its component."""

    name: str
    beside: str
    component: Component | None
    is_kind: bool = False


@dataclass(frozen=True, slots=True)
class Constant:
    """A column that the source fills, not a rule: its expression and the source columns it reads."""

    value: nw.Expr
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Derived:
    """A column that follows from a target, once that is filled."""

    origin: str
    value: nw.Expr


@dataclass(frozen=True, slots=True)
class Made:
    """A column that is made of the source before the rules read it, and what its rule gives.

    It ``reads`` other columns, behind which stand its ``sources``, those of the source. ``level`` is 1 where these are
    the same. ``number`` is there where it is a number.
    """

    name: str
    reads: tuple[str, ...]
    sources: tuple[str, ...]
    level: int
    value: Filled
    number: nw.Expr | None = None


def behind(read: Iterable[str], made: Iterable[Made]) -> tuple[str, ...]:
    """Return the columns of the source behind the columns that are read, each once."""
    sources = {one.name: one.sources for one in made}
    return tuple(dict.fromkeys(source for name in read for source in sources.get(name, (name,))))


def made_for(read: Iterable[str], made: Sequence[Made]) -> frozenset[str]:
    """Return the columns that are to be made for the columns that are read."""
    wanted = {*read}
    for one in reversed(made):
        if one.name in wanted:
            wanted |= {*one.reads}
    return frozenset(wanted & {one.name for one in made})


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a plan that reads the same source columns: targets, keeps (by number), and constants (by id)."""

    columns: tuple[str, ...]
    targets: tuple[str, ...] = ()
    keeps: tuple[int, ...] = ()
    constants: tuple[str, ...] = ()
    dated: bool = False
    made: frozenset[str] | None = None
    """The columns that are made for it first; None for all that can be made of its columns."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is known before the first row is read."""

    mapping: Mapping
    structure: Structure
    wave: Wave | None
    context: Context
    weight: nw.Expr
    columns: tuple[str, ...]
    aliases: dict[str, str]
    filled: dict[str, Filled]
    components: dict[str, Component]
    constants: dict[str, Constant]
    derived: dict[str, Derived]
    keeps: tuple[tuple[Keep, nw.Expr], ...]
    leaves: tuple[Leaf, ...]
    out: tuple[Out, ...]
    shares: tuple[Share, ...]
    codelists: dict[str, Codelist] = field(default_factory=dict)
    pseudonyms: dict[str, Pseudonym] = field(default_factory=dict)
    keys: dict[str, tuple[Key, ...]] = field(default_factory=dict)
    """The keys of each pseudonym, by component."""
    may_be_blank: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The components that stay blank where all of these source columns are."""
    targets: dict[str, Target] = field(default_factory=dict)
    """What is filled, by component, as this wave has it; among them, columns made first that may not cover a row."""
    made: tuple[Made, ...] = ()
    """The columns made first, each after those that it reads."""

    @property
    def own(self) -> tuple[str, ...]:
        """The columns that are read of the extract itself: those of its companions are not in it, and keys are."""
        source = self.mapping.source
        return tuple(dict.fromkeys([*(one for one in self.columns if one not in source.taken), *source.joining]))

    @property
    def numbers(self) -> frozenset[str]:
        """The columns, by their real names, that are read as numbers."""
        read = [*(column for column, _ in self.context.numbers.values()), *self.mapping.source.design_columns]
        return frozenset(self.aliases.get(name, name) for name in read)

    @property
    def dropped(self) -> tuple[str, ...]:
        """The identifiers of which nothing is made."""
        read = {self.aliases.get(name, name) for rule in self.pseudonyms.values() for name in rule.columns}
        return tuple(name for name in self.secret if name not in read)

    @property
    def unread(self) -> tuple[str, ...]:
        """The columns that stay unread: none where whole rows are compared, and identifiers tell them apart too."""
        return () if self.mapping.source.drops_duplicates else self.dropped

    @property
    def secret(self) -> tuple[str, ...]:
        """The identifiers, by their real names: none of them leaves."""
        return tuple(dict.fromkeys(self.aliases.get(name, name) for name in self.mapping.source.identifiers))

    @property
    def coded(self) -> tuple[str, ...]:
        """The columns, by their real names, whose values repeat: rules are read once for each distinct value."""
        plain = {
            rule.column
            for target in self.mapping.targets
            for rule in leaves(target.rule)
            if isinstance(rule, Copy) and self.structure[target.component].type in {"text", "number"}
        }
        weight = self.mapping.source.weight
        once = {*self.key, *self.mapping.source.replicates, *plain} - {weight}
        wanted = [name for share in self.shares if self._repeats(share) for name in share.columns]
        wanted += [weight] if weight else []
        return tuple(dict.fromkeys(self.aliases.get(name, name) for name in wanted if name not in once))

    def _repeats(self, share: Share) -> bool:
        """Tell whether rules of a share look for values; of one that is only worked out, values need not repeat."""
        free = {
            id
            for id in share.targets
            if isinstance(self.targets[id].rule, Compute) and self.components[id].type in {"text", "number"}
        }
        return bool({*share.targets} - free or share.keeps or share.dated)

    def sources(self, read: Iterable[str]) -> tuple[str, ...]:
        """Return the columns of the source behind the columns that are read, each once."""
        return behind(read, self.made)

    @property
    def key(self) -> tuple[str, ...]:
        """The source columns that name a row."""
        return self.mapping.source.key
