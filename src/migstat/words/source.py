"""Sources: the national file of a mapping, how it is written, how it was drawn, and its rounds."""

import datetime
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field

from migstat.words.codebook import Codebook
from migstat.words.confidence import Confidence
from migstat.words.design import Calibration, Centre, Lonely, SourceStage
from migstat.words.finding import Place
from migstat.words.mapping_rule import DateRule

AUTO = -1
"""The header of a format whose place is looked for."""


@dataclass(frozen=True, slots=True)
class Format:
    """How the file is written."""

    kind: str = "csv"
    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    missing: tuple[str, ...] = ("",)
    decimal: str = "."
    header: int = 1
    columns: tuple[str, ...] = ()
    member: str = ""
    trim: bool = False
    layout: str = ""
    """The file of the mapping's folder that says where the columns stand; what it says is the ``codebook``."""
    codebook: Codebook | None = None
    record: str = ""
    """The type of record that makes a row, in a file of several."""
    count: str = ""
    """Whether positions are counted in bytes or in characters; empty where it is not said."""
    length: int = 0
    """The length of a line; 0 where it is not said."""
    pad: bool = False
    """Lines may be shorter than the layout: the blanks at their ends were cut off."""
    sheet: str = ""
    """The sheet of a workbook; empty where it is not said."""
    table: str = ""
    """The table of a database, with its schema where it has one: ``census.persons``."""


@dataclass(frozen=True, slots=True)
class Companion:
    """A second file of the source, such as its households: rows take columns of it by a key that stands once there."""

    name: str
    place: Place
    by: Dict[str, str]
    """The columns of the extract that make the key, each with its name in this file."""
    columns: Dict[str, str]
    """The columns that are taken, as rules read them, each with its name in this file."""
    format: Format = Format()
    file: str = ""
    """A pattern of its name, by which it is found beside the extract, or in the same zip."""


@dataclass(frozen=True, slots=True)
class Source:
    """The national source: who made it, of which area and date, with which concepts."""

    kind: str
    by: str
    area: str
    place: Place
    name: str = ""
    period: str = ""
    """The reference date or period as it was written, such as 2018 or 2019-Q1."""
    date: datetime.date | None = None
    date_rule: DateRule | None = None
    population: str = ""
    coverage: str = ""
    birthplace: str = ""
    boundaries: str = ""
    duration: str = ""
    """How long a stay makes a resident of this source."""
    licence: str = ""
    url: str = ""
    key: tuple[str, ...] = ()
    weight: str = ""
    weight_divide_by: float | None = None
    strata: tuple[str, ...] = ()
    psu: tuple[str, ...] = ()
    fpc: str = ""
    stages: tuple[SourceStage, ...] = ()
    """The stages of sampling after the first."""
    lonely: Lonely = "fail"
    df: float | None = None
    replicates: tuple[str, ...] = ()
    replicate_method: str = ""
    replicate_fay: float | None = None
    replicate_scale: float | None = None
    replicate_rscales: tuple[float, ...] = ()
    replicate_combined: bool = True
    replicate_centre: Centre = ""
    calibration: Calibration | None = None
    """The margins that the weights are brought to; they are of components, not of source columns."""
    identifiers: tuple[str, ...] = ()
    format: Format = Format()
    companions: tuple[Companion, ...] = ()
    """Other files of the source, from which rows take columns."""
    confidence: Confidence | None = None
    """How sure all is that the rules say of the source, where they do not say it themselves."""

    @property
    def design_columns(self) -> tuple[str, ...]:
        """The source columns that tell how the sample was drawn, the weight apart."""
        later = [name for stage in self.stages for name in (*stage.strata, *stage.unit, stage.fpc)]
        wanted = [*self.strata, *self.psu, self.fpc, *later, *self.replicates]
        return tuple(dict.fromkeys(name for name in wanted if name))

    @property
    def taken(self) -> dict[str, str]:
        """The columns that come from companions, each with the name of its companion."""
        return {column: one.name for one in self.companions for column in one.columns}

    @property
    def joining(self) -> tuple[str, ...]:
        """The columns of the extract by which rows are joined to companions."""
        return tuple(dict.fromkeys(column for one in self.companions for column in one.by))


@dataclass(frozen=True, slots=True)
class Wave:
    """One round of a repeated source: its date, and what its columns are called there."""

    id: str
    place: Place
    period: str = ""
    date: datetime.date | None = None
    columns: Dict[str, str] = field(default_factory=dict)
    not_collected: tuple[str, ...] = ()
    layout: str = ""
    """The layout of this round, where it is not that of the source."""
    codebook: Codebook | None = None
