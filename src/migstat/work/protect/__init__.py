"""Protection of tables: which cells may not be shown, which others must go with them, and what an attacker can do."""
