"""Permits: from the documents of a person to first permits, changes of reason, and permits valid on a day."""
