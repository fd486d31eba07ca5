"""Microdata policies in: a YAML file, or one that ships."""

from migstat.read.microdata_policies.document import microdata_policy, microdata_policy_ids, read_microdata_policy

__all__ = ["microdata_policy", "microdata_policy_ids", "read_microdata_policy"]
