"""Files in: placed YAML, codelists, structures, mappings and extracts become words and frames."""
