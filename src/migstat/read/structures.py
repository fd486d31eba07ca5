"""Structures in: schemas/*.yaml become words, with the names that schemas/concepts.yaml gives their concepts."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, get_args

from migstat.read.codelists import codelist_ids, data_folder, read_codelist
from migstat.read.expression import parse_expression
from migstat.read.mappings.faults import Faults, nearest, shape
from migstat.read.placed import Placed, read_yaml
from migstat.read.there import is_file
from migstat.words.codelist import LANGUAGES, Codelist
from migstat.words.concept import Concept, ConceptScheme
from migstat.words.expression import Expression
from migstat.words.expression import names as columns_of
from migstat.words.finding import MigstatError, Place, misuse
from migstat.words.structure import FORMATS, TIME, TIME_PERIOD, Component, FilledBy, Kind, Role, Structure, Type

HEAD = ("id", "kind", "version", "agency", "names", "description", "unit", "key", "extends", "components")
COMPONENT = (
    "role", "type", "codelist", "concept", "required", "minimum", "maximum", "description", "source", "filled_by",
    "derived_from", "universe", "repeats",
)  # fmt: skip
CONCEPT = ("names", "description", "source")
SCHEME_NAMES = {
    "en": "Concepts of migration statistics",
    "fr": "Concepts des statistiques migratoires",
    "es": "Conceptos de las estadísticas de migración",
    "ar": "مفاهيم إحصاءات الهجرة",
    "ru": "Понятия статистики миграции",
    "zh": "移民统计概念",
}
ID = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"


@cache
def structure_ids() -> tuple[str, ...]:
    """Return the ids of all structures that ship, in alphabetical order.

    >>> "CENSUS_PERSON" in structure_ids()
    True
    """
    return tuple(sorted(path.stem for path in data_folder("schemas").glob("*.yaml") if path.stem.isupper()))


@cache
def concept_scheme() -> ConceptScheme:
    """Return the concepts that ship, as one scheme.

    >>> concept_scheme()["SEX"].names["zh"]
    '性别'
    """
    concepts = _concepts(data_folder("schemas") / "concepts.yaml")
    return ConceptScheme("CS_MIGSTAT", "MIGSTAT", "1.0", SCHEME_NAMES, tuple(concepts.values()))


@cache
def structure(id: str) -> Structure:
    """Return one of the structures that ship; raise Misuse with the nearest id where there is none of that name.

    >>> structure("CENSUS_PERSON")["SEX"].names["fr"]
    'Sexe'
    """
    if id not in structure_ids():
        raise misuse(f"there is no structure {id}", nearest(id, structure_ids()), place="schemas", component=id)
    return read_structure(data_folder("schemas") / f"{id}.yaml")


def read_structure(path: Path) -> Structure:
    """Read a structure, and the one it extends from the same folder; raise MigstatError with all faults at once.

    Names and descriptions come from ``concepts.yaml`` beside it, or from the concepts that ship.

    >>> read_structure(data_folder("schemas") / "SURVEY_PERSON.yaml").with_role("design")[0].id
    'WEIGHT'
    """
    return _read(path, ())


def _read(path: Path, above: tuple[str, ...]) -> Structure:
    placed = read_yaml(path)
    beside = path.parent / "concepts.yaml"
    concepts = _concepts(beside if beside.exists() else data_folder("schemas") / "concepts.yaml")
    faults = Faults()
    items = faults.keys(placed, HEAD, "the structure")
    inherited = _inherited(items, path, above, faults)
    given = faults.keys(items["components"], items["components"].items, "components") if "components" in items else {}
    if "components" not in items:
        faults.add(placed.place, "the structure has no 'components'", "write components: {SEX: {codelist: CL_SEX}}")
    made = {component.id: component for component in inherited.components} if inherited else {}
    own = _own_codelists(path.parent)
    for id, entry in given.items():
        made[id] = _component(id, entry, concepts, own, faults)
    faults.component = ""
    _check_links(made, given, faults)
    faults.component = ""
    found = Structure(
        id=_id(items, placed.place, path.stem, faults),
        kind=_choice(items, "kind", get_args(Kind), inherited.kind if inherited else "record", faults),
        version=faults.text(items, "version", "the structure", needed=placed.place, mend="write version: 1.0"),
        names=_names(items, placed.place, faults),
        description=faults.text(items, "description", "the structure", needed=placed.place),
        unit=faults.text(items, "unit", "the structure") or (inherited.unit if inherited else ""),
        key=faults.texts(items.get("key"), "key") or (inherited.key if inherited else ()),
        components=tuple(made.values()),
        agency=faults.text(items, "agency", "the structure") or "MIGSTAT",
        codelists=_codelists(made.values(), own, inherited, faults),
    )
    for id in found.key:
        if id not in found:
            faults.add(items["key"].place, f"the key {id} is no component", nearest(id, found.ids))
    faults.settle()
    return found


def _inherited(items: dict[str, Placed], path: Path, above: tuple[str, ...], faults: Faults) -> Structure | None:
    id = faults.text(items, "extends", "the structure")
    if not id:
        return None
    place = items["extends"].place
    if id in (*above, path.stem):
        faults.add(place, f"{path.stem} extends itself: {' > '.join((*above, path.stem, id))}", "cut the circle")
        return None
    other = path.parent / f"{id}.yaml"
    if set(id) - set(ID) or not is_file(other):
        known = [one.stem for one in sorted(path.parent.glob("*.yaml")) if one.stem.isupper() and one != path]
        mend = nearest(id, known) if known else "put it into the same folder, or remove the line"
        faults.add(place, f"there is no structure {id[:80]} to extend", mend)
        return None
    try:
        return _read(other, (*above, path.stem))
    except MigstatError as error:
        faults.take(error)
        return None


def _component(id: str, entry: Placed, concepts: dict[str, Concept], own: dict[str, Path], faults: Faults) -> Component:
    faults.component = id
    if not id or set(id) - set(ID) or not id[0].isalpha():
        faults.add(entry.place, f"{id!r} is not an id: capitals, digits and _, a capital first", "write it as SEX")
    items = faults.keys(entry, COMPONENT, "the component")
    text = {key: faults.text(items, key, "the component") for key in ("codelist", "description", "source", "universe")}
    concept = faults.text(items, "concept", "the component") or id
    if concept not in concepts:
        place = items["concept"].place if "concept" in items else entry.place
        faults.add(place, f"there is no concept {concept}", f"add it to concepts.yaml, or {nearest(concept, concepts)}")
    of = concepts.get(concept, Concept(concept, {}))
    if text["codelist"] and text["codelist"] not in (known := (*own, *codelist_ids())):
        what, mend = f"there is no codelist {text['codelist']}", nearest(text["codelist"], known)
        faults.add(items["codelist"].place, what, mend)
    type = _choice(items, "type", get_args(Type), "code", faults)
    if (type == "code") != bool(text["codelist"]):
        what = "a code needs a codelist" if type == "code" else f"a {type} has no codelist"
        faults.add(entry.place, what, "give either a codelist, or a type: text | integer | number | year | date")
    lowest, highest = _bound(items, "minimum", faults), _bound(items, "maximum", faults)
    if (lowest, highest) != (None, None) and type not in ("integer", "number", "year"):
        faults.add(entry.place, f"a {type} has no minimum or maximum", "remove them")
    if lowest is not None and highest is not None and lowest > highest:
        faults.add(items["minimum"].place, f"the minimum {lowest:g} is above the maximum {highest:g}", "swap them")
    return Component(
        id=id,
        concept=concept,
        role=_choice(items, "role", get_args(Role), "dimension", faults),
        type=type,
        codelist=text["codelist"],
        required=_flag(items, "required", faults),
        minimum=lowest,
        maximum=highest,
        names=of.names,
        description=text["description"] or of.descriptions.get("en", ""),
        source=text["source"] or of.source,
        filled_by=_choice(items, "filled_by", get_args(FilledBy), "", faults),
        derived_from=faults.text(items, "derived_from", "the component"),
        universe=text["universe"],
        repeats=_flag(items, "repeats", faults),
        applies=_universe(items, id, faults),
        format=TIME if id == TIME_PERIOD and type == "text" else FORMATS.get(type, ""),
    )


def _own_codelists(folder: Path) -> dict[str, Path]:
    """Return the codelists beside a structure, by id: CL_X.csv with its CL_X.toml, or CL_X.xml or .json."""
    if folder == data_folder("schemas"):
        return {}
    found = (one for ending in (".json", ".xml", ".csv") for one in sorted(folder.glob(f"CL_*{ending}")))
    return {one.stem: one for one in found}


def _codelists(
    components: Iterable[Component], own: dict[str, Path], inherited: Structure | None, faults: Faults
) -> dict[str, Codelist]:
    """Read the codelists of the structure's own folder that its components use."""
    found = dict(inherited.codelists) if inherited else {}
    for id in dict.fromkeys(one.codelist for one in components if one.codelist in own):
        path = own[id]
        try:
            if path.suffix == ".csv":
                found[id] = read_codelist(path, path.with_suffix(".toml"), shipped=False)
            else:
                from migstat.read.sdmx.files import read_codelist_file

                found[id] = read_codelist_file(path, id)
        except MigstatError as error:
            faults.take(error)
    return found


def _universe(items: dict[str, Placed], id: str, faults: Faults) -> Expression | None:
    if "universe" not in items or not items["universe"].text:
        return None
    try:
        return parse_expression(items["universe"].text, items["universe"].place, id)
    except MigstatError as error:
        faults.take(error)
        return None


def _check_links(made: dict[str, Component], given: dict[str, Placed], faults: Faults) -> None:
    """Find what one component says of another that is not there."""
    for id, entry in given.items():
        faults.component = id
        component, items = made[id], entry.items
        if component.derived_from and component.derived_from not in made:
            what = f"derived from {component.derived_from}, which is no component"
            faults.add(items["derived_from"].place, what, nearest(component.derived_from, made))
        for name in columns_of(component.applies) if component.applies is not None else ():
            if name not in made:
                what = f"the universe reads {name}, which is no component"
                faults.add(items["universe"].place, what, nearest(name, made))


@cache
def _concepts(path: Path) -> dict[str, Concept]:
    placed = read_yaml(path)
    faults = Faults()
    found = {}
    for id, entry in faults.keys(placed, placed.items, "the concepts").items():
        faults.component = id
        items = faults.keys(entry, CONCEPT, "the concept")
        said = faults.text(items, "description", "the concept")
        found[id] = Concept(
            id,
            _names(items, entry.place, faults),
            {"en": said} if said else {},
            faults.text(
                items, "source", "the concept", needed=entry.place, mend="name the document, or: library choice"
            ),
        )
    faults.settle()
    return found


def _names(items: dict[str, Placed], place: Place, faults: Faults) -> dict[str, str]:
    if "names" not in items:
        faults.add(place, "there are no 'names'", "write names: {" + ", ".join(f"{one}: .." for one in LANGUAGES) + "}")
        return {}
    given = faults.keys(items["names"], LANGUAGES, "names")
    for language in LANGUAGES:
        if language not in given or not given[language].text:
            faults.add(items["names"].place, f"there is no name in {language!r}", f"add {language} to the names")
    return {language: given[language].text for language in LANGUAGES if language in given}


def _id(items: dict[str, Placed], place: Place, stem: str, faults: Faults) -> str:
    id = faults.text(items, "id", "the structure", needed=place, mend=f"write id: {stem}")
    if id and id != stem:
        faults.add(items["id"].place, f"the id {id} is not the name of the file", f"write id: {stem}")
    return id


def _choice(items: dict[str, Placed], key: str, known: Iterable[str], default: str, faults: Faults) -> Any:
    return faults.choice(items, key, known, default)


def _flag(items: dict[str, Placed], key: str, faults: Faults) -> bool:
    return faults.choice(items, key, ("true", "false"), "false") == "true"


def _bound(items: dict[str, Placed], key: str, faults: Faults) -> float | None:
    if key not in items:
        return None
    try:
        return float(items[key].text)
    except ValueError:
        faults.add(items[key].place, f"{key}: {shape(items[key])} is not a number", "write a number such as 130")
        return None
