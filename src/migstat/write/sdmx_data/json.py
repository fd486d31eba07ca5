"""SDMX-JSON data, version 2.0: codes by their place in lists, observations flat, written in batches."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any

import polars as pl

from migstat.words.codelist import Codelist
from migstat.words.finding import Finding, MigstatError, Place, misuse
from migstat.words.how_many import how_many
from migstat.words.message import ACTIONS, Action
from migstat.words.structure import Component, Structure
from migstat.words.table import Table
from migstat.write.atomic import beside
from migstat.write.batches import batches
from migstat.write.sdmx_data.levels import filled, level_of, whole_values
from migstat.write.sdmx_data.ml import BATCH, MODEL, PREPARED
from migstat.write.tables import as_text

SCHEMA = "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json"
ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
CONTROL = "[\\x00-\\x1f]"
JSON_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"


def write_sdmx_json(
    table: Table,
    path: str | os.PathLike[str],
    *,
    action: Action = "I",
    prepared: str = "",
    sender: str = "",
    codelists: Callable[[str], Codelist] | None = None,
    language: str = "en",
) -> None:
    """Write a table as SDMX-JSON 2.0, its observations flat and each attribute at its level.

    The frame may be lazy: the values that stand in each dimension are gathered first, then rows are written in batches,
    so that memory grows with the codes and not with rows. ``prepared`` is the time in the header; unless it is given,
    equal tables give equal bytes. Raises Misuse for an action that SDMX-JSON does not have, and MigstatError where an
    observation has no complete key, or stands twice: in JSON one of the two would be lost.
    """
    if action not in ("I", "A", "R", "D"):
        raise misuse(f"SDMX-JSON has no action {action}", "write one of I, A, R, D", component="action")
    text = as_text(table.frame)
    there = text.collect_schema().names()
    parts = _Parts(table, text, there, codelists, language)
    parts.refuse_keys()
    with beside(path) as part, part.open("wb") as file:
        head = parts.head(prepared or PREPARED, sender or table.structure.agency, action)
        opening, _, closing = json.dumps(head, ensure_ascii=False, indent=1).partition('"@observations@"')
        file.write(f"{opening}{{".encode())
        _observations(parts.rows(), file)
        file.write(f"\n}}{closing}\n".encode())


def _observations(batches: Iterator[pl.Series], file: IO[bytes]) -> None:
    first = True
    for lines in batches:
        if lines.len():
            joined: str = lines.str.join(",\n").item()
            file.write(("\n" if first else ",\n").encode() + joined.encode())
            first = False


class _Parts:
    """What is known of a table before its rows are written."""

    def __init__(
        self,
        table: Table,
        text: pl.LazyFrame,
        there: Sequence[str],
        codelists: Callable[[str], Codelist] | None,
        language: str,
    ) -> None:
        self.table, self.codelists, self.language = table, codelists, language
        structure = table.structure
        self.dimensions = [one for one in structure.with_role("dimension") if one.id in there]
        self.measures = [one for one in structure.with_role("measure") if one.id in there]
        attributes = [one for one in structure.with_role("attribute") if one.id in there]
        self.dataset = [one for one in attributes if level_of(one) == "dataset"]
        self.grouped = [one for one in attributes if level_of(one) == "series"]
        self.own = [one for one in attributes if level_of(one) == "observation"]
        self.text = text.select(filled(id).alias(id) for id in there if id in structure)
        self.whole = whole_values(table, self.text, self.dataset)
        listed = [*self.dimensions, *(one for one in (*self.grouped, *self.own) if one.coded)]
        self.values = {one.id: self._values(one) for one in listed}

    def _values(self, component: Component) -> list[str]:
        """Return the values that stand in a column, in the order of the codelist and then of the alphabet."""
        found = self.text.select(pl.col(component.id).drop_nulls().unique()).collect(engine="streaming")
        values: list[str] = sorted(found[component.id].to_list())
        codelist = self._codelist(component)
        if codelist is None:
            return values
        order = {id: place for place, id in enumerate(codelist.ids)}
        return sorted(values, key=lambda value: (order.get(value, len(order)), value))

    def _codelist(self, component: Component) -> Codelist | None:
        return self.codelists(component.codelist) if component.coded and self.codelists is not None else None

    def refuse_keys(self) -> None:
        """Refuse keys that are not whole, or stand twice."""
        key = [one.id for one in self.dimensions]
        hashes = pl.struct(key).hash() if key else pl.lit(0)
        blank = pl.any_horizontal(pl.col(id).is_null() for id in key) if key else pl.lit(False)
        found = self.text.select(
            blank.sum().alias("blank"), pl.len().alias("rows"), hashes.n_unique().alias("keys")
        ).collect(engine="streaming").row(0, named=True)  # fmt: skip
        place, faults = Place(self.table.reference), []
        if found["blank"]:
            what = (
                f"{how_many(found['blank'], 'observation has', 'observations have')} "
                f"no complete key, which SDMX-JSON cannot say"
            )
            faults.append(Finding(place, "(key)", what, "give every dimension a value; migstat validate says where"))
        if found["keys"] < found["rows"]:
            what = (
                f"{how_many(found['rows'] - found['keys'], 'observation has', 'observations have')} "
                f"a key that stands already"
            )
            faults.append(Finding(place, "(key)", what, "keep one of each; migstat validate says which"))
        if faults:
            raise MigstatError(faults)

    def head(self, prepared: str, sender: str, action: Action) -> dict[str, Any]:
        """Return the message without its observations."""
        structure = self.table.structure
        link = {"rel": "datastructure", "urn": f"{MODEL}.DataStructure={self.table.reference}"}
        data_set: dict[str, Any] = {"structure": 0, "action": ACTIONS[action], "links": [link]}
        if self.dataset:
            data_set["attributes"] = [self.whole.get(one.id) for one in self.dataset]
        groups = self.groups()
        if groups:
            data_set["dimensionGroupAttributes"] = groups
        return {
            "meta": {
                "schema": SCHEMA,
                "id": structure.id,
                "test": False,
                "prepared": prepared,
                "contentLanguages": [self.language],
                "sender": {"id": sender},
            },
            "data": {
                "structures": [self.structure(structure, link)],
                "dataSets": [data_set | {"observations": "@observations@"}],
            },
        }

    def structure(self, structure: Structure, link: Mapping[str, str]) -> dict[str, Any]:
        """Return the structure as a message tells it."""
        attributes = {
            "dataSet": [self.attribute(one) for one in self.dataset],
            "dimensionGroup": [self.attribute(one) for one in self.grouped],
            "series": [],
            "observation": [self.attribute(one) for one in self.own],
        }
        dimensions = [
            {"id": one.id, **self.named(one), "keyPosition": place, "values": self.listed(one)}
            for place, one in enumerate(self.dimensions)
        ]
        return {
            "dataSets": [0],
            "links": [dict(link)],
            "name": _name(structure.names, self.language, structure.id),
            "dimensions": {"dataSet": [], "series": [], "observation": dimensions},
            "measures": {"observation": [{"id": one.id, **self.named(one)} for one in self.measures]},
            "attributes": attributes,
        }

    def named(self, component: Component) -> dict[str, str]:
        return {"name": _name(component.names, self.language, component.id)}

    def attribute(self, component: Component) -> dict[str, Any]:
        """Return an attribute with what it is attached to."""
        related: dict[str, Any] = {"observation": {}}
        if level_of(component) != "observation":
            related = {"dimensions": list(component.attached)} if component.attached else {"dataflow": {}}
        made = {"id": component.id, **self.named(component), "isMandatory": component.required, "relationship": related}
        values = self.listed(component) if self.values.get(component.id) else []
        return made | ({"values": values} if values else {})

    def listed(self, component: Component) -> list[dict[str, Any]]:
        """Return the values that are told by their place; those without a codelist stand as they are."""
        codelist = self._codelist(component)
        if not component.coded:
            # The schema asks for one value at least, of an empty table too.
            return [{"value": value} for value in self.values[component.id] or [""]]
        named = [
            (value, codelist.label(value, self.language) if codelist is not None and value in codelist else value)
            for value in self.values[component.id] or (codelist.ids if codelist is not None else ("_T",))
        ]
        return [{"id": value, "name": name} for value, name in named]

    def groups(self) -> dict[str, list[Any]]:
        """Return the attributes of groups, by the places of the dimensions that name the group."""
        made: dict[str, list[Any]] = {}
        for at, attribute in enumerate(self.grouped):
            named = [one.id for one in self.dimensions if one.id in (attribute.attached or ())]
            value = pl.col(attribute.id).drop_nulls()
            found = self.text.group_by(named).agg(value.first(), value.n_unique().alias("n"))
            rows = found.collect(engine="streaming").filter(pl.col("n") > 0).sort(named)
            if rows.filter(pl.col("n") > 1).height:
                what = f"varies within {', '.join(named)}, to which the structure attaches it"
                mend = "give it one value there; migstat validate says where"
                raise MigstatError([Finding(Place(self.table.reference), attribute.id, what, mend)])
            for row in rows.iter_rows(named=True):
                key = ":".join(
                    str(self.values[one.id].index(row[one.id])) if one.id in named else "" for one in self.dimensions
                )
                cell = row[attribute.id]
                listed = self.values.get(attribute.id)
                made.setdefault(key, [None] * len(self.grouped))[at] = listed.index(cell) if listed else cell
        return made

    def rows(self) -> Iterator[pl.Series]:
        """Yield the observations, a line each: the places of the dimensions, then values."""
        key = [self.place(one.id) for one in self.dimensions]
        cells = [self.measure(one) for one in self.measures]
        cells += [self.place(one.id, "null") if one.id in self.values else _quoted(one.id) for one in self.own]
        line = pl.concat_str(
            [
                pl.lit('"'),
                pl.concat_str(key, separator=":"),
                pl.lit('":['),
                pl.concat_str(cells, separator=","),
                pl.lit("]"),
            ]
        )
        lazy = self.text.select(line.alias("line"))
        for batch in batches(lazy, BATCH):
            yield batch["line"]

    def place(self, id: str, blank: str = "") -> pl.Expr:
        """Return the place of each value in its list."""
        values = self.values[id]
        places = [str(place) for place in range(len(values))]
        if not values:
            return pl.lit(blank)
        return pl.col(id).replace_strict(values, places, default=blank, return_dtype=pl.String).fill_null(blank)

    def measure(self, component: Component) -> pl.Expr:
        """Return the value of a measure: a number where it is one, else a text."""
        value = pl.col(component.id)
        if component.type == "text" or component.coded:
            return _quoted(component.id)
        return pl.when(value.str.contains(JSON_NUMBER)).then(value).otherwise(_quoted(component.id))


def _quoted(id: str) -> pl.Expr:
    value = pl.col(id)
    for letter, written in ESCAPED.items():
        value = value.str.replace_all(letter, written, literal=True)
    # What else JSON does not take as it is, is left out: other control characters have no meaning in a text.
    value = value.str.replace_all(CONTROL, "")
    return (pl.lit('"') + value + pl.lit('"')).fill_null("null")


def _name(names: Mapping[str, str], language: str, id: str) -> str:
    return names.get(language) or names.get("en") or next(iter(names.values()), id)
