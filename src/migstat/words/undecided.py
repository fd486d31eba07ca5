"""What is not decided yet, in a draft or in the mapping made of it."""

TODO = "TODO"
"""What stands where a person has to decide; a mapping that holds it is not used."""

NONE = "none"
"""What a person answers where a draft asks for a weight or a key, and there is none."""
