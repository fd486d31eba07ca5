"""Whole numbers as regular expressions, since a structure map has no ranges."""

from collections.abc import Iterator


def between(low: int, high: int | None, fraction: str = "0") -> str:
    """Return an expression for the whole numbers from ``low`` to ``high``, both included; None is open.

    Zeros in front are allowed, as a reader of numbers would, and a fraction of the digits in ``fraction``.

    >>> between(8, 14)
    '0*(?:[8-9]|1[0-4])(?:\\\\.[0]*)?'
    """
    parts = list(_parts(low, high if high is not None else 10 ** len(str(max(low, 1))) - 1))
    if high is None:
        parts.append(f"[1-9][0-9]{{{len(str(max(low, 1)))},}}")
    inner = "|".join(dict.fromkeys(parts))
    return f"0*(?:{inner})(?:\\.[{fraction}]*)?"


def _parts(low: int, high: int) -> Iterator[str]:
    """Split a range where the number of digits, or the leading digits, change."""
    while low <= high:
        top = low
        step = 1
        while (
            low
            and low % (step * 10) == 0
            and len(str(low)) == len(str(low + step * 10 - 1))
            and low + step * 10 - 1 <= high
        ):
            step *= 10
        while top + 2 * step - 1 <= high and (top // step) % 10 != 9 and len(str(top + step)) == len(str(low)):
            top += step
        yield _digits(low // step, top // step) + _free(len(str(step)) - 1)
        low = top + step


def _digits(low: int, high: int) -> str:
    stem, first, last = str(low)[:-1], str(low)[-1], str(high)[-1]
    return f"{stem}{first}" if first == last else f"{stem}[{first}-{last}]"


def _free(count: int) -> str:
    return "" if count == 0 else "[0-9]" if count == 1 else f"[0-9]{{{count}}}"
