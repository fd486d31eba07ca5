"""The option of commands whose extract may have companions."""

import argparse


def companions_of(command: argparse.ArgumentParser) -> None:
    """Add the option to a command."""
    command.add_argument(
        "--companion",
        metavar="NAME=FILE",
        action="append",
        default=[],
        help="another file of the source, from which rows take columns; may be repeated",
    )
