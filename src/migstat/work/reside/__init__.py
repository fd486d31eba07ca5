"""Crossings to residence: who was a resident before and after each crossing, who moved, and when that became final."""

from migstat.work.reside.crossings import COLUMNS, faults
from migstat.work.reside.judge import Initial, reside

__all__ = ["COLUMNS", "Initial", "faults", "reside"]
