"""SDMX data out: CSV 1.0 and 2.0, ML 2.1 and 3.0, JSON 2.0, in batches, each file whole or not at all."""

from migstat.write.sdmx_data.csv import write_sdmx_csv
from migstat.write.sdmx_data.json import write_sdmx_json
from migstat.write.sdmx_data.ml import write_sdmx_ml

__all__ = ["write_sdmx_csv", "write_sdmx_json", "write_sdmx_ml"]
