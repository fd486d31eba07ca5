"""Workbooks of Excel and OpenDocument in: the cells of a sheet as text, or a table found in a sheet."""

from migstat.read.workbooks.opened import ENDINGS, Workbook, fingerprint, is_workbook, open_workbook
from migstat.read.workbooks.published_sheet import read_sheet

__all__ = ["ENDINGS", "Workbook", "fingerprint", "is_workbook", "open_workbook", "read_sheet"]
