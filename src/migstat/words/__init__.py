"""Ground floor: the nouns, as frozen dataclasses; standard library only."""
