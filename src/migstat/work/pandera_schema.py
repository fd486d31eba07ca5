"""The one door to pandera: a structure and its codelists become a schema that anyone who has pandera can use."""

import datetime
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from migstat.words.codelist import Codelist
from migstat.words.finding import Severity, misuse
from migstat.words.missing import KINDS, MISSING_SUFFIX, NOT_APPLICABLE, TOTAL
from migstat.words.rule import Exists, Rule, RuleSet
from migstat.words.structure import Component, Structure
from migstat.work.conditions import Pairs

BACKENDS = ("pandas", "polars")


def structure_schema(
    structure: Structure,
    backend: str,
    codelists: Callable[[str], Codelist],
    rules: RuleSet | None = None,
    unknown_pairs: Pairs = frozenset(),
) -> Any:
    """Return a pandera DataFrameSchema for frames of one structure, for the backend "pandas" or "polars".

    Codes must be of their codelist, numbers within their bounds, and a number, date or text is absent exactly where its
    column of kinds says why. A record names its key once, and so does a cell. Other columns may stand beside. Codes may
    be dictionary-encoded; pandas numbers, which are floats where one is absent, are brought to integers.
    Validate with ``lazy=True`` to see every failure; a Polars LazyFrame must be collected first, or only its column
    names and types are checked.

    ``rules`` travel along, each as a check by the rule's id, judged by the code that judges them in a validation: a
    failing row there is a failing row here. pandera has two verdicts, so a row that could not be judged passes; a rule
    that bears its failures passes as a whole; a rule of less than an error warns. Rules that look into another file are
    left out, and named in ``metadata["rules_left_out"]``.

    >>> from migstat.words.codelist import Code
    >>> sex = Codelist("CL_SEX", (Code("F", {"en": "Female"}), Code("M", {"en": "Male"})))
    >>> asked = Component("SEX", "SEX", "dimension", "code", "CL_SEX")
    >>> person = Structure("P", "record", "1.0", {}, "", "person", (), (asked,))
    >>> schema = structure_schema(person, "polars", {"CL_SEX": sex}.__getitem__)
    >>> schema.columns["SEX"].checks[0].name
    'isin'
    """
    if backend not in BACKENDS:
        what = f"there is no schema for {backend!r}: pandera checks pandas and Polars frames here"
        raise misuse(what, "write pandas or polars, and turn other frames into one of them", component=structure.id)
    pandera = _pandera(backend)
    columns: dict[str, Any] = {}
    for component in structure.components:
        name = f"^{component.id}_[0-9]+$" if component.repeats else component.id
        columns[name] = _column(component, structure, backend, pandera, codelists)
        if structure.kind == "record" and not component.coded and not component.repeats:
            kinds = pandera.Check.isin(list(KINDS))
            columns[component.id + MISSING_SUFFIX] = pandera.Column(
                None, kinds, nullable=True, required=False,
                description=f"Why {component.id} is absent",
            )  # fmt: skip
    checks = [pandera.Check(check, name=name, error=name) for name, check in _whole(structure, backend)]
    carried = [rule for rule in rules.rules if not _elsewhere(rule)] if rules is not None else []
    for rule in carried:
        judge = _judged(rule, structure, backend, codelists, unknown_pairs)
        warns = rule.severity != Severity.ERROR
        checks.append(pandera.Check(judge, name=rule.id, error=rule.id, title=rule.name(), raise_warning=warns))
    left_out = [rule.id for rule in rules.rules if _elsewhere(rule)] if rules is not None else []
    return pandera.DataFrameSchema(
        columns,
        checks=checks,
        name=structure.id,
        title=structure.names.get("en", structure.id),
        description=structure.description,
        metadata={"agency": structure.agency, "version": structure.version, "rules_left_out": left_out},
    )


def _pandera(backend: str) -> Any:
    with warnings.catch_warnings():
        # Where Spark is installed pandera loads it at the first validation, and it warns of a pandas newer than itself.
        warnings.simplefilter("ignore", FutureWarning)
        if backend == "polars":
            import pandera.polars

            return pandera.polars
        import pandas
        import pandera.pandas

        pandera.pandas.DataFrameSchema().validate(pandas.DataFrame())
        return pandera.pandas


def _column(
    component: Component, structure: Structure, backend: str, pandera: Any, codelists: Callable[[str], Codelist]
) -> Any:
    checks = []
    if component.coded:
        checks.append(pandera.Check.isin(_codes(component, structure, codelists)))
    if component.minimum is not None:
        checks.append(pandera.Check.ge(component.minimum))
    if component.maximum is not None:
        checks.append(pandera.Check.le(component.maximum))
    if component.type == "date" and backend == "pandas":
        checks.append(pandera.Check(_dates, name="is a date", error="is a date"))
    dimension = structure.kind == "table" and component.role == "dimension"
    return pandera.Column(
        _type(component.type, backend),
        checks,
        nullable=not (dimension or (component.coded and structure.kind == "record")),
        required=component.required and not component.repeats,
        coerce=backend == "pandas" and component.type in ("integer", "year", "number"),
        regex=component.repeats,
        title=component.names.get("en", component.id),
        description=component.description or None,
    )


def _codes(component: Component, structure: Structure, codelists: Callable[[str], Codelist]) -> list[str]:
    """Return the codes a column may hold: totals are of tables only; the kinds of missing are of every list."""
    codes = [code for code in codelists(component.codelist).ids if code != TOTAL]
    if structure.kind == "record":
        return list(dict.fromkeys([*codes, *KINDS]))
    return list(dict.fromkeys([*codes, NOT_APPLICABLE, TOTAL])) if component.role == "dimension" else codes


def _type(type: str, backend: str) -> Any:
    if backend == "polars":
        import polars as pl

        types = {"integer": pl.Int64, "year": pl.Int64, "number": pl.Float64, "date": pl.Date, "text": pl.String}
        return types.get(type)
    return {"integer": "Int64", "year": "Int64", "number": "float64", "text": "str"}.get(type)


def _dates(column: Any) -> Any:
    """Say of a pandas column which values are dates; pandera's own type ends in 2262, and permits run to 9999."""
    return (
        column.map(lambda value: isinstance(value, datetime.date))
        if column.dtype == object
        else column.dtype.kind == "M"
    )


def _whole(structure: Structure, backend: str) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Yield the checks over several columns: values with their kinds of missing, and the key."""
    if structure.kind == "record":
        for component in structure.components:
            if not component.coded and not component.repeats:
                id = component.id
                yield f"{id} is absent where {id}{MISSING_SUFFIX} says why", _absence(id, backend)
    if structure.key:
        yield f"{', '.join(structure.key)} name a row once", _unique(structure.key, backend)


def _absence(id: str, backend: str) -> Callable[[Any], Any]:
    kind = id + MISSING_SUFFIX

    def in_pandas(frame: Any) -> Any:
        if kind not in frame.columns or id not in frame.columns:
            return True
        return frame[id].isna() == frame[kind].notna()

    def in_polars(data: Any) -> Any:
        import polars as pl

        columns = data.lazyframe.collect_schema().names()
        known = kind in columns and id in columns
        agrees = pl.col(id).is_null() == pl.col(kind).is_not_null() if known else pl.lit(True)
        return data.lazyframe.select(agrees.alias(id))

    return in_pandas if backend == "pandas" else in_polars


def _unique(key: tuple[str, ...], backend: str) -> Callable[[Any], Any]:
    def in_pandas(frame: Any) -> Any:
        return ~frame.duplicated(list(key), keep=False) if set(key) <= set(frame.columns) else True

    def in_polars(data: Any) -> Any:
        import polars as pl

        known = set(key) <= set(data.lazyframe.collect_schema().names())
        return data.lazyframe.select((pl.struct(key).is_unique() if known else pl.lit(True)).alias("key"))

    return in_pandas if backend == "pandas" else in_polars


def _elsewhere(rule: Rule) -> bool:
    """Say whether a rule reads another file, which a schema of one frame cannot."""
    files = [one.file for one in rule.look_ups] + ([rule.check.file] if isinstance(rule.check, Exists) else [])
    return any(file != "self" for file in files)


def _judged(
    rule: Rule, structure: Structure, backend: str, codelists: Callable[[str], Codelist], pairs: Pairs
) -> Callable[[Any], Any]:
    """Return a check that is false for the rows that fail a rule, in a frame of which the whole is at hand."""
    import polars as pl

    from migstat.work.validate.confront import Confrontation, Source
    from migstat.work.validate.reads import columns_read
    from migstat.work.validate.seating import Surroundings

    def passes(frame: pl.DataFrame) -> pl.Series:
        numbers = pl.int_range(1, 1 + frame.height, eager=True)
        source = Source(frame.schema, lambda _: [(numbers, frame)])
        run = Confrontation([rule], source, Surroundings(codelists, structure, {}, pairs), sample=0)
        failed = pl.repeat(False, frame.height, eager=True)
        if run.results[0].verdict == "fail":
            for _, found in run.failing():
                for _, fails in found:
                    failed = pl.Series(fails)
        return (~failed).alias(rule.id)

    def read(known: Sequence[str]) -> list[str]:
        """Return the columns to take along: all, where the rule names none or looks into the frame itself."""
        wanted = [] if rule.look_ups else [name for name in columns_read(rule) if name in known]
        return wanted or list(known)

    def in_pandas(frame: Any) -> Any:
        import pandas

        return pandas.Series(passes(pl.from_pandas(frame[read(frame.columns)])).to_numpy(), index=frame.index)

    def in_polars(data: Any) -> Any:
        known = data.lazyframe.collect_schema().names()
        return passes(data.lazyframe.select(read(known)).collect()).to_frame().lazy()

    return in_pandas if backend == "pandas" else in_polars
