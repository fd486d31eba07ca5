"""Codebooks of national files: layouts, data dictionaries, and programs of statistical packages."""

import os
from pathlib import Path

from migstat.words.codebook import Codebook


def codebook(path: str | os.PathLike[str]) -> Codebook:
    """Read what an office says about the columns of a file: their names, positions, labels, values and missing codes.

    A layout as CSV, DDI Codebook XML, a Stata dictionary or do-file, an SPSS or a SAS program; nothing is executed.
    What could not be understood stands in ``findings`` of the codebook, each with its line and mend. Raises
    MigstatError where a column would be read from the wrong place, with everything that is wrong at once.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "layout.csv"
    ...     _ = path.write_text("name,start,width,values\\nSEX,7,1,1=Male; 2=Female")
    ...     codebook(path).variable("sex").values[1].label
    'Female'
    """
    from migstat.read.codebooks import read_codebook

    return read_codebook(Path(path))
