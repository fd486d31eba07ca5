"""The command on codes, where two lists are compared or the codes of others are shown."""

import argparse

from migstat import api
from migstat.cli import show
from migstat.cli.commands import _mapping as mapping_file
from migstat.words.change import Kind
from migstat.words.finding import Severity, misuse
from migstat.words.how_many import how_many

KINDS: tuple[Kind, ...] = ("removed", "added", "renamed", "moved", "validity")


def codes(options: argparse.Namespace) -> int:
    """Compare two codelists, or show a correspondence."""
    if options.map:
        return _map(options)
    if len(options.words) != 3:
        raise misuse("codes diff compares two codelists", "write migstat codes diff OLD NEW")
    return _diff(options, *options.words[1:])


def _diff(options: argparse.Namespace, old: str, new: str) -> int:
    found = api.compare_codelists(old, new, [mapping_file(one) for one in options.mapping])
    bad = any(one.severity == Severity.ERROR for one in found.findings)
    if options.json:
        changed = [{"kind": one.kind, "code": one.code, "before": one.before, "after": one.after,
                    "language": one.language} for one in found.changes]  # fmt: skip
        show.findings(found.findings, json=True, changes=changed)
        return int(bad)
    show.findings(found.findings, json=False)
    rows = [(one.kind, one.code, one.language, one.before, one.after) for kind in KINDS for one in found.of(kind)]
    if rows:
        show.table(["change", "code", "language", "before", "after"], rows, options)
    counts = ", ".join(f"{len(found.of(kind))} {kind}" for kind in KINDS)
    versions = f"{found.old.id} {found.old.version} to {found.new.version}"
    show.say(f"{versions}: {counts}; {how_many(len(found.mappings), 'mapping')} looked through", options)
    return int(bad)


def _map(options: argparse.Namespace) -> int:
    if options.map == "all":
        listed = [api.correspondence(id) for id in api.correspondence_ids()]
        if options.json:
            show.line([{"id": one.id, "target": one.target, "pairs": len(one), "name": one.name} for one in listed])
        else:
            rows = [(one.id, one.target, len(one), one.name, one.standing) for one in listed]
            show.table(["map", "into", "codes", "name", "standing"], rows, options, numbers=(2,))
        return 0
    found = api.correspondence(options.map)
    wanted = options.search.casefold() if options.search else ""
    pairs = [one for one in found.pairs if wanted in f"{one.value} {one.code} {one.label}".casefold()]
    if options.json:
        show.line(
            [{"from": one.value, "to": one.code, "match": one.match, "because": one.because, "label": one.label,
              "confidence": one.confidence} for one in pairs]
        )  # fmt: skip
        return 0
    rows_ = [(one.value, one.code, one.match, one.label, one.confidence, one.because) for one in pairs]
    show.table(["from", "to", "match", "label", "confidence", "because"], rows_, options)
    show.say(f"\n{found.name}, into {found.target} ({found.standing}). {found.source}", options)
    return 0
