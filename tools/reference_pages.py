"""Write docs/reference/structures.md and definitions.md from schemas/, and packs.md from the packs in examples/."""

import textwrap
from collections.abc import Iterator
from pathlib import Path

from migstat.api.packing import packs
from migstat.read.definitions import definition, definition_ids
from migstat.read.structures import structure, structure_ids
from migstat.words.confidence import CONFIDENCES
from migstat.words.definition import Definition
from migstat.words.expression_text import print_expression
from migstat.words.pack import Pack
from migstat.words.structure import Component, Structure

PAGES = Path(__file__).resolve().parent.parent / "docs" / "reference"
ORDER = ("CENSUS_PERSON", "SURVEY_PERSON", "BORDER_CROSSING", "RESIDENCE", "RESIDENCE_PERMIT", "VISA")

STRUCTURES = """\
# Structures

A structure names the components of a dataset, and the codelist or type of each. Record structures describe one
person, crossing, permit or visa; table structures describe one cell. They lie in `schemas/`, a file each; the names
of components in six languages, what they mean and where they come from are in `schemas/concepts.yaml`.

*Required* means that a mapping must have a rule for the component; `not_collected: reason` is such a rule. *Filled*
components come from the source itself and need none. A component with a type has a second column, such as
`AGE_MISSING`, that says why a value is absent. A component without a rule has no column in the records.

```python
>>> import migstat as ms
>>> ms.structure("CENSUS_PERSON")["RESID_5Y"].universe
'AGE >= 5'

```

A pandera schema of a structure, for pandas or Polars, needs only pandera to be used:

```python
>>> schema = ms.schema("CENSUS_PERSON", backend="polars")
>>> schema.columns["SEX"].nullable
False

```

Call `schema.validate(records, lazy=True)` to see every failure at once. Collect a Polars LazyFrame first: pandera
checks only the names and types of its columns.
"""
DEFINITIONS = """\
# Definitions

A definition says who counts as a migrant. Its rule reads components of a record and has three answers: counted
(`Y`), not counted (`N`) and unknown (`_U`); outside its universe it is not applicable (`_Z`). A missing value makes
the answer unknown unless the rest decides it. `same_area` is unknown between a former State and its successors, and
between a region and its countries; `text(X)` is the code itself, kinds of missing included. A definition without a
rule needs several records of a person. They lie in `schemas/definitions.yaml`; names are in `CL_MIG_DEF`.

*Standing* says how far a definition may be called official: *standard* was read in the document named, *derived*
was read there in outline and the rule is ours, *general knowledge, to be confirmed* was not read in it.

```python
>>> import migstat as ms
>>> ms.definition("FOREIGN_BORN").standing
'standard'

```
"""
PACKS = "| pack | source | kind | area | years | records | lines and rules |"
"""What begins the part of packs.md that is made; all above it is written by hand."""


def structures_page() -> str:
    """Return the page of all structures, records first."""
    ids = [*ORDER, *(id for id in structure_ids() if id not in ORDER)]
    return "\n".join(_structures(ids)) + "\n"


def definitions_page() -> str:
    """Return the page of all definitions, in the order of CL_MIG_DEF."""
    return "\n".join(_definitions()) + "\n"


def packs_page() -> str:
    """Return the page of packs: what is written by hand, and the table of all that ship."""
    by_hand = (PAGES / "packs.md").read_text(encoding="utf-8").partition(PACKS)[0]
    return by_hand + "\n".join(_packs()) + "\n"


def _packs() -> Iterator[str]:
    yield from [PACKS, "|---|---|---|---|---|---|---|"]
    for one in packs():
        if one.origin == "shipped":
            years = one.period or "as in each row"
            cells = [f"`{one.id}`", one.name, one.kind, one.area, years, f"`{one.into}`", _sure(one)]
            yield f"| {' | '.join(cells)} |"


def _sure(one: Pack) -> str:
    said = [f"{one.claims[sure]:,} {sure.partition(',')[0]}" for sure in CONFIDENCES if one.claims.get(sure)]
    return ", ".join([*said, *([f"{one.claims['']:,} not said"] if one.claims.get("") else [])])


def _structures(ids: list[str]) -> Iterator[str]:
    yield from STRUCTURES.splitlines()
    for id in ids:
        yield from _structure(structure(id))


def _structure(found: Structure) -> Iterator[str]:
    yield from ["", f"## {found.id}", "", *textwrap.wrap(found.description, 118), ""]
    shown = found.components
    if found.id == "SURVEY_PERSON":
        shown = tuple(component for component in shown if component.id not in structure("CENSUS_PERSON"))
        yield from ["All components of [CENSUS_PERSON](#census_person), and:", ""]
    yield from ["| component | what it is | values | role | |", "|---|---|---|---|---|"]
    for component in shown:
        marks = ["required"] if component.required and not component.filled_by else []
        marks += [f"filled from {component.filled_by}"] if component.filled_by else []
        marks += [f"from {component.derived_from}, where no rule fills it"] if component.derived_from else []
        marks += [f"asked where {component.universe}"] if component.universe else []
        marks += ["repeats as _1, _2, ..."] if component.repeats else []
        cells = [f"`{component.id}`", component.description, _values(component), component.role, "; ".join(marks)]
        yield f"| {' | '.join(cells)} |"


def _values(component: Component) -> str:
    if component.coded:
        return f"`{component.codelist}`"
    low, high = component.minimum, component.maximum
    if low is not None and high is not None:
        return f"{component.type}, {low:g} to {high:g}"
    return f"{component.type}, {low:g} or more" if low is not None else component.type


def _definitions() -> Iterator[str]:
    yield from DEFINITIONS.splitlines()
    for id in definition_ids():
        yield from _definition(definition(id))


def _definition(said: Definition) -> Iterator[str]:
    yield from ["", f"## {said.id}", "", f"**{said.names['en']}.** {said.text}", ""]
    if said.rule is not None:
        yield from ["```", *textwrap.wrap(print_expression(said.rule), 110, break_on_hyphens=False), "```", ""]
    if said.universe is not None:
        yield f"- Universe: `{print_expression(said.universe)}`"
    if said.needs:
        yield f"- Needs {said.needs}: " + ", ".join(f"`{name}`" for name in said.reads)
    yield f"- Source: {said.source}"
    yield f"- Standing: {said.standing}"
    yield from (f"- {case}" for case in said.edge_cases)


if __name__ == "__main__":
    (PAGES / "structures.md").write_text(structures_page(), encoding="utf-8")
    (PAGES / "definitions.md").write_text(definitions_page(), encoding="utf-8")
    (PAGES / "packs.md").write_text(packs_page(), encoding="utf-8")
