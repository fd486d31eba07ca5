"""Rules over keys: no two rows alike, rows alike in one thing are alike in another, a key stands in another file."""

from typing import Any

import numpy as np
import polars as pl

from migstat.words.memory import Room
from migstat.words.rule import Determines, Exists, Rule, Unique
from migstat.work.buckets import Buckets
from migstat.work.validate.hashes import HASH, among, repeated_in, row_hashes
from migstat.work.validate.judge import Judge
from migstat.work.validate.part import FAIL, NONE, PASS, UNDECIDED, Part, Reading


class UniqueJudge(Judge):
    """No two rows alike. Keeps eight bytes a row; a row with a missing value in the key cannot be judged."""

    def __init__(self, rule: Rule, reading: Reading, room: Room | None = None) -> None:
        assert isinstance(rule.check, Unique)
        self.key = rule.check.columns
        super().__init__(rule, reading, self.key)
        self.bag = Buckets(HASH, room)
        self.repeated: np.ndarray = np.zeros(0, dtype=np.uint64)
        self.late = False

    def add(self, part: Part) -> None:
        """Take the keys of a part; until the end all are counted as passing."""
        verdicts, hashes = self._known(part)
        self.bag.add(pl.DataFrame({HASH: hashes[verdicts == PASS]}))
        self.count(verdicts, part.weights)
        self.late = self.late or part.weights is not None

    def take_hashes(self, hashes: pl.Series, weights: pl.Series | None) -> None:
        """Take the hashes of some rows, whichever they are; null where the key is missing."""
        missing = hashes.is_null()
        self.bag.add(pl.DataFrame({HASH: hashes.drop_nulls()}))
        rows = np.array([0, hashes.len() - hashes.null_count(), 0, hashes.null_count()])
        self.rows += rows
        if weights is None:
            self.weight += rows
        else:
            self.weight += np.array([0, weights.filter(~missing).sum(), 0, weights.filter(missing).sum()])
        self.late = weights is not None

    def weigh_hashes(self, hashes: pl.Series, weights: pl.Series) -> None:
        """Move the weight of failing rows, which is known when all were taken."""
        if hashes.null_count():
            weights, hashes = weights.filter(hashes.is_not_null()), hashes.drop_nulls()
        failed = float(weights.filter(pl.Series(among(hashes.to_numpy(), self.repeated))).sum())
        self.weight += np.array([0, -failed, failed, 0])

    def finish(self) -> None:
        """Find the keys that stand more than once."""
        self.repeated, failed = repeated_in(self.bag)
        self.rows += np.array([0, -failed, failed, 0])
        self.late = self.late and failed > 0
        if not self.late:
            self.weight += np.array([0, -failed, failed, 0])

    def weigh(self, part: Part) -> None:
        """Move the weight of failing rows, on a second pass: in the first it is not known yet which they are."""
        assert part.weights is not None
        failed = float(part.weights[self._raw(part) == FAIL].sum())
        self.weight += np.array([0, -failed, failed, 0])

    def verdicts(self, part: Part) -> np.ndarray:
        """Return the verdict of each row."""
        return self.settled(self._raw(part))

    def _raw(self, part: Part) -> np.ndarray:
        verdicts, hashes = self._known(part)
        verdicts[(verdicts == PASS) & among(hashes, self.repeated)] = FAIL
        return verdicts

    def _known(self, part: Part) -> tuple[np.ndarray, np.ndarray]:
        if self.absent:
            verdicts = np.full(part.height, UNDECIDED, dtype=np.uint8)
            hashes = np.zeros(part.height, dtype=np.uint64)
        else:
            hashes, missing = row_hashes(part.coded, self.key, self.reading.codes)
            verdicts = np.where(missing, UNDECIDED, PASS).astype(np.uint8)
        applies = self.applies(part)
        if applies is not None:
            verdicts[~applies.fill_null(False).to_numpy()] = NONE
        return verdicts, hashes


class DeterminesJudge(Judge):
    """Rows alike in some columns are alike in another; a missing value there leaves its whole group open."""

    def __init__(self, rule: Rule, reading: Reading, room: Room | None = None) -> None:
        assert isinstance(rule.check, Determines)
        self.by, self.target = rule.check.columns, rule.check.target
        super().__init__(rule, reading, (*self.by, self.target))
        self.partial = Buckets("g", room, _grouped)
        self.groups = pl.DataFrame(schema={"g": pl.UInt64, "v": pl.UInt8})
        """Those whose verdict is not to pass."""

    def add(self, part: Part) -> None:
        """Take the groups of a part."""
        if self.absent:
            self.count(self._outside(part, np.ones(part.height, dtype=bool)), part.weights)
            return
        hashes, missing, values, blank, inside = self._known(part)
        self.count(self._outside(part, missing)[missing | ~inside], _at(part.weights, missing | ~inside))
        frame = pl.DataFrame(
            {
                "g": hashes,
                "low": pl.Series(values).set(pl.Series(blank), None),
                "n": np.ones(part.height, dtype=np.int64),
                "w": np.ones(part.height) if part.weights is None else part.weights,
                "blank": blank.astype(np.int64),
            }
        ).filter(pl.Series(~missing & inside))
        frame = frame.with_columns(high=pl.col("low"))
        self.partial.add(_grouped(frame))

    def finish(self) -> None:
        """Judge the groups."""
        ignore = self.rule.missing == "ignore"
        clash = (pl.col("low") != pl.col("high")).fill_null(False)
        open_ = (pl.col("blank") > 0) & (pl.col("n") > 1)
        verdict = pl.when(clash).then(FAIL).when(pl.lit(not ignore) & open_).then(UNDECIDED).otherwise(PASS)
        kept = [self.groups]
        for merged in self.partial:
            # In an order of its own, so that sums of weights are the same again.
            groups = merged.sort("g").with_columns(verdict.cast(pl.UInt8).alias("v"))
            verdicts = groups["v"].to_numpy()
            self.rows += np.bincount(verdicts, groups["n"].to_numpy(), 4).astype(np.int64)
            self.weight += np.bincount(verdicts, groups["w"].to_numpy(), 4)
            kept.append(groups.select("g", "v").filter(pl.col("v") != PASS))
        self.groups = pl.concat(kept)

    def verdicts(self, part: Part) -> np.ndarray:
        """Return the verdict of each row: that of its group."""
        if self.absent:
            return self.settled(self._outside(part, np.ones(part.height, dtype=bool)))
        hashes, missing, _, _, inside = self._known(part)
        verdicts = self._outside(part, missing)
        judged = ~missing & inside
        verdicts[judged] = verdicts_of(hashes[judged], self.groups["g"], self.groups["v"])
        return self.settled(verdicts)

    def _outside(self, part: Part, missing: np.ndarray) -> np.ndarray:
        applies = self.applies(part)
        verdicts = np.where(missing, UNDECIDED, NONE).astype(np.uint8)
        if applies is not None:
            verdicts[~applies.fill_null(False).to_numpy()] = NONE
        return verdicts

    def _known(self, part: Part) -> tuple[np.ndarray, ...]:
        hashes, missing = row_hashes(part.coded, self.by, self.reading.codes)
        values, blank = row_hashes(part.coded, (self.target,), self.reading.codes)
        applies = self.applies(part)
        inside = np.ones(part.height, dtype=bool) if applies is None else applies.fill_null(False).to_numpy()
        if self.rule.missing == "ignore":
            inside = inside & ~blank
        return hashes, missing, values, blank, inside


def verdicts_of(hashes: np.ndarray, known: pl.Series, verdicts: pl.Series) -> np.ndarray:
    """Return the verdict of each hash; one that is not among those known, which are in order, passes."""
    found: np.ndarray = np.full(hashes.size, PASS, dtype=np.uint8)
    if known.len():
        ordered = known.to_numpy()
        at = np.minimum(np.searchsorted(ordered, hashes), ordered.size - 1)
        found = np.where(ordered[at] == hashes, verdicts.to_numpy()[at], found)
    return found


def _grouped(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.group_by("g").agg(
        pl.col("low").min(), pl.col("n").sum(), pl.col("w").sum(), pl.col("blank").sum(), pl.col("high").max()
    )


def _at(weights: np.ndarray | None, rows: np.ndarray) -> np.ndarray | None:
    return None if weights is None else weights[rows]


class ExistsJudge(Judge):
    """A row's key stands in another file, whose keys are given as ordered hashes; None where the file is not given."""

    def __init__(self, rule: Rule, reading: Reading, keys: np.ndarray | None) -> None:
        assert isinstance(rule.check, Exists)
        self.key: Any = rule.check.columns
        super().__init__(rule, reading, self.key)
        self.keys = keys

    def add(self, part: Part) -> None:
        """Count a part."""
        self.count(self._read(part), part.weights)

    def verdicts(self, part: Part) -> np.ndarray:
        """Return the verdict of each row."""
        return self.settled(self._read(part))

    def _read(self, part: Part) -> np.ndarray:
        if self.absent or self.keys is None:
            verdicts = np.full(part.height, UNDECIDED, dtype=np.uint8)
        else:
            hashes, missing = row_hashes(part.coded, self.key, self.reading.codes)
            found = np.where(among(hashes, self.keys), PASS, FAIL)
            verdicts = np.where(missing, UNDECIDED, found).astype(np.uint8)
        applies = self.applies(part)
        if applies is not None:
            verdicts[~applies.fill_null(False).to_numpy()] = NONE
        return verdicts
