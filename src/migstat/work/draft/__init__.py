"""Draft a mapping: what the columns of an extract are, what their answers mean, and how sure that is."""
