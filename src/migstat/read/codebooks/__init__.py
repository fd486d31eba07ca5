"""Codebooks in: layouts, data dictionaries and programs that describe a file; one module a kind. None is executed."""

from migstat.read.codebooks.opened import read_codebook

__all__ = ["read_codebook"]
