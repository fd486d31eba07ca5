"""Spark in: a session, files of any file system that Spark knows, and extracts whose lines are read by the workers."""
