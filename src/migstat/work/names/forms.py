"""The forms of a nationality: for a woman, for several, declined; in languages that make them from the name."""

from collections.abc import Iterator

ENDINGS = {
    "fr": (
        ("ien", ("ienne",)), ("éen", ("éenne",)), ("yen", ("yenne",)), ("ain", ("aine",)), ("ais", ("aise",)),
        ("ois", ("oise",)), ("on", ("onne",)), ("an", ("ane", "anne")), ("ol", ("ole",)), ("in", ("ine",)),
        ("and", ("ande",)), ("ec", ("ecque",)), ("ar", ("are",)), ("ek", ("eke", "èke")), ("é", ("ée",)),
    ),
    "es": (
        ("o", ("a",)), ("és", ("esa", "eses")), ("án", ("ana", "anes")), ("ón", ("ona", "ones")),
        ("ol", ("ola", "oles")), ("í", ("íes",)), ("r", ("ra", "res")), ("ín", ("ina", "ines")),
    ),
    "pt": (
        ("ês", ("esa", "eses")), ("ão", ("ã", "ães", "ões", "ãs", "ona")), ("o", ("a",)), ("eu", ("eia",)),
        ("ol", ("ola", "óis")), ("r", ("ra",)), ("z", ("za",)),
    ),
}  # fmt: skip
"""How the word for a man ends, and how those for a woman and for several do."""


def forms(name: str, language: str) -> Iterator[str]:
    """Give a nationality in all its forms, itself first; that a form is not used does no harm.

    >>> sorted(forms("français", "fr")), list(forms("dänisch", "de"))[:3]
    (['français', 'française'], ['dänisch', 'dänische', 'dänischer'])
    """
    yield name
    match language:
        case "fr" | "es" | "pt":
            for ending, others in ENDINGS[language]:
                if name.endswith(ending):
                    yield from (name.removesuffix(ending) + other for other in others)
                    break
        case "de":
            yield from _german(name)
        case "ru" if name.endswith(("ий", "ый")):
            yield from (name[:-2] + ending for ending in ("ая", "ое", "ие"))
        case "ru" if name.endswith("ец"):
            yield name[:-2] + "цы"
        case "ru":
            yield name + "ы"
        case "en" if name.endswith("man"):
            yield name.removesuffix("man") + "men"
        case "ar" if name.endswith("ي"):
            yield from (name + ending for ending in ("ة", "ون", "ين", "ات"))
        case _:
            pass


def arabic_nationality(name: str) -> str | None:
    """Return the nationality that Arabic makes of a name of one word: of Tunis, tunisi.

    >>> arabic_nationality("العراق"), arabic_nationality("ليبيا")
    ('عراقي', 'ليبي')
    """
    stem = name.removeprefix("ال")
    for ending in ("يا", "ية", "ا", "ة", "ي", "و"):
        if stem.endswith(ending):
            stem = stem.removesuffix(ending)
            break
    return stem + "ي" if len(stem) >= 2 and " " not in name else None


def _german(name: str) -> Iterator[str]:
    if name.endswith("isch") or name == "deutsch":
        yield from (name + ending for ending in ("e", "er", "en", "es", "em"))
    if name.endswith("isch"):
        stem = name.removesuffix("isch")
        yield from (stem + ending for ending in ("er", "erin", "erinnen"))
    if name[0].isupper():
        stem = name.removesuffix("e")
        yield from (stem + ending for ending in ("in", "en", "n", "innen"))
