"""The command that turns data of one format into another."""

import argparse
from collections.abc import Callable
from typing import Any

from migstat import api
from migstat.cli import show
from migstat.words.finding import Severity

FORMATS = ("csv20", "csv10", "ml21", "ml30", "json20", "csv", "parquet")
OPTIONS = ("action", "labels", "keys", "kind", "lay", "prepared", "sender", "language")

Command = Callable[[str, str], argparse.ArgumentParser]


def add_commands(command: Command) -> None:
    """Add the command to the parser."""
    convert = command(
        "convert",
        "migstat convert stock.sdmx.csv --into stock.xml\n"
        "migstat convert data.xml --into data.sdmx.csv --structure dsd.xml --labels both --language fr\n"
        "migstat convert stock.parquet --into stock.ml30.xml --structure MIGRANT_STOCK --lay series",
    )
    convert.add_argument("file", metavar="IN", help="SDMX-CSV, SDMX-ML 2.1 or 3.0, SDMX-JSON, CSV or Parquet")
    convert.add_argument(
        "--into", metavar="OUT", required=True, help=".sdmx.csv, .sdmx1.csv, .xml, .ml30.xml, .json, .csv or .parquet"
    )
    convert.add_argument("--structure", metavar="S", help="the id of one that ships, or a structure file")
    convert.add_argument("--format", default="", choices=FORMATS, help="where the name of OUT does not say it")
    convert.add_argument("--encoding", default="utf-8", help="of a CSV file (utf-8)")
    convert.add_argument("--action", choices=["I", "A", "M", "R", "D"], help="what is to be done with the data (I)")
    convert.add_argument("--labels", choices=["id", "name", "both"], help="of CSV: names beside ids")
    convert.add_argument("--keys", choices=["none", "obs", "series", "both"], help="of CSV 2.0: columns of keys")
    convert.add_argument("--kind", choices=["dataflow", "datastructure", "dataprovision"], help="of CSV 2.0")
    convert.add_argument("--lay", choices=["flat", "series"], help="of XML: each observation whole, or in series")
    convert.add_argument("--prepared", metavar="TIME", help="of XML and JSON: the time in the header")
    convert.add_argument("--sender", metavar="ID", help="of XML and JSON: the sender in the header")
    convert.add_argument("--language", choices=["en", "fr", "es", "ar", "ru", "zh"], help="of names (en)")


def convert(options: argparse.Namespace) -> int:
    """Turn data into another format."""
    given: dict[str, Any] = {name: getattr(options, name) for name in OPTIONS if getattr(options, name) is not None}
    found = api.convert(
        options.file, options.into, options.structure, format=options.format, encoding=options.encoding, **given
    )
    show.findings(found, json=options.json, **({"into": options.into} if options.json else {}))
    if not options.json:
        show.say(f"written: {options.into}", options)
    return int(any(finding.severity == Severity.ERROR for finding in found))
