"""Texts of files recognised: areas by their names and codes, and the answers of questions. Data are handed in."""
