"""The option of commands that can run on Spark."""

import argparse

ENGINES = ["polars", "spark"]


def engine_of(command: argparse.ArgumentParser) -> None:
    """Add the option to a command."""
    command.add_argument(
        "--engine",
        choices=ENGINES,
        default="polars",
        help="where rows are worked on (polars); spark takes hdfs://, s3a://",
    )
