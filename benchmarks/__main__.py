"""The same command as ``python benchmarks/run.py``."""

from benchmarks.run import main

main()
