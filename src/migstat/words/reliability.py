"""Reliability: the policy by which a figure is called reliable, to be used with caution, or too unreliable."""

from dataclasses import dataclass

UNKNOWN_RELIABILITY = "_U"


@dataclass(frozen=True, slots=True)
class Band:
    """Figures whose coefficient of variation, in per cent, is at most ``up_to`` (None: all that are left)."""

    flag: str
    obs_status: str
    up_to: float | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Bands from the best to the worst; a figure that rests on fewer than ``minimum_n`` records is of the last."""

    id: str
    bands: tuple[Band, ...]
    minimum_n: int
    text: str
    source: str
    standing: str

    def band(self, cv: float | None, n: int) -> Band | None:
        """Return the band of a figure, or None where its variation is not known.

        >>> one = Policy("P", (Band("A", "A", 10.0), Band("F", "U")), 5, "", "", "")
        >>> one.band(4.0, 30).flag, one.band(4.0, 3).flag, one.band(None, 30)
        ('A', 'F', None)
        """
        if n < self.minimum_n:
            return self.bands[-1]
        if cv is None:
            return None
        return next((band for band in self.bands if band.up_to is None or cv <= band.up_to), self.bands[-1])
