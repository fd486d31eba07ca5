"""SDMX data in: SDMX-CSV 1.0 and 2.0, SDMX-ML 2.1 and 3.0, SDMX-JSON 2.0, as rows of text that can be gone through."""

from migstat.read.sdmx_data.opened import DataFile, is_sdmx, open_data

__all__ = ["DataFile", "is_sdmx", "open_data"]
