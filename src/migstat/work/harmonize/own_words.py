"""Words of people's own: source values that look like names, identifiers or free text are not told one by one."""

from collections import Counter
from collections.abc import Collection, Mapping

from migstat.work.draft.facts import FEW_VALUES, LEAST_ROWS, MAIL

FEWEST = 20
"""Rows from which a column can look like one of names or of free text."""
SENTENCE = 3
"""Blanks from which on a value is a sentence; or so many signs as LONG."""
LONG = 40
Values = tuple[str, ...]


def untold(met: Mapping[Values, int], unnamed: Collection[Values]) -> set[Values]:
    """Return which values are not to be told one by one, of those that no line of the mapping names.

    ``met`` has the rows of all values. Untold are those with letters of a column that is of names or identifiers (more
    than half as many values as rows), or whose unnamed values are sentences, hardly two the same; those that fewer
    than three rows have, where there are more than 600; and mail addresses. A bare number may be a code that is new.
    """
    found = {values for values in unnamed if any(MAIL.search(value) for value in values)}
    for at in range(len(next(iter(met), ()))):
        filled = sum(rows for values, rows in met.items() if values[at])
        counts: Counter[str] = Counter()
        for values in unnamed:
            if values[at]:
                counts[values[at]] += met[values]
        if _of_names(counts, filled) or _of_sentences(counts):
            found |= {values for values in unnamed if _lettered(values[at])}
        elif len(counts) > FEW_VALUES:
            found |= {values for values in unnamed if values[at] and counts[values[at]] < LEAST_ROWS}
    return found


def _lettered(value: str) -> bool:
    return any(sign.isalpha() for sign in value)


def _of_names(counts: Counter[str], filled: int) -> bool:
    lettered = sum(rows for value, rows in counts.items() if _lettered(value))
    return filled >= FEWEST and len(counts) > 0.5 * filled and lettered > 0.5 * counts.total()


def _of_sentences(counts: Counter[str]) -> bool:
    said = sum(rows for value, rows in counts.items() if value.count(" ") >= SENTENCE or len(value) >= LONG)
    return counts.total() >= FEWEST and len(counts) > 0.5 * counts.total() and said > 0.5 * counts.total()
