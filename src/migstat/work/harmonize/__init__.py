"""Harmonize: an extract's rows through a plan; every row a record, a reject or an exclusion, and counted."""
