"""The plan of a run: everything that is known before the first row is read."""

from dataclasses import dataclass, field

import narwhals as nw

from migstat.words.codelist import Codelist
from migstat.words.confidence import Confidence
from migstat.words.mapping import Keep, Mapping
from migstat.words.mapping_rule import Copy, Match, Pseudonym, Rule, leaves
from migstat.words.secret import Key
from migstat.words.source import Wave
from migstat.words.structure import Component, Structure
from migstat.work.harmonize.fill import Context, Filled

BESIDE = "migstat:"
"""Targets stand beside the source columns under this prefix until the end: a source may bear a target's name."""
ROW, STATE, WEIGHT, DATE = "migstat-row", "migstat-state", "migstat-weight", "migstat-date"
"""The run's own columns. Spelled apart from the targets, because Spark and DuckDB do not tell upper from lower case."""
PSEUDONYM = "migstat-pseudonym {}"
"""Where the pseudonym of a component stands, in the place of what it is made of."""
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
class Share:
    """The part of a plan that reads the same source columns: targets, keeps (by number), and constants (by id)."""

    columns: tuple[str, ...]
    targets: tuple[str, ...] = ()
    keeps: tuple[int, ...] = ()
    constants: tuple[str, ...] = ()
    dated: bool = False


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

    @property
    def dropped(self) -> tuple[str, ...]:
        """The identifiers that are not even read."""
        read = {self.aliases.get(name, name) for rule in self.pseudonyms.values() for name in rule.columns}
        return tuple(name for name in self.secret if name not in read)

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
        once = {*self.key, self.mapping.source.weight, *self.mapping.source.replicates, *plain}
        wanted = [
            name for share in self.shares if share.targets or share.keeps or share.dated for name in share.columns
        ]
        return tuple(dict.fromkeys(self.aliases.get(name, name) for name in wanted if name not in once))

    @property
    def key(self) -> tuple[str, ...]:
        """The source columns that name a row."""
        return self.mapping.source.key
