"""Noise and rounding: counts changed a little, so that no small one can be trusted to be true."""

from migstat.work.perturb.cell_key import perturb
from migstat.work.perturb.keys import cell_keys, record_keys
from migstat.work.perturb.maximum_entropy import perturbation_table

__all__ = ["cell_keys", "perturb", "perturbation_table", "record_keys"]
