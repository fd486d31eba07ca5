"""What a statistical file declares of a variable: its label, what its values mean, and which are no answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from migstat.read.statistical_files.declared import Declared
from migstat.read.statistical_files.values import Form, as_text
from migstat.words.codebook import Kind, ValueLabel, Variable


def variable_of(name: str, declared: Declared, form: Form, sets: Mapping[str, Variable]) -> Variable:
    """Return a variable. ``sets`` are labels from elsewhere, by the name of a variable or of a format."""
    ranges = declared.missing.get(name, [])
    values = tuple(
        ValueLabel(_text(value, form), label, _is_missing(value, ranges, form))
        for value, label in declared.values.get(name, ())
    )
    missing = [_text(lo, form) if lo == hi else f"{_end(lo, form)}..{_end(hi, form)}" for lo, hi in ranges]
    missing += [one.value for one in values if one.missing and one.value.startswith(".")]
    other = sets.get(name.upper()) or sets.get(_format(name, declared))
    return Variable(
        name=name,
        label=declared.labels.get(name) or (other.label if other else ""),
        values=values or (other.values if other else ()),
        missing=tuple(dict.fromkeys([*missing, *(other.missing if other else ())])),
        kind=_kind(form, bool(values or (other and other.values))),
    )


def labelled_by(format: str, labels: Sequence[tuple[Any, str]]) -> Variable:
    """Return a set of labels of SAS as a variable of that name."""
    text = bool(format.startswith("$"))
    form = Form("text" if text else "number", "sas")
    values = tuple(ValueLabel(_text(one, form), label, isinstance(one, str) and not text) for one, label in labels)
    return Variable(format, values=values, missing=tuple(one.value for one in values if one.missing))


def _format(name: str, declared: Declared) -> str:
    """The name of the set of labels of a variable of SAS: its format, without width."""
    text = declared.sets.get(name) or declared.formats.get(name, "")
    return text.rstrip(".").upper()


def _kind(form: Form, labelled: bool) -> Kind:
    if form.dated:
        return "date"
    return "number" if form.shown == "number" and not labelled else "text"


def _text(value: Any, form: Form) -> str:
    if isinstance(value, str) and form.shown != "text":
        return f".{value.lower()}"
    if form.shown == "text" and not isinstance(value, str):  # A damaged file may label numbers of a text.
        form = Form("number", form.package)
    return as_text([value], form)[0] or ""


def _end(value: Any, form: Form) -> str:
    if isinstance(value, float) and abs(value) > 1e300:
        return "inf" if value > 0 else "-inf"
    return _text(value, form)


def _is_missing(value: Any, ranges: Sequence[tuple[Any, Any]], form: Form) -> bool:
    if isinstance(value, str):
        return form.shown != "text" or any(value == lo for lo, _ in ranges)
    return any(not isinstance(lo, str) and not isinstance(hi, str) and lo <= value <= hi for lo, hi in ranges)
