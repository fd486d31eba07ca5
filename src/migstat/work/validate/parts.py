"""Rules over trees of codes: the value of a parent equals the sum of its direct children."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import narwhals as nw
import numpy as np
import polars as pl

from migstat.words.codelist import Codelist
from migstat.words.missing import TOTAL
from migstat.words.rule import Parts, Rule
from migstat.work.conditions import as_number
from migstat.work.validate.hashes import as_text, row_hashes
from migstat.work.validate.judge import Judge
from migstat.work.validate.part import FAIL, NONE, PASS, UNDECIDED, Part, Reading, evaluated

TOTALS = ("TOTAL", "T")
"""What other lists call the code of all others taken together; it is one where its name says so."""


class PartsJudge(Judge):
    """Keeps the code and value of every row: a table is small."""

    def __init__(self, rule: Rule, reading: Reading, codelists: Callable[[str], Codelist]) -> None:
        assert isinstance(rule.check, Parts)
        self.check = rule.check
        super().__init__(rule, reading, (self.check.value, self.check.code, *self.check.within))
        self.codelists = codelists
        self.kept: list[pl.DataFrame] = []
        self.numbers: np.ndarray = np.zeros(0, dtype=np.int64)
        self.found: np.ndarray = np.zeros(0, dtype=np.uint8)

    def add(self, part: Part) -> None:
        """Keep code and value."""
        applies = self.applies(part)
        inside = pl.repeat(True, part.height, eager=True) if applies is None else applies.fill_null(False)
        weights = np.ones(part.height) if part.weights is None else part.weights
        frame = pl.DataFrame({"row": part.numbers, "inside": inside, "w": weights})
        if not self.absent:
            value = part.coded.column(self.check.value).alias("v").to_frame()
            if not value["v"].dtype.is_numeric():
                value = evaluated(value.cast(pl.String), {"v": as_number(nw.col("v"))})
            hashes, _ = row_hashes(part.coded, self.check.within, ())
            frame = frame.with_columns(
                pl.Series("g", hashes),
                as_text(part.coded.column(self.check.code)).alias("c"),
                value["v"].cast(pl.Float64),
            )
        self.kept.append(frame)

    def finish(self) -> None:
        """Add the children up."""
        if not self.kept:
            return
        frame = pl.concat(self.kept)
        self.kept = []
        if self.absent:
            verdicts = np.where(frame["inside"].to_numpy(), UNDECIDED, NONE).astype(np.uint8)
        else:
            verdicts = self._read(frame)
        self.count(verdicts, frame["w"].to_numpy())
        order = np.argsort(frame["row"].to_numpy())
        self.numbers, self.found = frame["row"].to_numpy()[order], verdicts[order]

    def verdicts(self, part: Part) -> np.ndarray:
        """Return the verdict of each row."""
        return self.settled(self.found[np.searchsorted(self.numbers, part.numbers.to_numpy())])

    def _read(self, frame: pl.DataFrame) -> np.ndarray:
        rows = frame.filter("inside").select("g", "c", "v").rows()
        values: dict[tuple[int, str | None], list[float | None]] = {}
        for group, code, value in rows:
            values.setdefault((group, code), []).append(value)
        codes = {code for _, code in values if code is not None}
        tree = self._tree(codes)
        return np.array(
            [
                self._verdict(group, code, value, values, tree) if inside else NONE
                for group, code, value, inside in frame.select("g", "c", "v", "inside").iter_rows()
            ],
            dtype=np.uint8,
        )

    def _verdict(
        self,
        group: int,
        code: str | None,
        value: float | None,
        values: Mapping[tuple[int, str | None], list[float | None]],
        tree: Mapping[str, Sequence[str]],
    ) -> int:
        if code is None:
            return UNDECIDED
        children = tree.get(code, ())
        present = [child for child in children if (group, child) in values]
        if not present:
            return NONE
        found = [one for child in present for one in values[group, child]]
        known = [one for one in found if one is not None]
        if value is None or len(known) < len(found):
            return UNDECIDED
        if len(present) < len(children) and self.check.absent == "undecided":
            return UNDECIDED
        # Decimal fractions do not add up to the last bit.
        borne = self.check.tolerance + 1e-9 * max(1.0, abs(value))
        return PASS if abs(value - sum(known)) <= borne else FAIL

    def _tree(self, codes: set[str]) -> dict[str, list[str]]:
        if self.check.tree == "dotted":
            tree: dict[str, list[str]] = {}
            for code in sorted(codes):
                parent, dot, _ = code.rpartition(".")
                if dot:
                    tree.setdefault(parent, []).append(code)
            return tree
        codelist = self.codelists(self.check.tree)
        tree = {code: list(codelist.children(code)) for code in codes if code in codelist}
        total = _total(codelist, codes)
        if not tree.get(total):
            # Groups of areas overlap with the regions and with one another: they are parts of no total.
            tops = [id for id in codelist.children() if codelist[id].attributes.get("kind") != "group"]
            tree[total] = list(_apart([id for id in tops if id in codes and id != total], codelist))
        return tree


def _total(codelist: Codelist, codes: set[str]) -> str:
    """Return the code of the total of a list: ours, or one of those of others that is called a total."""
    others = [one for one in TOTALS if one in codes and one in codelist and "otal" in codelist.label(one)]
    return TOTAL if TOTAL in codes or not others else others[0]


def _apart(roots: Sequence[str], codelist: Codelist) -> Iterator[str]:
    """Yield the tops of a list that stand in the file, without a band that overlaps an earlier one."""
    taken: list[tuple[float, float]] = []
    for id in roots:
        bounds = codelist.bounds(id)
        if bounds is not None:
            low, high = bounds
            span = (-math.inf if low is None else low, math.inf if high is None else high)
            if any(span[0] <= most and least <= span[1] for least, most in taken):
                continue
            taken.append(span)
        yield id
