"""SDMX out: one set of artefacts, written as SDMX-ML 2.1, SDMX-ML 3.0 or SDMX-JSON 2.0, and the schemas of data."""
