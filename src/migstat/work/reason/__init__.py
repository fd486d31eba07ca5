"""Reasoning about rules before any data: which values can satisfy them together."""
