"""Noise and rounding: counts changed a little, so that no small one can be trusted to be true."""

from migstat.work.perturb.additive import Rounded, loss, round_additively
from migstat.work.perturb.cell_key import perturb
from migstat.work.perturb.keys import cell_keys, record_keys
from migstat.work.perturb.maximum_entropy import perturbation_table
from migstat.work.perturb.rounding import round_to_nearest, round_unbiased

__all__ = [
    "Rounded",
    "cell_keys",
    "loss",
    "perturb",
    "perturbation_table",
    "record_keys",
    "round_additively",
    "round_to_nearest",
    "round_unbiased",
]
