"""Structure maps from files: SDMX-ML 3.0 and 3.1, and SDMX-JSON 2.0, each line with its place."""

from migstat.read.structure_maps.files import read_structure_map

__all__ = ["read_structure_map"]
