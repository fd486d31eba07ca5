"""SDMX in: structure messages, of several versions and formats, become words."""
