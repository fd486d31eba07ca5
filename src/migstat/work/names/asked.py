"""A text looked up among the names: as it stands, then freed of what does not tell one area from another."""

from dataclasses import replace

from migstat.work.names.found import Found, settled
from migstat.work.names.gazetteer import CJK_DESIGNATORS, CORE, Called, Gazetteer, long_enough, without_designators
from migstat.work.names.spelling import ARTICLES, key, listed, plain, words_of

CIVIC = frozenset(
    word
    for text in (
        "citizen citizenship national nationality nationals people person born native",
        "citoyen citoyenne ressortissant ressortissante nationalite personne",
        "ciudadano ciudadana nacional nacionalidad natural nacido persona cidadao cidada nacionalidade pessoa",
        "staatsangehoriger staatsangehorige staatsangehorigkeit burger staatsburger staatsburgerin",
        "гражданин гражданка гражданство граждане гражданина",
        "مواطن مواطنه جنسيه جنسيته",
    )
    for word in words_of(plain(text))
)
PEOPLE = ("公民", "国籍", "國籍", "籍", "人")
FORMER = frozenset(
    words_of(
        plain(
            "former formerly ex ancien ancienne anciennement antiguo antigua antigo antiga ehemalig ehemalige "
            "ehemaliger ehemaliges fruhere бывший бывшая бывшее бывшие سابق سابقا سابقه 前 原"
        )
    )
)


NOW = listed("now today currently present previously known actuellement aujourd hui ahora hoy hoje agora heute jetzt")


def named(text: str, gazetteer: Gazetteer, language: str | None = None) -> Found | None:
    """Return what a text means as a name or nationality; None where nothing bears it."""
    spelling = plain(text)
    if entries := gazetteer.spellings.get(spelling):
        if language is None and _foreign_and_short(spelling, entries):
            areas = tuple(sorted({area for one in entries for area in one.areas}))
            what = f"a short name in {' '.join(sorted({said for one in entries for said in one.languages}))} only"
            return Found(areas, "ambiguous", 0.0, f"{what}; say the language")
        return _with_namesakes(settled(entries, language, 1.0, ""), spelling, gazetteer)
    telling = key(text)
    if entries := gazetteer.keys.get(telling):
        found = settled(entries, language, 0.97, ", written otherwise")
        return replace(_with_namesakes(found, telling, gazetteer), doubtful=True)
    return (
        _citizens(spelling, telling, gazetteer, language)
        or _once(telling, gazetteer)
        or _bare(telling, gazetteer, spelling)
    )


def _foreign_and_short(spelling: str, entries: list[Called]) -> bool:
    """Say whether a text is so short that it is a word in many languages, and a name in none of ours."""
    ours = any(not one.languages or one.languages & CORE for one in entries)
    return not ours and not long_enough(spelling)


def _with_namesakes(found: Found, telling: str, gazetteer: Gazetteer) -> Found:
    """Lower the confidence of a name that another area bears as well, but for a word such as republic."""
    if found.how not in ("name", "alias") or found.area is None:
        return found
    other = {
        area
        for area in gazetteer.reduced.get(telling, ())
        if area and area != found.area and not gazetteer.areas[area].former_kind
    }
    if not other or gazetteer.areas[found.area].former_kind:
        return found
    reason = f"{found.reason}; {', '.join(sorted(other))} is called so too, with a word more"
    return replace(found, confidence=min(found.confidence, 0.93), reason=reason, hints=tuple(sorted(other)))


def _citizens(spelling: str, telling: str, gazetteer: Gazetteer, language: str | None) -> Found | None:
    for ending in PEOPLE:
        stem = spelling.removesuffix(ending)
        if stem and stem != spelling and (entries := gazetteer.spellings.get(stem)):
            found = settled(entries, language, 0.95, "")
            return replace(found, how="nationality") if found.area else found
    words = telling.split()
    kept = [word for word in words if word not in CIVIC]
    if not kept or len(kept) == len(words) or not (entries := gazetteer.keys.get(" ".join(kept))):
        return None
    found = settled(entries, language, 0.95, "")
    if found.area is None or found.how == "part":
        return found
    return replace(found, doubtful=True, how="nationality", reason=f"the nationality: {found.reason}")


def _once(telling: str, gazetteer: Gazetteer) -> Found | None:
    """Read "former X": a former area, or the state that X was before it changed its territory."""
    words = telling.split()
    kept = " ".join(word for word in words if word not in FORMER)
    if not kept or kept == telling:
        return None
    found = settled(entries, None, 0.93, "") if (entries := gazetteer.keys.get(kept)) else _bare(kept, gazetteer, kept)
    if found is None or found.area is None:
        return found
    if gazetteer.areas[found.area].former_kind:
        return found
    before = [
        one
        for one in gazetteer.formers.get(found.area, ())
        if gazetteer.areas[one].former_kind == "territorial change" and found.area in gazetteer.areas[one].shares
    ]
    if len(before) == 1:
        return Found((before[0],), "former name", 0.92, f"what {found.area} was before", "former")
    return Found((found.area,), "ambiguous", 0.0, f"{found.area} is no former area")


def _bare(telling: str, gazetteer: Gazetteer, spelling: str) -> Found | None:
    """Look a name up without republic, kingdom and the like."""
    bare = without_designators(telling)
    alone = " ".join(word for word in bare.split() if word != "island")
    ways = (bare, CJK_DESIGNATORS.sub("", telling), alone)
    way, areas = next(((one, there) for one in ways if (there := gazetteer.reduced.get(one))), ("", set()))
    if "" in areas or not areas:
        what = "a group, region or place, not a country"
        return Found((), "not a country", 0.0, what) if areas else None
    entries = gazetteer.keys.get(way, []) if way != telling else []
    meant = tuple(sorted(areas.union(*(one.areas for one in entries))))
    if len(meant) > 1:
        return Found(meant, "ambiguous", 0.0, f"may mean any of {', '.join(meant)}")
    doubtful = not ARTICLES & set(spelling.split())
    if entries:
        return replace(settled(entries, None, 0.94, ", but for a word such as republic"), doubtful=doubtful)
    return Found(meant, "alias", 0.94, "the name but for a word such as republic", doubtful=doubtful)


def beside(text: str, gazetteer: Gazetteer, language: str | None = None) -> Found | None:
    """Return what a remark means, such as "now X" or "formerly X"."""
    found = named(text, gazetteer, language)
    if found is not None and (found.area or found.how == "not a country"):
        return found
    words = [word for word in words_of(plain(text)) if word not in FORMER | NOW]
    entries = gazetteer.keys.get(" ".join(sorted(words)))
    return settled(entries, language, 0.93, "") if words and entries else found
