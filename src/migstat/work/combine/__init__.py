"""Combine: tables of different sources onto one structure, each loss of detail and each difference named."""
