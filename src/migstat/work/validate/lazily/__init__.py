"""Validate a frame whose rows stay where they are: the engine counts, and what it cannot judge is said."""
