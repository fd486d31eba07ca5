"""Frames out: Parquet, CSV and SDMX files, written beside and renamed."""
