"""Crossings to residence: who was a resident before and after each crossing, who moved, and when that became final."""

from migstat.work.reside.crossings import AT, COLUMNS, faults, typed
from migstat.work.reside.judge import Initial, reside
from migstat.work.reside.part import Account, Asked

__all__ = ["AT", "COLUMNS", "Account", "Asked", "Initial", "faults", "reside", "typed"]
