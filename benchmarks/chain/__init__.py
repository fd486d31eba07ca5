"""The whole chain, by migstat and by hand: extract -> records as Parquet, counts of 25 rules, a cube with totals."""
