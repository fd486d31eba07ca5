"""Download: one resource over HTTP, whole or not at all, in bounded time and space."""

import http.client
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import urljoin, urlsplit

from migstat.words.finding import Finding, MigstatError, Place, misuse

PIECE = 1 << 16
MOST_REDIRECTS = 5
AGAIN = frozenset({429, 500, 502, 503, 504})
"""The answers of a server that may do better soon."""
MOST_WAIT = 30.0
PLAIN = frozenset({"", "identity"})


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What arrived: the bytes, where they came from in the end, and what the server said of them."""

    data: bytes
    address: str
    content_type: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much: seconds for each answer, tries, and bytes."""

    timeout: float = 30.0
    tries: int = 4
    largest: int = 512 << 20
    wait: float = 0.5
    """Seconds before the second try; twice as long before each further one."""


def download(
    address: str, accept: str, limits: Limits | None = None, sleep: Callable[[float], Any] = time.sleep
) -> Downloaded:
    """Return the bytes at an address, through the proxies that the environment names.

    What a server may do better in a moment is tried again: no connection, no answer in time, an answer that breaks off,
    500, 502, 503, 504 and 429. Redirects are followed five times, on the same host, and never from https to http.
    Raises MigstatError where nothing whole arrived.
    """
    limits = limits or Limits()
    _check_scheme(address, address)
    for number in range(1, limits.tries + 1):
        try:
            return _once(address, accept, limits)
        except _Again as fault:
            if number == limits.tries:
                tried = f" ({number} tries)" if number > 1 else ""
                raise failed(address, f"{fault}{tried}", fault.mend) from None
            sleep(min(MOST_WAIT, max(fault.after, limits.wait * 2 ** (number - 1))))
    raise AssertionError


def send(
    address: str, body: bytes, content_type: str, *, method: str = "POST", token: str = "", limits: Limits | None = None
) -> tuple[int, bytes]:
    """Send bytes to an address once, and return status and answer; nothing is tried again, and no redirect followed.

    A ``token`` is sent over https only, or to this machine.
    """
    limits = limits or Limits()
    _check_scheme(address, address)
    headers = {"Content-Type": content_type, "Accept": "application/xml, application/json;q=0.9, */*;q=0.1"}
    if token:
        parts = urlsplit(address)
        if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise misuse(f"{address}: a token would go unencrypted", "write the address with https")
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(address, body, headers, method=method)  # noqa: S310
    try:
        with _opener().open(request, timeout=limits.timeout) as answer:
            return answer.status, _body(answer, limits, address)
    except urllib.error.HTTPError as error:
        if 300 <= error.code < 400:
            raise failed(
                address, f"the server redirects to {error.headers.get('Location')}", "name that address"
            ) from None
        return error.code, error.read(PIECE)
    except (OSError, http.client.HTTPException) as error:
        raise failed(address, f"no answer: {_plain(error)}", "check the address and the network") from None
    except _Again as error:
        raise failed(address, str(error), error.mend) from None


class _Again(Exception):
    """What may go better in a moment."""

    def __init__(self, what: str, mend: str, after: float = 0.0) -> None:
        super().__init__(what)
        self.mend = mend
        self.after = after


def _once(address: str, accept: str, limits: Limits) -> Downloaded:
    at = address
    for _ in range(MOST_REDIRECTS + 1):
        headers = {"Accept": accept, "Accept-Encoding": "gzip, identity;q=0.5", "User-Agent": "migstat"}
        request = urllib.request.Request(at, headers=headers)  # noqa: S310
        try:
            with _opener().open(request, timeout=limits.timeout) as answer:
                data = _body(answer, limits, at)
                said: Message = answer.headers
                return Downloaded(
                    data, at, said.get("Content-Type", ""), {key.lower(): value for key, value in said.items()}
                )
        except urllib.error.HTTPError as error:
            with error:
                if error.code not in {301, 302, 303, 307, 308}:
                    raise _refused(at, error) from None
                at = _redirected(address, at, error.headers.get("Location") or "")
        except (OSError, http.client.HTTPException) as error:
            raise _Again(f"no answer: {_plain(error)}", "check the address, the network and its proxy") from None
    raise failed(address, f"the server redirects more than {MOST_REDIRECTS} times", "ask for its right address")


def _opener() -> urllib.request.OpenerDirector:
    """Open http and https only: no files, and no redirect that nobody looked at."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _body(answer: Any, limits: Limits, address: str) -> bytes:
    """Read an answer to its end, unpacked; what is cut off is no answer."""
    packed = (answer.headers.get("Content-Encoding") or "").strip().lower()
    if packed not in PLAIN | {"gzip", "x-gzip"}:
        raise failed(address, f"the answer is packed as {packed}", "ask for it unpacked, or as gzip")
    unpack = zlib.decompressobj(16 + zlib.MAX_WBITS) if packed not in PLAIN else None
    promised = answer.headers.get("Content-Length")
    began, came, pieces, size = time.monotonic(), 0, [], 0
    longest = 20 * limits.timeout
    try:
        while piece := answer.read1(PIECE):
            came += len(piece)
            made = piece if unpack is None else unpack.decompress(piece, limits.largest - size + 1)
            size += len(made)
            pieces.append(made)
            if max(size, came) > limits.largest:
                what = f"the answer is larger than {limits.largest:,} bytes"
                raise failed(address, what, "ask for less, or raise the limit")
            if time.monotonic() - began > longest:
                raise _Again(
                    f"the answer takes longer than {longest:g} seconds", "try again when the server is less busy"
                )
    except (OSError, http.client.HTTPException, zlib.error) as error:
        raise _Again(f"the answer broke off: {_plain(error)}", "try again later") from None
    if promised is not None and promised.isdecimal() and came < int(promised):
        raise _Again(f"the answer broke off after {came:,} of {int(promised):,} bytes", "try again later")
    if unpack is not None and not unpack.eof:
        raise _Again("the answer broke off: the packed bytes have no end", "try again later")
    return b"".join(pieces)


def _refused(address: str, error: urllib.error.HTTPError) -> Exception:
    code, reason = error.code, http.client.responses.get(error.code, "")
    if code in AGAIN:
        after = error.headers.get("Retry-After") or ""
        what = f"the server answers {code} {reason}"
        return _Again(what, "try again later", float(after) if after.isdecimal() else 0.0)
    mends = {
        401: "the server wants to know who asks: it is not a public one",
        403: "the server does not let everyone in",
        404: "check agency, id and version; the server has none of that name",
        406: "the server has no structures in the format asked for",
        413: "ask for less",
    }
    return failed(address, f"the server answers {code} {reason}".rstrip(), mends.get(code, "check the address"))


def _redirected(first: str, at: str, location: str) -> str:
    """Return where a redirect leads, if it may be followed."""
    to = urljoin(at, location)
    _check_scheme(first, to)
    old, new = urlsplit(at), urlsplit(to)
    if old.scheme == "https" and new.scheme != "https":
        raise failed(first, f"the server redirects from https to {to}", "ask for its right address")
    moved = old.hostname != new.hostname or (old.port != new.port and old.scheme == new.scheme)
    if moved:
        raise failed(first, f"the server redirects to another host, {new.netloc}", "name that address, if you trust it")
    return to


def _check_scheme(first: str, address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        what = f"{address} is no address of http or https"
        raise (
            failed(first, f"the server redirects to {address}", "ask for its right address")
            if first != address
            else (misuse(what, "write https://..."))
        )
    if parts.username or parts.password:
        raise misuse(f"{parts.hostname}: the address holds a name or password", "leave it out")


def failed(address: str, what: str, mend: str) -> MigstatError:
    """Make the error for an address that gave nothing that can be used."""
    return MigstatError([Finding(Place(address), "", what, mend)])


def _plain(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    if isinstance(reason, TimeoutError):
        return "timed out"
    return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
