"""Files of SPSS, Stata and SAS in: values as text, with the labels and the missing codes that the file declares."""

from migstat.read.statistical_files.kinds import ENDINGS, KINDS, NAMES, kind_of
from migstat.read.statistical_files.opened import StatisticalFile, catalog_of, open_statistical

__all__ = ["ENDINGS", "KINDS", "NAMES", "StatisticalFile", "catalog_of", "kind_of", "open_statistical"]
