"""The rules of a structure for a data message: columns, codes, formats, keys, constraints, levels and totals."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from migstat.words.codelist import Codelist
from migstat.words.finding import Finding, Place, Severity
from migstat.words.rule import Rule
from migstat.words.structure import Structure
from migstat.work.validate.message.about import Message
from migstat.work.validate.message.constraints import Rows, regions, unread
from migstat.work.validate.message.constraints import series as series_of
from migstat.work.validate.message.presence import given, there, unknown
from migstat.work.validate.message.several import keys, level, region, series, totals
from migstat.work.validate.message.values import coded, formed


@dataclass(slots=True)
class MessageRules:
    """The rules, the keys that some of them look up, and what of the structure they leave out."""

    rules: list[Rule] = field(default_factory=list)
    keys: dict[str, Rows] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def message_rules(
    structure: Structure,
    codelists: Callable[[str], Codelist],
    columns: Sequence[str],
    *,
    actions: Collection[str] = ("I",),
    compound: Collection[str] = (),
    tolerance: float | None = None,
) -> MessageRules:
    """Return the rules for a message with these columns. Their ids are the number of the rule, and the component.

    ``XX01`` is a column that is no component; ``SS01`` a dimension, ``SS02`` a measure, ``SS03`` a mandatory attribute
    that has no column, SS02 also one that is empty; ``SS04`` a value that is not in the codelist; ``SS05`` an empty
    dimension; ``SS06`` an empty mandatory attribute; ``SS07`` a key that stands twice; ``SS08`` a value against its
    type or facets; ``SS09`` a time period not in the format, or not of the frequency; ``SS10`` outside the cube
    regions; ``SS11`` a series outside the key sets (a warning); ``SS12`` an attribute that varies within what it is
    attached to; ``SS13``, with a ``tolerance``, a total that differs from the sum of its parts by more.

    Rows that delete are not judged by what they leave out, nor rows that merge by values they do not change. In
    attributes of ``compound`` several codes may be joined.
    """
    about = Message(structure, codelists, columns, frozenset(actions), frozenset(compound), tolerance)
    found = MessageRules()
    add = found.rules.extend
    add(unknown(about))
    for component in structure.components:
        add(there(about, component))
        if component.id in about.known:
            add(given(about, component))
            add([coded(about, component)] if component.coded else formed(about, component))
    add(keys(about))
    constraints = [one for one in structure.constraints if one.role == "allowed"]
    for constraint in constraints:
        add(region(about, one) for one in regions(constraint, structure, codelists, about.known))
        for one in series_of(constraint, structure, codelists, about.known):
            found.rules.append(series(about, one))
            found.keys |= one.keys
    for component in structure.with_role("attribute"):
        add(level(about, component))
    add(totals(about))
    for id, what in unread(constraints):
        found.findings.append(Finding(Place(structure.id), id, what, "", Severity.NOTE, rule="SS10"))
    return found
