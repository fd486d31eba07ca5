"""What a statistical file declares of itself and its columns, in values that another process can be sent."""

from dataclasses import asdict, dataclass, field
from typing import Any

from migstat.read.statistical_files.kinds import KINDS
from migstat.read.statistical_files.values import Form, form_of


@dataclass(frozen=True, slots=True)
class Declared:
    """What a file says; of each column, in order, its format and type in the package, its label and so on."""

    kind: str
    name: str
    label: str
    rows: int | None
    """None where the file does not say how many it has."""
    encoding: str | None
    columns: tuple[str, ...]
    formats: dict[str, str]
    types: dict[str, str]
    labels: dict[str, str]
    values: dict[str, list[tuple[Any, str]]]
    """The labels of values, by column."""
    missing: dict[str, list[tuple[Any, Any]]]
    """The ranges of values that are no answers, by column."""
    widths: dict[str, int]
    """Bytes of a value, by column."""
    sets: dict[str, str] = field(default_factory=dict)
    """The name of the set of labels of a column."""

    @classmethod
    def of(cls, meta: Any, kind: str) -> "Declared":
        """Take what is needed from what pyreadstat tells of a file."""
        return cls(
            kind=kind,
            name=meta.table_name or "",
            label=meta.file_label or "",
            rows=meta.number_rows,
            encoding=meta.file_encoding,
            columns=tuple(meta.column_names),
            formats={name: text or "" for name, text in meta.original_variable_types.items()},
            types={name: text or "" for name, text in meta.readstat_variable_types.items()},
            labels={name: text or "" for name, text in meta.column_names_to_labels.items()},
            values={
                name: [(value, label or "") for value, label in labels.items()]
                for name, labels in meta.variable_value_labels.items()
            },
            missing={name: [(one["lo"], one["hi"]) for one in ranges] for name, ranges in meta.missing_ranges.items()},
            widths=dict(meta.variable_storage_width),
            sets={name: text or "" for name, text in meta.variable_to_label.items()},
        )

    @classmethod
    def read(cls, sent: dict[str, Any]) -> "Declared":
        """Return what was sent."""
        return cls(**{**sent, "columns": tuple(sent["columns"])})

    def plain(self) -> dict[str, Any]:
        """Return it to be sent."""
        return asdict(self)

    def forms(self) -> dict[str, Form]:
        """Return how the values of each column are written."""
        package = KINDS[self.kind]
        return {one: form_of(package, self.formats.get(one, ""), self.types.get(one, "")) for one in self.columns}
