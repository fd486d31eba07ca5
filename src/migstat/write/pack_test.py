"""The test of a pack as files: the result of a run as text that can be compared, and JUnit for pipelines."""

import csv
import io
from collections import Counter
from xml.etree import ElementTree

import polars as pl

from migstat.words.finding import Severity
from migstat.words.pack import PackTest
from migstat.words.run import Harmonized
from migstat.words.table import Table


def summary_csv(run: Harmonized) -> str:
    """Return steps, coverage, the number of lines that took no row, and findings of a run, as CSV text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["part", "component", "values", "code", "match", "rows", "weight"])
    for step in run.steps:
        writer.writerow(["step", step.name, step.what, "", "", step.rows, f"{step.weight:.2f}"])
    for line in sorted(run.coverage, key=lambda line: (line.component, line.values, line.code)):
        values = " ".join(line.values)
        writer.writerow(["met", line.component, values, line.code, line.match, line.rows, f"{line.weight:.2f}"])
    for component, lines in sorted(Counter(line.component for line in run.coverage.unused).items()):
        writer.writerow(["unused", component, f"{lines} lines", "", "", 0, "0.00"])
    for finding in run.findings:
        what = f"{finding.severity}: {finding.what}"
        writer.writerow(["finding", finding.component, what, "", "", finding.rows, ""])
    return text.getvalue()


def table_summary_csv(table: Table) -> str:
    """Return the cells of a published table with their sum by status, and its findings, as CSV text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["part", "what", "cells", "sum"])
    counted = table.frame.group_by("OBS_STATUS").agg(pl.len(), pl.col("OBS_VALUE").sum().alias("sum"))
    writer.writerows(("cells", *row) for row in counted.sort("OBS_STATUS").iter_rows())
    writer.writerows(("finding", f"{one.severity}: {one.component} {one.what}", one.rows, "") for one in table.findings)
    return text.getvalue()


def cells_csv(table: Table) -> str:
    """Return the dimensions of a published table that vary, and its figures, as CSV text."""
    varying = [id for id in table.dimensions if table.frame[id].n_unique() > 1]
    text: str = table.frame.select(*varying, "OBS_VALUE", "OBS_STATUS").write_csv(line_terminator="\n")
    return text


def pack_junit(test: PackTest) -> str:
    """Return the test of a pack as JUnit XML: a case a check; warnings and notes are what a passing case says."""
    counts = {"tests": str(len(test.checks)), "failures": str(sum(not check.ok for check in test.checks))}
    root = ElementTree.Element("testsuites", {"name": test.id, **counts})
    suite = ElementTree.SubElement(root, "testsuite", {"name": test.id, **counts})
    for check in test.checks:
        case = ElementTree.SubElement(suite, "testcase", {"classname": test.id, "name": check.name})
        errors = [one for one in check.findings if one.severity == Severity.ERROR]
        rest = [one for one in check.findings if one.severity != Severity.ERROR]
        if errors:
            message = _clean(errors[0].what)
            failure = ElementTree.SubElement(case, "failure", {"message": message, "type": "error"})
            failure.text = _clean("\n".join(str(one) for one in errors))
        if rest:
            said = "\n".join(f"{one.severity}: {one}" for one in rest)
            ElementTree.SubElement(case, "system-out").text = _clean(said)
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _clean(text: str) -> str:
    """Leave out what XML cannot hold."""
    return "".join(sign for sign in text if sign in "\t\n" or sign >= " ")
