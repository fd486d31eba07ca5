"""What the codebook of an extract says of the values that were met: their labels, and what it contradicts."""

from collections.abc import Iterator

from migstat.words.codebook import Codebook, Variable
from migstat.words.finding import Finding, Place, Severity
from migstat.words.missing import KINDS
from migstat.words.run import Coverage, Covered

MOST_TOLD = 10


def label_of(codebook: Codebook | None, column: str, value: str) -> str:
    """Return what the codebook says that a value of a column means; empty where it does not say."""
    variable = _variable(codebook, column)
    if variable is None or not value:
        return ""
    found = next((one.label for one in variable.values if one.value == value), "")
    return found or next((one.label for one in variable.values if within(value, one.value)), "")


def within(value: str, range: str) -> bool:
    """Tell whether a value lies in a closed range ``a..b``, or is that value."""
    low, sign, high = range.partition("..")
    if not sign:
        return value == range
    try:
        return float(low) <= float(value) <= float(high)
    except ValueError:
        return False


def contradicted(coverage: Coverage, codebook: Codebook | None, name: str) -> Iterator[Finding]:
    """Tell where what was met is not as the codebook says: values without a label, and no answers taken for answers."""
    if codebook is None:
        return
    met: dict[str, dict[str, Covered]] = {}
    known: dict[str, Variable | None] = {}
    for one in coverage:
        if len(one.columns) == 1 and one.values[0] and not one.hidden:
            column = one.columns[0]
            if column not in known:
                known[column] = _variable(codebook, column)
            met.setdefault(column, {}).setdefault(one.values[0], one)
            yield from _answer(one, known[column], codebook)
    for column, values in met.items():
        variable = known[column]
        answers = [one for one in variable.values if not one.missing] if variable else []
        if variable is None or not answers:
            continue
        strange = [value for value in values if not _known(variable, value)]
        # A number that has labels for a few of its values only is no list of codes.
        if not strange or len(strange) > len(answers):
            continue
        listed = ", ".join(f"'{value}'" for value in sorted(strange)[:MOST_TOLD])
        more = f" and {len(strange) - MOST_TOLD} more" if len(strange) > MOST_TOLD else ""
        rows = sum(values[value].rows for value in strange)
        what = f"the codebook has no label for {listed}{more}"
        mend = "ask the office what they mean"
        yield Finding(Place(name), column, what, mend, Severity.NOTE, rule="label", rows=rows)


def _answer(one: Covered, variable: Variable | None, codebook: Codebook) -> Iterator[Finding]:
    """Tell where a value that the codebook says is no answer was given a code as if it were one."""
    column, value = one.columns[0], one.values[0]
    if variable is None or not one.code or one.code in KINDS or one.place is None:
        return
    if any(within(value, missing) for missing in variable.missing):
        label = label_of(codebook, column, value)
        shown = f"{column} = '{value}'{f' ({label})' if label else ''}"
        what = f"{shown} is no answer, as the codebook says, and becomes {one.code}"
        mend = "list it under not_stated, unknown or not_applicable, if the codebook is right"
        yield Finding(one.place, one.component, what, mend, Severity.WARNING, rule="label", rows=one.rows)


def _known(variable: Variable, value: str) -> bool:
    return any(within(value, one.value) for one in variable.values) or any(
        within(value, missing) for missing in variable.missing
    )


def _variable(codebook: Codebook | None, column: str) -> Variable | None:
    if codebook is None:
        return None
    bare = column.rsplit(".", 1)[-1]
    return codebook.variable(column) or codebook.variable(bare.partition("(")[0])
