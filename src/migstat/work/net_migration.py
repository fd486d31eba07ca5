"""Net migration by survival ratios: people of a cohort at two censuses, less what mortality alone would leave."""

import polars as pl


def net_migration(cohorts: pl.DataFrame) -> pl.DataFrame:
    """Add net migration of each cohort from FIRST and SECOND, its people at both censuses, and SURVIVAL between them.

    ``NET_FORWARD`` is second less survivors of the first, counted at the end; ``NET_REVERSE`` is the second before its
    deaths less the first, counted at the start; ``NET_AVERAGE`` is the mean of both. After United Nations, Manual VI:
    Methods of Measuring Internal Migration (1970), chapter II.

    >>> net_migration(pl.DataFrame({"FIRST": [100.0], "SECOND": [99.0], "SURVIVAL": [0.9]})).row(0)[3:]
    (90.0, 110.0, 9.0, 10.0, 9.5)
    """
    survivors = pl.col("FIRST") * pl.col("SURVIVAL")
    before_deaths = pl.col("SECOND") / pl.col("SURVIVAL")
    return cohorts.with_columns(
        survivors.alias("EXPECTED_SECOND"),
        before_deaths.alias("EXPECTED_FIRST"),
        (pl.col("SECOND") - survivors).alias("NET_FORWARD"),
        (before_deaths - pl.col("FIRST")).alias("NET_REVERSE"),
    ).with_columns(((pl.col("NET_FORWARD") + pl.col("NET_REVERSE")) / 2).alias("NET_AVERAGE"))
