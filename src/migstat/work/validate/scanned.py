"""Plain rules on a file that Polars can scan: counted in one streaming query, categories compared as they are."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

import narwhals as nw
import polars as pl

from migstat.words.expression import (
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    Expression,
    In,
    IsMissing,
    Name,
    Not,
    Number,
    Or,
    Text,
)
from migstat.words.missing import KINDS
from migstat.work.validate.hashes import HASH, SEED, combined_in_engine
from migstat.work.validate.judge import HoldsJudge
from migstat.work.validate.keys import UniqueJudge
from migstat.work.validate.part import FAIL, PASS, UNDECIDED, Reading
from migstat.work.validate.weighing import Weighing

CHUNK = 400_000
RAW = "text({})"
"""A column of codes with its kinds of missing, beside the column without."""
OK, APPLIES = "migstat-ok{}", "migstat-when{}"


def is_plain(judge: HoldsJudge) -> bool:
    """Tell whether the rule only compares numbers with numbers, and codes or texts with written ones."""
    conditions = [judge.expression, *([judge.rule.when] if judge.rule.when is not None else [])]
    return not judge.absent and not judge.rule.look_ups and all(_truth(one, judge.reading) for one in conditions)


def count_scanned(scan: pl.LazyFrame, judges: Sequence[HoldsJudge], weighing: Weighing | None) -> tuple[int, float]:
    """Count the rows of each verdict, and their weight, for all judges; return the rows and weight of the file."""
    columns = list(dict.fromkeys(name for judge in judges for name in judge.columns))
    reading = judges[0].reading if judges else Reading({})
    some = columns or list(scan.collect_schema())[:1]  # A frame of no columns has no rows.
    lazy = scan.select(*some, *([] if weighing is None else [weighing.value.alias("migstat-w")]))
    lazy = lazy.with_columns(_plain_columns(lazy, columns, reading))
    kinds = {name: "number" if kind == "number" else "text" for name, kind in reading.kinds.items()}
    plain = Reading(kinds | {RAW.format(name): "text" for name in columns}, reading.pairs)
    wanted: dict[str, nw.Expr] = {}
    for number, judge in enumerate(judges):
        wanted[OK.format(number)] = plain.condition(_with_raw(judge.expression, reading))
        if judge.rule.when is not None:
            wanted[APPLIES.format(number)] = plain.condition(_with_raw(judge.rule.when, reading))
    judged: Any = nw.from_native(lazy)
    judged = judged.with_columns(*(expr.alias(name) for name, expr in wanted.items())) if wanted else judged
    sums = [pl.len().alias("rows")]
    if weighing is not None:
        sums.append(pl.col("migstat-w").sum().alias("weight"))
    for number in range(len(judges)):
        ok = pl.col(OK.format(number))
        applies = pl.col(APPLIES.format(number)).fill_null(False) if APPLIES.format(number) in wanted else None
        for verdict, hit in ((PASS, ok), (FAIL, ~ok), (UNDECIDED, ok.is_null())):
            hit = hit if applies is None else hit & applies
            sums.append(hit.sum().alias(f"n{number}-{verdict}"))
            if weighing is not None:
                sums.append(pl.when(hit).then(pl.col("migstat-w")).sum().alias(f"w{number}-{verdict}"))
    row = judged.to_native().select(sums).collect(engine="streaming").row(0, named=True)
    for number, judge in enumerate(judges):
        for verdict in (PASS, FAIL, UNDECIDED):
            rows = int(row[f"n{number}-{verdict}"])
            judge.rows[verdict] += rows
            judge.weight[verdict] += rows if weighing is None else row[f"w{number}-{verdict}"]
    return int(row["rows"]), float(row["rows"] if weighing is None else row["weight"] / weighing.units)


def is_plain_key(judge: UniqueJudge, scan: pl.LazyFrame) -> bool:
    """Tell whether the key is of texts, codes and whole numbers, among all rows."""
    schema = scan.collect_schema()
    whole = all(not schema[name].is_float() and schema[name] != pl.Boolean for name in judge.columns)
    return judge.when is None and not judge.absent and whole


def take_keys(scan: pl.LazyFrame, judge: UniqueJudge, weighing: Weighing | None) -> None:
    """Give the judge the hashes of all its keys, which the engine makes on all cores, and let it finish."""
    for hashes, weights in _hashed(scan, judge, weighing):
        judge.take_hashes(hashes, weights)
    judge.finish()
    if judge.late:
        for hashes, weights in _hashed(scan, judge, weighing):
            if weights is not None:
                judge.weigh_hashes(hashes, weights)
        judge.late = False


def _hashed(
    scan: pl.LazyFrame, judge: UniqueJudge, weighing: Weighing | None
) -> Iterator[tuple[pl.Series, pl.Series | None]]:
    """Yield the hashes of keys, null where one is missing, with the weights of their rows."""
    texts = {name: pl.col(name).cast(pl.String) for name in judge.key}
    blanks = [text.is_null() | (text == "") for text in texts.values()]
    blanks += [texts[name].is_in(list(KINDS)) for name in judge.key if name in judge.reading.codes]
    hashes = combined_in_engine([text.hash(SEED) for text in texts.values()])
    wanted = [pl.when(~pl.any_horizontal(blanks)).then(hashes).alias(HASH)]
    wanted += [] if weighing is None else [weighing.value.alias("migstat-w")]
    for part in scan.select(wanted).collect_batches(chunk_size=CHUNK, maintain_order=False):
        yield part[HASH], None if weighing is None else part["migstat-w"]


def _plain_columns(lazy: pl.LazyFrame, columns: Sequence[str], reading: Reading) -> list[pl.Expr]:
    """Blanks and NaN are null; in columns of codes kinds of missing too, and beside each stands the code itself."""
    made: list[pl.Expr] = []
    for name, dtype in lazy.collect_schema().items():
        column = pl.col(name)
        if isinstance(dtype, pl.Enum | pl.Boolean | pl.Null):
            column = column.cast(pl.String)
        if isinstance(dtype, pl.String | pl.Boolean | pl.Null | pl.Categorical | pl.Enum):
            column = pl.when(column != "").then(column)
        elif dtype.is_float():
            column = column.fill_nan(None)
        if name in reading.codes:
            made.append(column.alias(RAW.format(name)))
            column = pl.when(~column.is_in(list(KINDS))).then(column)
        if name in columns:
            made.append(column.alias(name))
    return made


def _with_raw(expression: Expression, reading: Reading) -> Expression:
    """Return the expression with ``text(X)`` of a column of codes as a column of its own."""
    if isinstance(expression, Call) and expression.function == "text":
        (inner,) = expression.arguments
        if isinstance(inner, Name):
            return Name(RAW.format(inner.name)) if inner.name in reading.codes else inner
    changed: dict[str, Any] = {}
    for field in fields(expression):
        value = getattr(expression, field.name)
        if isinstance(value, tuple):
            changed[field.name] = tuple(
                _with_raw(one, reading) if isinstance(one, Expression) else one for one in value
            )
        elif isinstance(value, Expression):
            changed[field.name] = _with_raw(value, reading)
    return replace(expression, **changed) if changed else expression


def _truth(expression: Expression, reading: Reading) -> bool:
    match expression:
        case And(items) | Or(items):
            return all(_truth(item, reading) for item in items)
        case Not(item):
            return _truth(item, reading)
        case IsMissing(item):
            return _text(item, reading) or _number(item, reading)
        case Compare("=" | "<>", left, Text()):
            return _text(left, reading)
        case Compare("=" | "<>", left, right) if _truth(left, reading):
            return _truth(right, reading)
        case Compare(_, left, right):
            return _number(left, reading) and _number(right, reading)
        case Between(item, low, high):
            return all(_number(one, reading) for one in (item, low, high))
        case In(item, members) if all(isinstance(member, Text) for member in members):
            return _text(item, reading)
        case In(item, members):
            return _number(item, reading) and not any(isinstance(member, Text) for member in members)
    return False


def _text(expression: Expression, reading: Reading) -> bool:
    match expression:
        case Name(name):
            return reading.kinds.get(name) in ("text", "code")
        case Call("text", (Name(name),)):
            return reading.kinds.get(name) in ("text", "code")
    return False


def _number(expression: Expression, reading: Reading) -> bool:
    match expression:
        case Number():
            return True
        case Name(name):
            return reading.kinds.get(name) == "number"
        case Arithmetic("+" | "-" | "*", left, right):
            return _number(left, reading) and _number(right, reading)
        case Call("abs" | "floor" | "number", (item,)):
            return _number(item, reading)
    return False
