"""Packs from folders: where they lie, which runs prove them, how their extracts are drawn. None of their code runs."""
