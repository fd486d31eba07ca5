"""Systems of codes: whose codes of areas the values of a column are, told from all of them together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from migstat.words.draft import Guess

SYSTEMS = ("ISO3", "ISO2", "M49", "FIPS", "IOC")
"""In the order in which they are preferred where two fit as well."""
LEAST = 5
"""So many different values are needed to tell the letters of a system from others."""
NUMBERS = 12
"""So many are needed of numbers: many a national key has numbers that are some area's in M49 too."""
FITS = 0.95
Coded = Callable[[str, str], str | None]
"""The area that a code means in a system, or None."""


@dataclass(frozen=True, slots=True)
class System:
    """A system that fits the values of a column; ``rivals`` are others that fit as well, and may say another thing."""

    name: str
    rivals: tuple[str, ...] = ()


def system_of(values: Sequence[str], coded: Coded) -> System | None:
    """Return whose codes values are, or None where no system has nearly all of them."""
    some = [value for value in values if value]
    numbers = sum(value.isdecimal() for value in some)
    if len(some) < (NUMBERS if numbers > len(some) / 2 else LEAST):
        return None
    shares = {name: sum(coded(name, value) is not None for value in some) / len(some) for name in SYSTEMS}
    best = max(shares.values())
    if best < FITS:
        return None
    fitting = [name for name in SYSTEMS if shares[name] >= best - 0.02]
    return System(fitting[0], tuple(fitting[1:]))


def guesses(system: System, value: str, coded: Coded) -> tuple[Guess, ...]:
    """Return what a value means: sure where no rival says another thing."""
    found = {name: code for name in (system.name, *system.rivals) if (code := coded(name, value)) is not None}
    if not found:
        return ()
    codes = list(dict.fromkeys(found.values()))
    sure = 0.9 if len(codes) == 1 else 0.7
    return tuple(
        Guess(code, sure, f"its code in {next(name for name in found if found[name] == code)}") for code in codes
    )
