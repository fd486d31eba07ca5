"""CSPro in: dictionaries (INI and JSON) and data files (.csdb), read only."""

from migstat.read.cspro.csdb import Csdb, is_csdb, open_csdb
from migstat.read.cspro.dictionary import Dictionary, codebook_of
from migstat.read.cspro.parsed import is_dictionary, parse_dictionary

__all__ = ["Csdb", "Dictionary", "codebook_of", "is_csdb", "is_dictionary", "open_csdb", "parse_dictionary"]
