"""Pseudonyms: what identifies a person, made comparable and put under a key."""
