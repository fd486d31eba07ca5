"""Records to tables: counted once at the finest level, rolled up to totals and parents."""

from migstat.work.tabulate.stock import tabulate

__all__ = ["tabulate"]
