"""Mappings as SDMX structure maps and back: what SDMX can say is said in its words, the rest is listed and noted."""
