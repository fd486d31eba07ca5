"""Counts with their nouns: 1 row, 2 rows, 1,000 rows."""


def how_many(count: float, noun: str, nouns: str = "") -> str:
    """Return a count with its noun, in the singular where it is one.

    >>> how_many(1, "row"), how_many(1_200, "further cell"), how_many(0, "entry is", "entries are")
    ('1 row', '1,200 further cells', '0 entries are')
    """
    return f"{count:,.0f} {noun if count == 1 else nouns or noun + 's'}"
