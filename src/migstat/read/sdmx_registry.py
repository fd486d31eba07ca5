"""Registries: where each one is and how it is asked, from sdmx1's list of sources; the one door to sdmx1."""

import os
import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import quote

from migstat.words.finding import Misuse, misuse

Rest = Literal["1", "2"]
"""Version 1 of the REST interface goes with SDMX 2.1, version 2 with SDMX 3.0."""
Kind = Literal[
    "codelist", "conceptscheme", "datastructure", "dataflow", "hierarchy", "hierarchicalcodelist",
    "contentconstraint", "dataconstraint", "structuremap", "representationmap", "valuelist",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
BY_NAME: tuple[tuple[str, Kind], ...] = (
    ("CL_", "codelist"), ("CS_", "conceptscheme"), ("DSD_", "datastructure"), ("DF_", "dataflow"),
    ("HCL_", "hierarchicalcodelist"), ("H_", "hierarchy"), ("SM_", "structuremap"), ("RM_", "representationmap"),
    ("VL_", "valuelist"),
)  # fmt: skip
AGENCIES = {"SGR": "SDMX", "ILO": "ILO", "WB": "WB", "WB_WDI": "WB", "IMF_DATA": "IMF", "UNSD": "UNSD"}
"""The agency to ask for where the name of the source is not it."""
ACCEPT = {
    "1": "application/vnd.sdmx.structure+xml;version=2.1, application/xml;q=0.8",
    "2": "application/vnd.sdmx.structure+xml;version=3.0.0, application/vnd.sdmx.structure+xml;q=0.9, "
    "application/xml;q=0.8",
}
MINE = "MIGSTAT_REGISTRIES"
"""The environment's name of a TOML file of more registries: a table each, with url, rest and agency."""


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry: its address, the version of its interface, and the agency that is asked for unless one is named."""

    id: str
    url: str
    rest: Rest = "1"
    agency: str = ""
    known: bool = False
    """It is one of sdmx1's."""


def registry_ids() -> tuple[str, ...]:
    """Return the names of all registries that are known: those of sdmx1, and those of the file in the environment."""
    import sdmx.source

    return tuple(sorted({*sdmx.source.list_sources(), *_mine()}))


def registry(name: str, rest: Rest | None = None) -> Registry:
    """Return a registry by name or by address; raise Misuse with the nearest name where there is none."""
    if re.match(r"https?://", name):
        url = name.rstrip("/")
        return Registry(_file_name(url.partition("://")[2]), url, rest or ("2" if url.endswith("/v2") else "1"))
    mine = _mine()
    if name in mine:
        return mine[name]
    import sdmx.source

    known = sdmx.source.list_sources()
    if name not in known:
        near = get_close_matches(name.upper(), {**dict.fromkeys(known), **mine}, 3, 0.5)
        mend = f"write {', or '.join(near)}; or the address of a registry" if near else "write its address: https://..."
        raise misuse(f"there is no registry {name}", mend)
    source = sdmx.source.get_source(name)
    newer = any(version.name.startswith("3") for version in source.versions)
    agency = AGENCIES.get(name.removesuffix("3"), name.removesuffix("3").partition("_")[0])
    return Registry(name, source.url.rstrip("/"), rest or ("2" if newer else "1"), agency, known=True)


def address(registry: Registry, kind: Kind, agency: str, id: str, version: str, references: str) -> str:
    """Return the address of an artefact; sdmx1 builds it for the registries that it knows, where they speak 2.1."""
    if registry.known and registry.rest == "1" and not re.search(r"[^\w.@$-]", agency + id + version):
        import sdmx.source
        from sdmx.rest import Resource

        source = sdmx.source.get_source(registry.id)
        if kind in {one.value for one in Resource} and not any(one.name.startswith("3") for one in source.versions):
            asked = {"agency_id": agency, "resource_id": id, "version": version, "references": references}
            url: str = source.get_url_class()(source, Resource(kind), **asked).join()
            return url
    if registry.rest == "2" and version in {"latest", ""}:
        version = "~"
    path = "/".join(quote(part, safe="~+*,") for part in (agency, id, version or "latest"))
    middle = "structure/" if registry.rest == "2" else ""
    return f"{registry.url}/{middle}{kind}/{path}?references={references}"


def kind_of(id: str, kind: str | None = None) -> Kind:
    """Return what kind of artefact is asked for: the one named, or the one that the id begins with."""
    if kind is None:
        return next((known for start, known in BY_NAME if id.startswith(start)), "codelist")
    found = next((known for known in KINDS if known == kind.lower()), None)
    if found is None:
        near = get_close_matches(kind.lower(), KINDS, 1)
        raise misuse(f"{kind} is no kind of artefact", f"write {near[0]}" if near else f"one of {', '.join(KINDS)}")
    return found


def file_stem(kind: str, agency: str, id: str, version: str) -> str:
    """Return the name under which an artefact is kept."""
    return _file_name(f"{kind}.{agency}.{id}.{version or 'latest'}")


def _file_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.@$-]", "_", text).lstrip(".")[:150] or "_"


def _mine() -> dict[str, Registry]:
    """Read the registries of an office of its own."""
    named = os.environ.get(MINE)
    if not named:
        return {}
    path = Path(named)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise misuse(f"{MINE}: {path.name} cannot be read: {error}", "check the path") from None
    except tomllib.TOMLDecodeError as error:
        raise misuse(f"{MINE}: {path.name} is not TOML: {error}", "mend it there") from None
    return {id: _one(id, table, path.name) for id, table in tables.items()}


def _one(id: str, table: object, name: str) -> Registry:
    said = table if isinstance(table, dict) else {}
    url, rest, agency = (str(said.get(key, default)) for key, default in (("url", ""), ("rest", "1"), ("agency", id)))
    if not re.match(r"https?://", url) or rest not in {"1", "2"}:
        raise _wrong(id, name)
    return Registry(id, url.rstrip("/"), "2" if rest == "2" else "1", agency)


def _wrong(id: str, name: str) -> Misuse:
    mend = f'write [{id}] with url = "https://..." and rest = "1" (SDMX 2.1) or "2" (SDMX 3.0)'
    return misuse(f"{MINE}: {id} in {name} has no url of https, or another rest than 1 and 2", mend)
