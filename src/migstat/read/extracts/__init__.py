"""Extracts in: national files of every kind as frames of text, a part at a time; one module a kind of file."""

from migstat.read.extracts.delimited import read_below
from migstat.read.extracts.extract import Extract
from migstat.read.extracts.opened import read_extract
from migstat.read.heads import check_columns

__all__ = ["Extract", "check_columns", "read_below", "read_extract"]
