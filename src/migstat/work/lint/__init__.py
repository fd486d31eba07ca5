"""What is wrong with a mapping before any data is seen: its codes, lines, cases, conditions and source."""

from collections.abc import Callable

from migstat.words.codelist import Codelist
from migstat.words.finding import Finding
from migstat.words.mapping import Mapping
from migstat.words.structure import Structure
from migstat.words.unverified import not_verified_note
from migstat.work.lint.check import Check
from migstat.work.lint.companions import check_companions
from migstat.work.lint.examples import check_examples
from migstat.work.lint.source import check_source
from migstat.work.lint.targets import check_targets

__all__ = ["lint"]


def lint(mapping: Mapping, structure: Structure, codelists: Callable[[str], Codelist]) -> list[Finding]:
    """Check a mapping against its structure and the codelists; no data is needed.

    Return all findings in the order of files and lines: an error would make wrong records, a warning asks for a look.
    """
    check = Check(mapping, structure, codelists)
    check_source(check)
    check_companions(check)
    check_targets(check)
    check_examples(check)
    note = not_verified_note(mapping)
    check.findings += [note] if note else []
    return sorted(dict.fromkeys(check.findings), key=lambda finding: (finding.place.file, finding.place.line or 0))
