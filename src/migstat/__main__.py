"""Run the command line: ``python -m migstat``."""

import sys

try:
    from migstat.cli import main
except KeyboardInterrupt:
    sys.stderr.write("\nstopped\n")
    sys.exit(130)

main()
