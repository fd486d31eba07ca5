"""Reliability policies in: schemas/reliability/*.yaml, or a file of an office's own."""

from functools import cache
from pathlib import Path

from migstat.read.codelists import codelist, data_folder
from migstat.read.mappings.faults import Faults, nearest
from migstat.read.placed import Placed, read_yaml
from migstat.words.finding import misuse
from migstat.words.reliability import Band, Policy

KEYS = ("id", "text", "source", "standing", "minimum_n", "bands")


@cache
def policy_ids() -> tuple[str, ...]:
    """Return the ids of the policies that ship.

    >>> policy_ids()
    ('CV_BANDS',)
    """
    return tuple(sorted(path.stem for path in (data_folder("schemas") / "reliability").glob("*.yaml")))


def policy(named: str) -> Policy:
    """Return a policy that ships, by its id, or one of a YAML file; raise MigstatError with all that is wrong.

    >>> policy("CV_BANDS").bands[0].up_to
    16.6
    """
    if named.endswith((".yaml", ".yml")):
        path = Path(named)
        if not path.is_file():
            raise misuse("there is no such policy", "name a YAML file, or CV_BANDS", place=path.name)
        return read_policy(path)
    if named not in policy_ids():
        raise misuse(f"there is no reliability policy {named}", nearest(named, policy_ids()), place="reliability")
    return read_policy(data_folder("schemas") / "reliability" / f"{named}.yaml")


def read_policy(path: Path) -> Policy:
    """Read the policy of a file."""
    placed, faults = read_yaml(path), Faults()
    items = faults.keys(placed, KEYS, "the policy")
    texts = {
        key: faults.text(items, key, "the policy", needed=placed.place) for key in ("id", "text", "source", "standing")
    }
    bands = _bands(items, placed, faults)
    least = faults.whole(items, "minimum_n") or 0
    faults.settle()
    return Policy(**texts, bands=bands, minimum_n=least)


def _bands(items: dict[str, Placed], placed: Placed, faults: Faults) -> tuple[Band, ...]:
    if "bands" not in items:
        faults.add(placed.place, "the policy has no 'bands'", "write bands: [{up_to: 16.6, flag: A}, {flag: F}]")
        return ()
    found: list[Band] = []
    entries = items["bands"].entries
    for number, entry in enumerate(entries, 1):
        inner = faults.keys(entry, ("up_to", "flag", "obs_status"), "the band")
        last = number == len(entries)
        if ("up_to" in inner) == last:
            what = "the last band has an 'up_to'" if last else "a band before the last has no 'up_to'"
            mend = "leave it out: the last band takes all that is left" if last else "write up_to: 16.6, in per cent"
            faults.add(entry.place, what, mend)
        up_to = faults.number(inner, "up_to")
        if up_to is not None and found and found[-1].up_to is not None and up_to <= found[-1].up_to:
            faults.add(inner["up_to"].place, f"up_to: {up_to:g} is not above the band before", "order them by size")
        codes = {
            key: faults.choice(inner, key, codelist(list).ids, "A" if key == "obs_status" else "")
            for key, list in (("flag", "CL_RELIABILITY"), ("obs_status", "CL_OBS_STATUS"))
        }
        if "flag" not in inner:
            faults.add(entry.place, "the band has no 'flag'", f"one of {', '.join(codelist('CL_RELIABILITY').ids)}")
        found.append(Band(codes["flag"], codes["obs_status"], up_to))
    return tuple(found)
