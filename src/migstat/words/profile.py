"""A migration profile: the indicators of an area and period, each with its source, or with why it cannot be given."""

from dataclasses import dataclass

from migstat.words.how_many import how_many

NOT_IN_DATA = "not in your data"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator. ``value`` is None where it cannot be given, and ``gap`` then says why.

    ``what`` says how it is reckoned, and ``definition`` names the definition of who is counted. ``code`` is the country
    that a top origin is. ``table`` is the table it was taken from, and ``by`` the office that made that.
    """

    id: str
    name: str
    what: str
    value: float | None
    unit: str
    definition: str = ""
    code: str = ""
    period: str = ""
    table: str = ""
    by: str = ""
    gap: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """The indicators of one area."""

    area: str
    period: str
    indicators: tuple[Indicator, ...]

    def __getitem__(self, id: str) -> Indicator:
        return next(one for one in self.indicators if one.id == id)

    @property
    def gaps(self) -> tuple[Indicator, ...]:
        """The indicators that cannot be given."""
        return tuple(one for one in self.indicators if one.value is None)

    def __repr__(self) -> str:
        given = len(self.indicators) - len(self.gaps)
        return f"<Profile {self.area} {self.period}: {given} of {how_many(len(self.indicators), 'indicator')}>"
