"""Compare two mappings, or two waves of one: what changed in source, columns, rules and lines; what that breaks."""
