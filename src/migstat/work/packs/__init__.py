"""Packs at work: invented rows in the layout of a source, and what differs from the result that must come out."""
