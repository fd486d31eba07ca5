"""Designs: how a sample was drawn and weighted, which is all that its precision depends on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, Self, get_args

Lonely = Literal["fail", "adjust", "certainty", "average"]
Method = Literal["SDR", "BRR", "FAY", "JK1", "JK2", "JKN", "BOOTSTRAP"]
Calibrating = Literal["poststratify", "raking", "linear"]
Centre = Literal["", "estimate", "mean"]

LONELY: tuple[str, ...] = get_args(Lonely)
METHODS: tuple[str, ...] = get_args(Method)
CALIBRATING: tuple[str, ...] = get_args(Calibrating)
CENTRES = ("estimate", "mean")


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of sampling: columns for the unit drawn, its stratum, and how many units the stratum has.

    Without a unit the records themselves were drawn. ``fpc`` holds the number of units of the population in the
    stratum, or, where it is at most 1, the share that was drawn; without it the finite population is not corrected for.
    """

    unit: str = ""
    strata: str = ""
    fpc: str = ""


@dataclass(frozen=True, slots=True)
class SourceStage:
    """A stage after the first as a mapping gives it: several columns together name a unit or a stratum."""

    unit: tuple[str, ...] = ()
    strata: tuple[str, ...] = ()
    fpc: str = ""


@dataclass(frozen=True, slots=True)
class Replicates:
    """Replicate weights, or, without columns, how to make them of strata and units (JK1, JKN, BRR, BOOTSTRAP).

    ``scale`` and ``rscales`` multiply the squared differences of the replicates; what is not given follows from the
    method. ``combined`` says that the columns are weights, not factors of the weight. Differences are taken from the
    full-sample ``estimate`` or from the ``mean`` of the replicates.
    """

    columns: tuple[str, ...] = ()
    method: Method = "SDR"
    fay: float = 0.0
    scale: float | None = None
    rscales: tuple[float, ...] = ()
    combined: bool = True
    centre: Centre = ""
    number: int = 500
    """How many bootstrap replicates are made where there are no columns."""
    seed: int = 1

    def coefficients(self, number: int) -> tuple[float, ...]:
        """Return what the squared difference of each replicate counts for (Wolter 2007; Fay and Train 1995)."""
        usual = {
            "SDR": 4 / number,
            "BRR": 1 / number,
            "FAY": 1 / (number * (1 - self.fay) ** 2),
            "JK1": (number - 1) / number,
            "JK2": 1.0,
            "JKN": 1.0,
            "BOOTSTRAP": 1 / number,
        }[self.method]
        scale = usual if self.scale is None else self.scale
        return tuple(scale * each for each in self.rscales or (1.0,) * number)

    @property
    def around_mean(self) -> bool:
        """True where differences are from the mean of the replicates: the usual form of the delete-one jackknife."""
        return self.centre == "mean" or (not self.centre and self.method in {"JK1", "JKN"})


@dataclass(frozen=True, slots=True)
class Margin:
    """Known totals: of people by the codes of one or more columns, or, with ``of``, the sum of a number."""

    by: tuple[str, ...] = ()
    totals: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    of: str = ""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights are brought to known totals: post-stratification (one margin), raking (several), or linear (GREG)."""

    method: Calibrating
    margins: tuple[Margin, ...]


@dataclass(frozen=True, slots=True)
class Design:
    """How a sample was drawn and weighted; every name is a column of the records.

    >>> Design("WEIGHT", (Stage("PSU", "STRATA"),))
    <Design: weight WEIGHT; strata STRATA; units PSU>
    """

    weight: str = ""
    stages: tuple[Stage, ...] = ()
    lonely: Lonely = "fail"
    """What becomes of a stratum of which a single unit was drawn, whose variance cannot be told."""
    replicates: Replicates | None = None
    calibration: Calibration | None = None
    df: float | None = None
    """Degrees of freedom, where they are not the units less the strata, or the replicates less one."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the records that the design reads, each once."""
        wanted = [self.weight, *(name for stage in self.stages for name in (stage.strata, stage.unit, stage.fpc))]
        wanted += self.replicates.columns if self.replicates else ()
        if self.calibration:
            wanted += [name for margin in self.calibration.margins for name in (*margin.by, margin.of)]
        return tuple(dict.fromkeys(name for name in wanted if name))

    @property
    def by_replicates(self) -> bool:
        """True where the variance comes from replicates, not from linearisation."""
        return self.replicates is not None

    def facts(self) -> dict[str, Any]:
        """Return the design as plain data that JSON can hold."""
        facts = {key: value for key, value in asdict(self).items() if value not in (None, "", ())}
        if self.calibration:
            facts["calibration"] = {
                "method": self.calibration.method,
                "margins": [
                    {
                        "by": list(margin.by),
                        "of": margin.of,
                        "totals": [[*codes, total] for codes, total in margin.totals.items()],
                    }
                    for margin in self.calibration.margins
                ],
            }
        return facts

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> Self:
        """Return the design that ``facts`` described; what a newer migstat says beside is left out.

        >>> one = Design("W", (Stage("PSU"),), calibration=Calibration("raking", (Margin(("SEX",), {("F",): 9.0}),)))
        >>> Design.of_facts(one.facts()) == one
        True
        """
        given = _known(cls, facts)
        given["stages"] = tuple(Stage(**_known(Stage, stage)) for stage in given.get("stages", ()))
        if given.get("replicates") is not None:
            made = _known(Replicates, given["replicates"])
            for key in ("columns", "rscales"):
                made[key] = tuple(made.get(key) or ())
            given["replicates"] = Replicates(**made)
        if given.get("calibration"):
            margins = tuple(
                Margin(tuple(one["by"]), {tuple(row[:-1]): float(row[-1]) for row in one["totals"]}, one["of"])
                for one in given["calibration"]["margins"]
            )
            given["calibration"] = Calibration(given["calibration"]["method"], margins)
        return cls(**given)

    def __repr__(self) -> str:
        said = [f"weight {self.weight}" if self.weight else "no weight"]
        strata = [stage.strata for stage in self.stages if stage.strata]
        units = [stage.unit or "records" for stage in self.stages]
        said += [f"strata {', '.join(strata)}"] * bool(strata)
        said += [f"units {', '.join(units)}"] * bool(units)
        said += [f"fpc {', '.join(s.fpc for s in self.stages if s.fpc)}"] * any(s.fpc for s in self.stages)
        if self.replicates:
            number = len(self.replicates.columns)
            said.append(f"{f'{number} ' if number else ''}replicates {self.replicates.method}")
        said += [self.calibration.method] if self.calibration else []
        return f"<Design: {'; '.join(said)}>"


def _known(of: type, facts: Mapping[str, Any]) -> dict[str, Any]:
    names = {one.name for one in fields(of)}
    return {key: value for key, value in facts.items() if key in names}
