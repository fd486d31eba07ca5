"""Derive: say of each record whether a definition counts it, and keep unknown apart from no."""

from typing import Any

import narwhals as nw

from migstat.words.definition import Definition
from migstat.words.expression import Expression, names
from migstat.words.finding import misuse
from migstat.words.missing import NOT_APPLICABLE, UNKNOWN
from migstat.words.structure import Structure
from migstat.work.conditions import Pairs, compile_expression

YES, NO = "Y", "N"


def derive(frame: Any, definition: Definition, structure: Structure, unknown_pairs: Pairs = frozenset()) -> Any:
    """Add a column named as the definition: Y counted, N not counted, _U unknown, _Z not applicable.

    ``frame`` is a narwhals frame of records, eager or lazy, of any engine. Outside the definition's universe a record
    is _Z, also where its age is unknown and the source itself says that the question did not apply. It is _U where a
    component that matters is missing, in whichever way, or was not collected; what is known may still decide.
    Raises Misuse for a definition that needs more than one record.

    >>> import polars as pl
    >>> from migstat.words.expression import Compare, Name, Text
    >>> rule = Compare("=", Name("RESID_5Y"), Text("ABROAD"))
    >>> abroad = Definition("ABROAD", {"en": "Abroad"}, rule, "", ("RESID_5Y",), "made up", "")
    >>> people = Structure("P", "record", "1.0", {}, "", "person", (), ())
    >>> frame = nw.from_native(pl.DataFrame({"RESID_5Y": ["ABROAD", "SAME_MIN", "_N"]}))
    >>> derive(frame, abroad, people)["ABROAD"].to_list()
    ['Y', 'N', '_U']
    """
    if definition.rule is None:
        needs = definition.needs or "several records"
        what = f"{definition.id} cannot be told from one record: it needs {needs}"
        raise misuse(what, "choose a definition that has a rule", place="derive", component=definition.id)
    if isinstance(frame, nw.DataFrame) and frame.implementation.is_pandas_like():
        return _beside(frame, definition, structure, unknown_pairs)
    schema = frame.collect_schema()
    kinds = {
        name: column_kind(name, structure, schema) for name in (*names(definition.rule), *_names(definition.universe))
    }
    counted = compile_expression(definition.rule, kinds, unknown_pairs)
    answer = nw.when(counted).then(nw.lit(YES)).otherwise(nw.when(~counted).then(nw.lit(NO)).otherwise(nw.lit(UNKNOWN)))
    if definition.universe is not None:
        inside = compile_expression(definition.universe, kinds, unknown_pairs)
        outside = ~inside
        for name in names(definition.rule):
            if kinds[name] == "code":
                unasked = nw.col(name).cast(nw.String) == NOT_APPLICABLE
                outside = outside | (inside.is_null() & counted.is_null() & unasked)
        answer = nw.when(outside).then(nw.lit(NOT_APPLICABLE)).otherwise(answer)
    return frame.with_columns(answer.alias(definition.id))


def _beside(frame: Any, definition: Definition, structure: Structure, unknown_pairs: Pairs) -> Any:
    """Derive in Polars what pandas cannot keep apart, and put the column beside the others."""
    read = dict.fromkeys((*names(definition.rule), *_names(definition.universe)))  # type: ignore[arg-type]
    columns = [name for name in read if name in frame.columns]
    polars = nw.from_native(frame.select(columns or frame.columns[:1]).to_polars())
    answer = derive(polars, definition, structure, unknown_pairs)[definition.id]
    made = nw.new_series(definition.id, answer.to_list(), nw.String, backend=frame.implementation).to_native()
    made.index = frame.to_native().index
    return frame.with_columns(nw.from_native(made, series_only=True))


def _names(expression: Expression | None) -> tuple[str, ...]:
    return () if expression is None else names(expression)


def column_kind(name: str, structure: Structure, schema: Any) -> str:
    """Return how a column of the records is read: numbers that came back from a file as text are read as text."""
    if name not in schema:
        return "absent"
    type = structure[name].type if name in structure else "code"
    if type in ("integer", "number", "year"):
        return "number" if schema[name].is_numeric() else "text"
    if type == "date":
        return "date" if schema[name] in (nw.Date, nw.Datetime) else "text"
    return type
