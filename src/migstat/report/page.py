"""One self-contained page: a template, its style, and how numbers are shown."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from migstat.words.how_many import how_many


def render(template: str, **facts: object) -> str:
    """Return a page as HTML that needs no other file, no network and no script; every value is escaped."""
    return _environment().get_template(template).render(**facts)


def source(template: str) -> str:
    """Return a file of the templates as it stands."""
    return files("migstat.report").joinpath("templates", template).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("migstat.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"number": number, "percent": percent, "how_many": how_many}
    return environment


def number(value: float) -> str:
    """Write a number for people: thousands apart, one decimal where it is not whole.

    >>> number(1234567), number(514.25)
    ('1,234,567', '514.2')
    """
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def percent(part: float, whole: float) -> str:
    """Write a share so that little is never shown as nothing, nor nearly all as all.

    >>> percent(1, 8), percent(1, 100_000), percent(99_999, 100_000), percent(0, 8)
    ('12.5 %', '<0.1 %', '>99.9 %', '0 %')
    """
    if not whole:
        return ""
    share = 100 * part / whole
    if share in (0, 100):
        return f"{share:.0f} %"
    return "<0.1 %" if share < 0.1 else ">99.9 %" if share > 99.9 else f"{share:.1f} %"
