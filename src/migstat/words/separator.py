"""What parts the fields of a small table in CSV."""


def separator(head: str) -> str:
    """Return the separator by the line of the header: a spreadsheet may have written semicolons or tabs.

    >>> separator("from;to;label")
    ';'
    """
    return next((sign for sign in (",", ";", "\t") if sign in head), ",")
