"""A structure map in the making: what is said in SDMX's words so far, and what is not."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from migstat.words.codelist import Codelist
from migstat.words.finding import Finding, Place, Severity
from migstat.words.mapping import Mapping
from migstat.words.structure import Structure
from migstat.words.structure_map import ComponentMap, DateMap, FixedValueMap, RepresentationMap

AGENCY = "MIGSTAT"


@dataclass(slots=True)
class Export:
    """A structure map in the making."""

    mapping: Mapping
    structure: Structure
    codelists: Callable[[str], Codelist]
    agency: str = AGENCY
    ids: dict[str, str] = field(default_factory=dict)
    components: list[ComponentMap] = field(default_factory=list)
    fixed: list[FixedValueMap] = field(default_factory=list)
    dates: list[DateMap] = field(default_factory=list)
    values: list[RepresentationMap] = field(default_factory=list)
    rules: dict[str, object] = field(default_factory=dict)
    unsaid: list[Finding] = field(default_factory=list)

    def lose(self, place: Place, component: str, what: str, mend: str, severity: Severity = Severity.NOTE) -> None:
        """Note what SDMX cannot say."""
        self.unsaid.append(Finding(place, component, what, mend, severity, rule="unsaid"))

    def id(self, column: str) -> str:
        """Return the id of a source column: its name, or what an id can hold of it."""
        if column not in self.ids:
            made = re.sub(r"[^A-Za-z0-9_-]", "_", column)
            made = made if re.match(r"[A-Za-z]", made) else f"C_{made}"
            while made in self.ids.values():
                made += "_"
            self.ids[column] = made
        return self.ids[column]

    @property
    def version(self) -> str:
        """The version of the mapping, as SDMX writes one."""
        version = self.mapping.version
        return version if "." in version else f"{version}.0"
