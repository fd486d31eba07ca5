"""Benchmarks: our runs beside what a good user would write by hand."""
