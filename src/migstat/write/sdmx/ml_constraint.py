"""Content constraints in SDMX-ML."""

from collections.abc import Sequence

from migstat.words.constraint import Constraint, Period, Selection
from migstat.write.sdmx.ml_dialect import Dialect
from migstat.write.xml import Attributes

CASCADE = {"no": None, "with descendants": "true", "descendants only": "excluderoot"}


def write_constraint(dialect: Dialect, constraint: Constraint, others: set[str]) -> None:
    """Write a content constraint (2.1), or a data constraint (3.0); ``others`` are components outside the key."""
    xml = dialect.xml
    role = constraint.role.capitalize()
    head: Attributes = {"type": role} if dialect.old else {"role": role}
    validity = dialect.validity(constraint.valid_from, constraint.valid_to)
    with dialect.maintained(
        constraint, constraint.names, constraint.descriptions, kind="DataConstraint", attributes={**head, **validity}
    ):
        if constraint.attached:
            with xml.element("str:ConstraintAttachment"):
                for one in constraint.attached:
                    dialect.refer(f"str:{one.kind}", one)
        for key_set in constraint.key_sets:
            with xml.element("str:DataKeySet", {"isIncluded": key_set.include}):
                for key in key_set.keys:
                    with xml.element("str:Key", dialect.validity(key.valid_from, key.valid_to)):
                        _selections(dialect, key.selections, others)
        for region in constraint.regions:
            with xml.element("str:CubeRegion", {"include": region.include}):
                _selections(dialect, region.selections, others)


def _selections(dialect: Dialect, selections: Sequence[Selection], others: set[str]) -> None:
    """Write the values of dimensions first, then those of attributes and measures."""
    prefix, other = ("com", "Attribute") if dialect.old else ("str", "Component")
    for selection in sorted(selections, key=lambda one: one.component in others):
        tag = f"{prefix}:{other if selection.component in others else 'KeyValue'}"
        include = None if selection.include else False
        validity = dialect.validity(selection.valid_from, selection.valid_to)
        with dialect.xml.element(tag, {"id": selection.component, "include": include, **validity}):
            for one in selection.members:
                dated = dialect.validity(one.valid_from, one.valid_to)
                dialect.xml.leaf(f"{prefix}:Value", {"cascadeValues": CASCADE[one.cascade], **dated}, one.value)
            if selection.period is not None:
                _period(dialect, selection.period, prefix)


def _period(dialect: Dialect, period: Period, prefix: str) -> None:
    both = period.start is not None and period.end is not None
    names = ("StartPeriod", "EndPeriod") if both else ("AfterPeriod", "BeforePeriod")
    ends = ((period.start, period.start_included), (period.end, period.end_included))
    with dialect.xml.element(f"{prefix}:TimeRange"):
        for name, (said, included) in zip(names, ends, strict=True):
            if said is not None:
                dialect.xml.leaf(f"{prefix}:{name}", {"isInclusive": included}, said)
