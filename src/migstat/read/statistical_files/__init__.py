"""Files of SPSS, Stata and SAS in: values as text, with the labels and the missing codes that the file declares.

Only what tells such a file is loaded with the folder; the reader, in ``opened``, where there is one.
"""

from migstat.read.statistical_files.kinds import ENDINGS, KINDS, NAMES, kind_of

__all__ = ["ENDINGS", "KINDS", "NAMES", "kind_of"]
