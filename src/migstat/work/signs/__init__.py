"""Signs of life: who was active in which register, and who is a resident by a rule."""
