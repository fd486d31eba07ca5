"""The spelling of a name, freed of case, marks, articles and the order of its words."""

import unicodedata


def plain(text: str) -> str:
    """Return a text without case, accents and signs.

    >>> plain("  Côte d'IVOIRE ")
    'cote d ivoire'
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join("".join(sign if sign.isalnum() else " " for sign in bare).split())
