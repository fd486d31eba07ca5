"""Records to tables: counted once at the finest level, rolled up to totals and parents."""

from migstat.work.tabulate.beside import side_by_side
from migstat.work.tabulate.columns import source
from migstat.work.tabulate.stock import tabulate

__all__ = ["side_by_side", "source", "tabulate"]
