"""Flows from stocks: who must have moved so that one stock by birthplace became the next; after published methods."""

from migstat.work.flows_from_stocks.estimate import METHODS, SOURCES, Estimate, estimate

__all__ = ["METHODS", "SOURCES", "Estimate", "estimate"]
