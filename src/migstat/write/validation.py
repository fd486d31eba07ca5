"""A validation as files for machines: ESS report and SARIF as JSON, JUnit as XML, and CSV."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from migstat.words.expression import names
from migstat.words.expression_text import print_expression
from migstat.words.finding import Finding, Severity
from migstat.words.rule import Determines, Exists, Group, Holds, Parts, Rule, Sequence, Unique
from migstat.words.shown import FEWEST, WHOLE, Count, Shown, shown
from migstat.words.validated import Judged, Validated

VALUES = {"pass": "1", "fail": "0", "undecided": "NA"}
"""The ESS report's words for verdicts. They are texts, not numbers."""
COLUMNS = (
    *("rule", "name", "component", "severity", "verdict", "units", "passed", "failed", "undecided", "share"),
    *("passed_weight", "failed_weight", "undecided_weight", "rows_borne", "share_borne", "text", "when", "missing"),
    *("place", "origin", "standing", "mend", "note"),
)


def ess_json(
    run: Validated, *, show_values: bool = False, time: str | None = None, actor: str = "migstat", language: str = "en"
) -> str:
    """Return a validation as an ESS validation report, JSON schema 1.0.1.

    A rule is one entry of type validation, ``"1"``, ``"0"`` or ``"NA"`` after its threshold, and three of type
    aggregation: how many units passed, failed and could not be judged. No entry names a unit, unless ``show_values``:
    then each failing row of the sample is an entry too, with its key, and the aggregation says where there are more.
    ``time`` is the moment of the run, as ``20260301T101500+0000``; it is all that differs between equal runs.
    """
    entries = [entry for one in run.results for entry in _ess(run, one, show_values, language)]
    event = {
        "time": time or str(run.provenance.get("time", "")),
        "actor": actor,
        "agent": f"migstat {run.provenance.get('migstat', '')}".strip(),
        "trigger": "migstat validate",
    }
    return _json([{"id": entry.pop("id"), "type": entry.pop("type"), "event": event, **entry} for entry in entries])


def _ess(run: Validated, one: Judged, show_values: bool, language: str) -> Iterator[dict[str, Any]]:
    rule, told = one.rule, shown(one, run.rows, show_values=show_values)
    severity = "information" if rule.severity == Severity.NOTE else str(rule.severity)
    facts = {"description": rule.name(language), "explanation": rule.mend}
    said = {"language": "migstat", "expression": _text(rule), "severity": severity}
    said |= {name: text for name, text in facts.items() if text}
    source = [[*_data_set(run), "*", column] for column in _columns(rule)] or [[*_data_set(run), "*", "*"]]
    data = {"source": source, "target": [[*_data_set(run), "*", rule.component or "*"]]}
    yield {"id": rule.id, "type": "validation", "rule": said, "data": data, "value": VALUES[one.verdict]}
    for verdict, count in (("pass", told.passed), ("fail", told.failed), ("undecided", told.undecided)):
        yield {
            "id": f"{rule.id}/{verdict}",
            "type": "aggregation",
            "aggregate": {
                "language": "migstat",
                "expression": f'count(value = "{VALUES[verdict]}")',
                "description": f"{one.units} with the verdict {verdict}",
            },
            "data": {"source": [[rule.id]], "target": [[run.name]], "description": _extent(one, show_values)},
            "value": str(count),
        }
    for row in one.sample if show_values else ():
        unit = " ".join(str(row[name]) for name in run.key if name in row) or f"row {row.get('_row')}"
        where = [[*_data_set(run), unit, column] for column in row if column != "_row" and column not in run.key]
        data = {"source": where or [[*_data_set(run), unit, "*"]], "target": [[*_data_set(run), unit, rule.component]]}
        yield {"id": f"{rule.id}/{row.get('_row')}", "type": "validation", "rule": said, "data": data, "value": "0"}


def _data_set(run: Validated) -> list[str]:
    """Return the data set and its time, as the ESS report names them."""
    return [run.name, str((run.provenance.get("source") or {}).get("period") or "")]


def _extent(one: Judged, show_values: bool) -> str:
    listed = f"{len(one.sample):,} failing rows are listed" if show_values else "no failing row is listed"
    return f"{listed}; the count is of all {one.units}"


def sarif(run: Validated, *, show_values: bool = False, language: str = "en") -> str:
    """Return a validation as SARIF 2.1.0: a result for each rule that fails or could not be judged, and each finding.

    A result stands at the line of the rule file that says the rule, where a pipeline shows it. A rule that comes by
    itself, from a structure, has no line and is named by its id alone.
    """
    ids = {one.rule.id: number for number, one in enumerate(run.results)}
    results = [_result(run, one, ids, show_values, language) for one in run.results if one.verdict != "pass"]
    driver = {
        "name": "migstat",
        "version": str(run.provenance.get("migstat", "")),
        "rules": [_sarif_rule(one.rule, language) for one in run.results],
    }
    found = [_found(finding, show_values) for finding in run.findings]
    facts = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results + found}],
    }
    return _json(facts)


def _sarif_rule(rule: Rule, language: str) -> dict[str, Any]:
    facts = {
        "id": rule.id,
        "shortDescription": {"text": rule.name(language)},
        "fullDescription": {"text": rule.description or _text(rule)},
        "defaultConfiguration": {"level": str(rule.severity)},
        "properties": {"component": rule.component, "text": _text(rule), "origin": rule.origin},
    }
    return facts | ({"help": {"text": rule.mend}} if rule.mend else {})


def _result(run: Validated, one: Judged, ids: dict[str, int], show_values: bool, language: str) -> dict[str, Any]:
    failed = one.verdict == "fail"
    return {
        "ruleId": one.rule.id,
        "ruleIndex": ids[one.rule.id],
        "kind": "fail" if failed else "open",
        "level": str(one.rule.severity) if failed else "none",
        "message": {"text": _message(run, one, show_values, language)},
        "locations": [_location(one.rule.place.file, one.rule.place.line, one.rule.component or one.rule.id)],
    }


def _found(finding: Finding, show_values: bool) -> dict[str, Any]:
    extent = ""
    if finding.rows is not None:
        few = not show_values and 0 < finding.rows < FEWEST
        extent = f" ({'fewer than ' + str(FEWEST) if few else format(finding.rows, ',')} rows)"
    mend = f" Mend: {finding.mend}" if finding.mend else ""
    return {
        "ruleId": finding.rule or "migstat.finding",
        "kind": "fail",
        "level": str(finding.severity),
        "message": {"text": f"{finding.what}{extent}.{mend}"},
        "locations": [_location(finding.place.file, finding.place.line, finding.component)],
    }


def _location(file: str, line: int | None, component: str) -> dict[str, Any]:
    logical: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": component or file, "kind": "member"}]}
    if line is None:
        return logical
    place = {"artifactLocation": {"uri": file.replace("\\", "/").replace(" ", "%20")}, "region": {"startLine": line}}
    return {"physicalLocation": place} | logical


def junit(run: Validated, *, show_values: bool = False, language: str = "en") -> str:
    """Return a validation as JUnit XML: a suite a component, a case a rule.

    A rule of severity error that fails is a failure; one that could not be judged is skipped; one that is a warning or
    a note and fails is a passing case whose output says so, so that a pipeline is red exactly where ``run.ok`` is not.
    """
    suites: dict[str, list[Judged]] = {}
    for one in run.results:
        suites.setdefault(one.rule.component or run.name, []).append(one)
    root = ElementTree.Element("testsuites", _counts(run.results, name=run.name))
    for component, results in suites.items():
        suite = ElementTree.SubElement(root, "testsuite", _counts(tuple(results), name=component))
        for one in results:
            case = {"classname": f"{run.name}.{component}", "name": f"{one.rule.id} {one.rule.name(language)}"}
            element = ElementTree.SubElement(suite, "testcase", {key: _clean(text) for key, text in case.items()})
            message = _clean(_message(run, one, show_values, language))
            match one.verdict, one.rule.severity:
                case "fail", Severity.ERROR:
                    failure = ElementTree.SubElement(element, "failure", {"message": message, "type": "error"})
                    failure.text = _clean(f"{one.rule.place}\n{_text(one.rule)}\n{message}")
                case "fail", severity:
                    ElementTree.SubElement(element, "system-out").text = f"{severity}: {message}"
                case "undecided", _:
                    ElementTree.SubElement(element, "skipped", {"message": message})
                case _:
                    pass
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _counts(results: tuple[Judged, ...], name: str) -> dict[str, str]:
    failed = sum(one.verdict == "fail" and one.rule.severity == Severity.ERROR for one in results)
    skipped = sum(one.verdict == "undecided" for one in results)
    counts = {"tests": len(results), "failures": failed, "errors": 0, "skipped": skipped}
    return {"name": _clean(name)} | {key: str(count) for key, count in counts.items()}


def csv_text(run: Validated, *, show_values: bool = False, language: str = "en") -> str:
    """Return a validation as CSV, a line a rule. Counts under ten are ``<10`` unless ``show_values``."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for one in run.results:
        writer.writerow(_row(one, shown(one, run.rows, show_values=show_values), language))
    return text.getvalue()


def _row(one: Judged, told: Shown, language: str) -> dict[str, object]:
    rule = one.rule
    return {
        **{"rule": rule.id, "name": rule.name(language), "component": rule.component, "severity": str(rule.severity)},
        **{"verdict": one.verdict, "units": one.units},
        **{"passed": told.passed, "failed": told.failed, "undecided": told.undecided},
        "share": told.share if told.exact else None,
        **{"passed_weight": told.passed_weight, "failed_weight": told.failed_weight},
        **{"undecided_weight": told.undecided_weight, "rows_borne": rule.rows_borne, "share_borne": rule.share_borne},
        **{"text": rule.text, "when": _when(rule), "missing": rule.missing, "place": str(rule.place)},
        **{"origin": rule.origin, "standing": rule.standing, "mend": rule.mend, "note": one.note},
    }


def _message(run: Validated, one: Judged, show_values: bool, language: str) -> str:
    """Say in one line what came of a rule, and what to do."""
    told, rule = shown(one, run.rows, show_values=show_values), one.rule
    if one.units in WHOLE:
        counts = "judged once for the whole file"
    else:
        counts = f"{_said(told.failed)} failed, {_said(told.undecided)} not judged, {_said(told.passed)} passed"
        counts += f" ({one.units})"
    said = {"fail": "fails", "undecided": "could not be judged", "pass": "passes"}[one.verdict]
    note = f" Note: {one.note}." if one.note else ""
    mend = f" Mend: {rule.mend}" if rule.mend else ""
    return f"{rule.id} {said}: {rule.name(language)}; {counts}.{note}{mend}"


def _said(count: Count) -> str:
    return f"{ {'<': 'fewer than ', '>': 'more than ', '': ''}[count.sign] }{count.value:,}"


def _text(rule: Rule) -> str:
    return f"if {_when(rule)} then {rule.text}" if rule.when else rule.text


def _when(rule: Rule) -> str:
    return print_expression(rule.when) if rule.when else ""


def _columns(rule: Rule) -> list[str]:
    """Return the columns that a rule reads in its own file."""
    check = rule.check
    read: list[str] = []
    match check:
        case Unique() | Exists():
            read += check.columns
        case Determines():
            read += [*check.columns, check.target]
        case Parts():
            read += [check.value, check.code, *check.within]
        case Group():
            read += [*names(check.expression), *check.by]
        case Sequence():
            read += [*names(check.expression), *check.by, *check.sort]
        case Holds():
            read += names(check.expression)
    read += names(rule.when) if rule.when else ()
    others = {one.alias for one in rule.look_ups}
    return [name for name in dict.fromkeys(read) if name.partition(".")[0] not in others]


def _json(facts: object) -> str:
    return json.dumps(facts, ensure_ascii=False, indent=1) + "\n"


def _clean(text: str) -> str:
    """Replace what XML cannot hold."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
