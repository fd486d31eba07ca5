"""Run the command line: ``python -m migstat``."""

from migstat.cli import main

main()
