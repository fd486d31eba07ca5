"""A mapping as plain English sentences, for the methodologist who has to agree with it."""

from migstat.work.explain.mapping import explain

__all__ = ["explain"]
