"""Addresses of databases: told without user, password and parameters."""

import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_USER = re.compile(r"\b([A-Za-z][A-Za-z0-9+.-]+:/{1,3})[^\s@]*:[^\s]*@")
_PASSWORD = re.compile(r"(?i)\b(password|passwd|pwd)\s*=\s*('[^']*'|[^\s&;]+)")


def is_address(source: object) -> bool:
    """Tell whether a source is the address of a database, and not a path."""
    return isinstance(source, str) and ADDRESS.match(source) is not None


def told(source: str) -> str:
    """Return what a source is called where it is shown: the name of a file, or a database without user and password.

    >>> told("postgresql://eva:secret@server:5433/register?table=persons")
    'postgresql://server:5433/register'
    >>> told("folder/persons.csv")
    'persons.csv'
    """
    found = ADDRESS.match(source)
    if found is None:
        return PurePosixPath(source.replace("\\", "/")).name
    scheme = found[1].lower()
    try:
        parts = urlsplit(source)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return f"{scheme}://..."
    name = PurePosixPath(unquote(parts.path)).name if scheme == "duckdb" else parts.path.lstrip("/")
    return f"{scheme}://{host}{port}/{name}"


def without_secrets(text: str) -> str:
    """Return a text as it may be shown: addresses in it without user and password, and no ``password=``.

    >>> without_secrets("jdbc:postgresql://eva:secret@server/register")
    'jdbc:postgresql://server/register'
    >>> without_secrets("host=server password=secret dbname=register")
    'host=server password=... dbname=register'
    """
    return _PASSWORD.sub(r"\1=...", _USER.sub(r"\1", text))
