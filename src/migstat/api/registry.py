"""Registries: fetch an artefact and keep it as it came, and submit one."""

import datetime
import json
import math
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from migstat.read.download import Downloaded, Limits, download, failed, send
from migstat.read.sdmx.files import read_artefacts, read_codelist_file, read_structure_file
from migstat.read.sdmx_registry import ACCEPT, Registry, Rest, address, file_stem, kind_of, registry, registry_ids
from migstat.read.structure_maps import read_structure_map
from migstat.read.xml import elements, root
from migstat.words.artefacts import Artefacts
from migstat.words.codelist import Codelist
from migstat.words.finding import MigstatError, misuse
from migstat.words.structure import Structure
from migstat.words.structure_map import StructureMap
from migstat.write.atomic import beside, write_text

__all__ = ["Fetched", "cache_folder", "fetch", "registry_ids", "submit"]
Pathlike = str | os.PathLike[str]
JSON = "application/vnd.sdmx.structure+json"
REFUSED = re.compile(rb'status\s*=\s*"Failure"|"status"\s*:\s*"(?:failure|error)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fetched:
    """An artefact as it came from a registry: its file, and the facts of how it came.

    ``facts`` are address, date, bytes, sha256, kind, agency, id and version, and what the server said.
    """

    path: Path
    facts: Mapping[str, Any] = field(hash=False)

    def artefacts(self) -> Artefacts:
        """Read all that the message holds."""
        return read_artefacts(self.path)

    def codelist(self) -> Codelist:
        """Read the codelist that was asked for."""
        found = read_codelist_file(self.path, str(self.facts["id"]))
        day = datetime.date.fromisoformat(str(self.facts["retrieved"])[:10])
        return replace(found, source=found.source or str(self.facts["address"]), retrieved=day)

    def structure(self) -> Structure:
        """Read the structure that was asked for, with the codelists that came with it."""
        return read_structure_file(self.path, str(self.facts["id"]))

    def structure_map(self) -> StructureMap:
        """Read the structure map that was asked for, with the representation maps that came with it."""
        return read_structure_map(self.path, str(self.facts["id"]))


def fetch(
    source: str,
    id: str,
    *,
    kind: str | None = None,
    agency: str | None = None,
    version: str = "latest",
    references: str | None = None,
    into: Pathlike | None = None,
    offline: bool = False,
    rest: Rest | None = None,
    cache: Pathlike | None = None,
    timeout: float = 30.0,
    tries: int = 4,
    largest: int = 512 << 20,
    wait: float = 0.5,
) -> Fetched:
    """Fetch an artefact from a registry, and keep the bytes as they came with address, date and sha256.

    ``source`` is the name of a registry, such as ESTAT (``registry_ids()`` lists them), or its address. The kind of
    artefact follows from the id (CL_ a codelist, DSD_ a structure with what it refers to, SM_ a structure map) unless
    ``kind`` says it. What arrived whole is kept in the cache folder, from where ``offline=True`` takes it without any
    network; ``into`` is a folder for a copy. What did not arrive whole, or is no structure message, is not kept.
    Raises MigstatError with the address and what the server did.
    """
    if not 0 < timeout < math.inf:
        raise misuse(f"a timeout of {timeout:g} seconds", "write such as 30", place="fetch", component="timeout")
    asked = registry(source, rest)
    wanted = kind_of(id, kind)
    agency = agency or asked.agency
    if not agency:
        raise misuse(f"{source}: no agency", "name the agency that maintains it, such as agency='ESTAT' (--agency)")
    if references is None:
        references = "all" if wanted in {"datastructure", "dataflow", "structuremap"} else "none"
    folder = (Path(cache) if cache is not None else cache_folder()) / "registry" / asked.id
    stem = file_stem(wanted, agency, id, version)
    if offline:
        kept = _kept(folder, stem, asked)
    else:
        where = address(asked, wanted, agency, id, version, references)
        try:
            came = download(where, ACCEPT[asked.rest], Limits(timeout, tries, largest, wait))
        except MigstatError as error:
            raise _with_copy(error, folder, stem) from None
        named = {"source": asked.id, "kind": wanted, "agency": agency, "id": id, "version": version or "latest"}
        kept = _keep(came, folder, stem, {**named, "asked": where})
    if into is None:
        return kept
    return _copied(kept, Path(into))


def submit(
    url: str,
    path: Pathlike,
    *,
    method: str = "POST",
    token: str | None = None,
    timeout: float = 60.0,
) -> dict[str, Any]:
    """Send a structure message to a registry that takes them over HTTP; return the status and what it answered.

    ``url`` is the address that takes structures, which each registry names itself. ``token`` is sent as a bearer token,
    over https only; without one MIGSTAT_REGISTRY_TOKEN of the environment is taken. Nothing is sent twice.
    Raises MigstatError where the registry refuses, with its words.
    """
    body = Path(path).read_bytes() if Path(path).is_file() else _no_file(path)
    if body.lstrip()[:1] == b"{":
        content = f"{JSON};version=2.0.0"
    else:
        space, name = root(Path(path))
        if name not in {"Structure", "RegistryInterface"}:
            raise misuse(f"{Path(path).name} is a message {name}", "name a structure message")
        version = re.search(r"/v(\d)_(\d)/", space)
        said = f"{version[1]}.{version[2]}" if version else "3.0"
        content = f"application/vnd.sdmx.structure+xml;version={said if said == '2.1' else f'{said}.0'}"
    if method not in {"POST", "PUT"}:
        raise misuse(f"method {method}: structures are sent by POST or PUT", "write POST or PUT")
    key = os.environ.get("MIGSTAT_REGISTRY_TOKEN", "") if token is None else token
    status, answer = send(url, body, content, method=method, token=key, limits=Limits(timeout=timeout))
    text = answer.decode("utf-8", "replace").strip()
    if status >= 400 or REFUSED.search(answer):
        told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).strip()[:300]
        raise failed(
            url, f"the registry refuses it ({status}): {told or 'no reason given'}", "mend it, and send it again"
        )
    return {"status": status, "address": url, "bytes": len(body), "sha256": sha256(body).hexdigest(), "answer": text}


def cache_folder() -> Path:
    """Return the folder in which what was fetched is kept: MIGSTAT_CACHE, or the one for caches on this system."""
    if named := os.environ.get("MIGSTAT_CACHE"):
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "migstat" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "migstat"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "migstat"


def _keep(came: Downloaded, folder: Path, stem: str, named: dict[str, Any]) -> Fetched:
    """Keep what came, if it is whole: the bytes, and their facts beside."""
    is_json = "json" in came.content_type.lower() or came.data.lstrip()[:1] == b"{"
    if "html" in came.content_type.lower():
        raise failed(came.address, "the registry answers with a page, not with structures", "check the address")
    path = folder / f"{stem}.{'json' if is_json else 'xml'}"
    with beside(path) as part:
        part.write_bytes(came.data)
        _check(part, came, is_json)
    facts = {
        **named,
        "address": came.address,
        "retrieved": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "file": path.name,
        "bytes": len(came.data),
        "sha256": sha256(came.data).hexdigest(),
        "content_type": came.content_type,
        "etag": came.headers.get("etag", ""),
        "last_modified": came.headers.get("last-modified", ""),
    }
    write_text(folder / f"{stem}.facts.json", json.dumps(facts, ensure_ascii=False, indent=2) + "\n")
    return Fetched(path, facts)


def _check(part: Path, came: Downloaded, is_json: bool) -> None:
    """Read a message to its end: what is not well formed, or says that something went wrong, is not kept."""
    if is_json:
        try:
            said = json.loads(came.data)
        except (ValueError, RecursionError) as error:
            raise failed(came.address, f"the answer is not whole JSON: {error}", "try again later") from None
        if not isinstance(said, dict) or "data" not in said:
            raise failed(came.address, "the answer holds no structures", "check agency, id and version")
        return
    try:
        _, name = root(part)
        told = [element.text or "" for _, element in elements(part, ["Text"] if name == "Error" else ["Header"])]
    except MigstatError as error:
        (fault, *_) = error.findings
        raise failed(came.address, f"the answer {fault.what}", fault.mend) from None
    if name == "Error":
        raise failed(came.address, f"the registry answers: {' '.join(told)}", "check agency, id and version")
    if name != "Structure":
        what = f"the answer is a message {name}, not one of structures"
        raise failed(came.address, what, "check the address")


def _kept(folder: Path, stem: str, asked: Registry) -> Fetched:
    facts_path = folder / f"{stem}.facts.json"
    try:
        facts = json.loads(facts_path.read_text(encoding="utf-8"))
        path = folder / Path(facts["file"]).name
        data = path.read_bytes()
    except (OSError, ValueError, KeyError, TypeError):
        what = f"{stem} of {asked.id} is not in the cache"
        raise misuse(what, "fetch it once with a network", place=str(folder)) from None
    if sha256(data).hexdigest() != facts.get("sha256"):
        what = f"{path.name} is not what was fetched: its sha256 differs"
        raise misuse(what, "fetch it again with a network", place=str(folder))
    return Fetched(path, facts)


def _with_copy(error: MigstatError, folder: Path, stem: str) -> MigstatError:
    """Say in the mend that there is an older copy, if there is one; it is never taken unasked."""
    try:
        facts = json.loads((folder / f"{stem}.facts.json").read_text(encoding="utf-8"))
        day = str(facts["retrieved"])[:10]
    except (OSError, ValueError, KeyError, TypeError):
        return error
    mend = f"; or take the copy of {day} (offline=True, --offline)"
    return MigstatError(replace(finding, mend=finding.mend + mend) for finding in error.findings)


def _copied(kept: Fetched, into: Path) -> Fetched:
    if into.exists() and not into.is_dir():
        raise misuse(f"{into} is not a folder", "name a folder for the copy")
    path = into / kept.path.name
    with beside(path) as part:
        part.write_bytes(kept.path.read_bytes())
    stem = path.name.removesuffix(path.suffix)
    write_text(into / f"{stem}.facts.json", json.dumps(dict(kept.facts), ensure_ascii=False, indent=2) + "\n")
    return Fetched(path, kept.facts)


def _no_file(path: Pathlike) -> bytes:
    raise misuse("there is no such file", "check the path", place=str(path))
