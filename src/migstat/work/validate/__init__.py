"""Validate: rules that come with structures, and files confronted with rules."""
