"""The door to splink: how probable it is that two records are of one person, by the model of Fellegi and Sunter."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

ID = "unique_id"
COMPARISONS = {
    "name": "NameComparison",
    "email": "EmailComparison",
    "date": "DateOfBirthComparison",
    "exact": "ExactMatch",
}
"""What a column may be compared as, with the comparison of splink."""


def match_probabilities(
    records: pl.DataFrame, compare: Mapping[str, str], block: Sequence[Sequence[str]], floor: float
) -> pl.DataFrame:
    """Return pairs of records (``left``, ``right``) with the probability that they are of one person.

    ``records`` are text columns, and ``unique_id`` numbers the rows. Only pairs that agree in one of the lists of
    ``block`` are compared, and only those of a probability of ``floor`` or more come back. The parameters are
    estimated from the records themselves, without training data: the chance of agreement of strangers by a random
    sample, that of the same person by expectation maximisation.
    """
    import splink.comparison_library as library
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    rules = [block_on(*columns) for columns in block]
    comparisons = [_comparison(library, column, kind) for column, kind in compare.items()]
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name=ID,
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=rules,
        retain_matching_columns=False,
    )
    database = DuckDBAPI()
    linker = Linker(database.register(records.to_arrow(compat_level=pl.CompatLevel.oldest())), settings, log_level=40)
    linker.training.estimate_probability_two_random_records_match(rules, recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for columns in block:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
    found = linker.inference.predict(threshold_match_probability=floor)
    table = pl.DataFrame(pl.from_arrow(found.as_pyarrow_table()))
    return table.select(
        pl.col(f"{ID}_l").cast(pl.Int64).alias("left"),
        pl.col(f"{ID}_r").cast(pl.Int64).alias("right"),
        pl.col("match_probability").alias("probability"),
    ).sort("left", "right")


def _comparison(library: Any, column: str, kind: str) -> Any:
    if kind == "date":
        return library.DateOfBirthComparison(column, input_is_string=True)
    return getattr(library, COMPARISONS[kind])(column)
