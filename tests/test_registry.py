"""Fetching from a registry: a real server on this machine that answers well, badly, slowly, or not to the end."""

import gzip
import json
import subprocess
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import migstat as ms
from migstat.read.download import Limits, download
from migstat.words.finding import MigstatError, Misuse

SPACE = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"
CODELIST = f"""<?xml version="1.0" encoding="UTF-8"?>
<mes:Structure xmlns:mes="{SPACE}/message" xmlns:str="{SPACE}/structure" xmlns:com="{SPACE}/common">
  <mes:Header><mes:ID>X</mes:ID><mes:Test>false</mes:Test><mes:Prepared>2026-01-01T00:00:00</mes:Prepared>
    <mes:Sender id="EX"/></mes:Header>
  <mes:Structures><str:Codelists>
    <str:Codelist id="CL_GEO" agencyID="EX" version="1.0" urn="urn:sdmx:org.sdmx.infomodel.codelist.Codelist=EX:CL_GEO(1.0)">
      <com:Name xml:lang="en">Areas</com:Name><com:Name xml:lang="fr">Zones</com:Name>
      <str:Code id="EL"><com:Name xml:lang="en">Greece</com:Name><com:Name xml:lang="fr">Grèce</com:Name></str:Code>
      <str:Code id="NA"><com:Name xml:lang="en">Namibia</com:Name><com:Name xml:lang="fr">Namibie</com:Name></str:Code>
    </str:Codelist>
  </str:Codelists></mes:Structures>
</mes:Structure>
""".encode()  # noqa: E501
ERROR = (
    f'<mes:Error xmlns:mes="{SPACE}/message" xmlns:com="{SPACE}/common">'
    '<mes:ErrorMessage code="100"><com:Text xml:lang="en">No results found</com:Text></mes:ErrorMessage></mes:Error>'
)
PAGE = b"<!DOCTYPE html><html><body>Log in</body></html>"
XML = "application/vnd.sdmx.structure+xml;version=2.1"


class Played(BaseHTTPRequestHandler):
    """Plays a registry: the id that is asked for says how it behaves."""

    def do_GET(self):
        self.server.asked.append(self.path)
        behave = self.path.split("/")[-2] if "?" in self.path else self.path.strip("/")
        seen = sum(path == self.path for path in self.server.asked)
        match behave:
            case "CL_GEO":
                self.answer(200, CODELIST, ETag='"v1"')
            case "CL_GZIP":
                self.answer(200, gzip.compress(CODELIST), **{"Content-Encoding": "gzip"})
            case "CL_BOMB":
                self.answer(200, gzip.compress(b"<a>" + b" " * 30_000_000), **{"Content-Encoding": "gzip"})
            case "CL_CUT_GZIP":
                self.answer(200, gzip.compress(CODELIST)[:-20], **{"Content-Encoding": "gzip"})
            case "CL_FLAKY":
                self.answer(*((500, b"") if seen == 1 else (200, CODELIST)))
            case "CL_BUSY":
                self.answer(503, b"", **{"Retry-After": "7"})
            case "CL_SLOW":
                time.sleep(1.5)
                self.answer(200, CODELIST)
            case "CL_DRIP":
                self.send_response(200)
                self.send_header("Content-Type", XML)
                self.end_headers()
                for _ in range(100):
                    self.wfile.write(b"<a>")
                    time.sleep(0.05)
            case "CL_CUT":
                self.send_response(200)
                self.send_header("Content-Type", XML)
                self.send_header("Content-Length", str(len(CODELIST)))
                self.end_headers()
                self.wfile.write(CODELIST[:400])
            case "CL_CUT_UNSAID":
                self.send_response(200)
                self.send_header("Content-Type", XML)
                self.end_headers()
                self.wfile.write(CODELIST[:400])
            case "CL_LOOP":
                self.answer(302, b"", Location=self.path)
            case "CL_MOVED":
                self.answer(301, b"", Location=self.path.replace("CL_MOVED", "CL_GEO"))
            case "CL_AWAY":
                self.answer(302, b"", Location="http://elsewhere.example/CL_GEO")
            case "CL_FILE":
                self.answer(302, b"", Location="file:///etc/passwd")
            case "CL_PAGE":
                self.answer(200, PAGE, type="text/html")
            case "CL_PAGE_AS_XML":
                self.answer(200, PAGE)
            case "CL_SAID":
                self.answer(200, ERROR.encode())
            case "CL_JSON":
                self.answer(200, b'{"data": {"codelists": []}}', type="application/vnd.sdmx.structure+json")
            case "CL_CUT_JSON":
                self.answer(200, b'{"data": {"codelists": [', type="application/vnd.sdmx.structure+json")
            case "CL_HUGE":
                self.answer(200, b"<a>" + b" " * 3_000_000)
            case "CL_GONE":
                self.connection.close()
            case _:
                self.answer(404, ERROR.encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.sent.append((self.path, self.headers["Content-Type"], self.headers["Authorization"], body))
        if self.path == "/refuse":
            self.answer(400, b"<Error>version 1.0 is final</Error>", type="application/xml")
        elif self.path == "/failure":
            self.answer(200, b'<r><StatusMessage status="Failure"><Text>no such agency</Text></StatusMessage></r>')
        else:
            self.answer(201, b"<ok/>", type="application/xml")

    def answer(self, code, body, type=XML, **headers):
        self.send_response(code)
        self.send_header("Content-Type", type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    played = Quiet(("127.0.0.1", 0), Played)
    played.asked, played.sent = [], []
    thread = threading.Thread(target=played.serve_forever, daemon=True)
    thread.start()
    yield played
    played.shutdown()
    played.server_close()


@pytest.fixture
def url(server):
    server.asked.clear()
    server.sent.clear()
    return f"http://127.0.0.1:{server.server_address[1]}/rest"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MIGSTAT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("http_proxy", raising=False)
    return tmp_path / "cache"


def fetch(url, id, **more):
    return ms.registry.fetch(url, id, agency="EX", **{"timeout": 0.5, "wait": 0.01, "tries": 2, **more})


def kept(cache):
    return sorted(path.name for path in cache.rglob("*") if path.is_file())


def test_what_is_fetched_is_kept_with_its_facts(server, url, cache):
    found = fetch(url, "CL_GEO")
    codelist = found.codelist()
    facts = json.loads(found.path.with_name("codelist.EX.CL_GEO.latest.facts.json").read_text(encoding="utf-8"))

    assert ["/rest/codelist/EX/CL_GEO/latest?references=none"] == server.asked
    assert CODELIST == found.path.read_bytes()
    assert ["codelist.EX.CL_GEO.latest.facts.json", "codelist.EX.CL_GEO.latest.xml"] == kept(cache)
    assert f"{url}/codelist/EX/CL_GEO/latest?references=none" == facts["address"]
    assert (len(CODELIST), '"v1"') == (facts["bytes"], facts["etag"])
    assert dict(found.facts) == facts
    assert ("EL", "NA") == codelist.ids
    assert "Grèce" == codelist.label("EL", "fr")


def test_offline_takes_the_copy_and_asks_nobody(server, url, cache):
    fetch(url, "CL_GEO")
    server.asked.clear()
    again = fetch(url, "CL_GEO", offline=True)

    assert [] == server.asked
    assert CODELIST == again.path.read_bytes()


def test_offline_without_a_copy_and_with_a_changed_one_is_told(url, cache):
    with pytest.raises(Misuse, match="is not in the cache"):
        fetch(url, "CL_GEO", offline=True)
    found = fetch(url, "CL_GEO")
    found.path.write_bytes(CODELIST.replace(b"Greece", b"Grease"))
    with pytest.raises(Misuse, match="is not what was fetched: its sha256 differs"):
        fetch(url, "CL_GEO", offline=True)


@pytest.mark.parametrize("id", ["CL_GZIP", "CL_FLAKY", "CL_MOVED"])
def test_packed_flaky_and_moved_answers_arrive(url, cache, id):
    assert CODELIST == fetch(url, id).path.read_bytes()


WRONG = {
    "CL_NONE": "the server answers 404 Not Found",
    "CL_SLOW": "no answer: timed out (2 tries)",
    "CL_DRIP": "the answer takes longer than 2 seconds (2 tries)",
    "CL_CUT": "the answer broke off after 400 of",
    "CL_CUT_GZIP": "the answer broke off: the packed bytes have no end (2 tries)",
    "CL_CUT_UNSAID": "the answer ends too early",
    "CL_LOOP": "the server redirects more than 5 times",
    "CL_AWAY": "the server redirects to another host, elsewhere.example",
    "CL_FILE": "the server redirects to file:///etc/passwd",
    "CL_PAGE": "the registry answers with a page, not with structures",
    "CL_PAGE_AS_XML": "declares a document type (DOCTYPE)",
    "CL_SAID": "the registry answers: No results found",
    "CL_CUT_JSON": "the answer is not whole JSON",
    "CL_HUGE": "the answer is larger than 1,000,000 bytes",
    "CL_BOMB": "the answer is larger than 1,000,000 bytes",
    "CL_GONE": "no answer: Remote end closed connection without response (2 tries)",
}


@pytest.mark.parametrize("id", WRONG)
def test_what_did_not_arrive_whole_is_told_and_not_kept(url, cache, id):
    timeout = 0.1 if id == "CL_DRIP" else 0.5
    with pytest.raises(MigstatError) as caught:
        fetch(url, id, largest=1_000_000, timeout=timeout)
    (finding,) = caught.value.findings

    assert WRONG[id] in finding.what
    assert finding.mend
    assert [] == kept(cache)


def test_a_copy_is_offered_and_never_taken_unasked(server, url, cache, monkeypatch):
    fetch(url, "CL_GEO")
    monkeypatch.setattr(Played, "do_GET", lambda self: self.answer(503, b""))
    with pytest.raises(MigstatError) as caught:
        fetch(url, "CL_GEO")
    (finding,) = caught.value.findings

    assert "the server answers 503 Service Unavailable (2 tries)" == finding.what
    assert "or take the copy of 20" in finding.mend


def test_the_wait_grows_and_the_server_may_ask_for_more(url, cache):
    waited = []
    with pytest.raises(MigstatError):
        download(f"{url}/codelist/EX/CL_BUSY/1.0?x", "*/*", Limits(tries=3, wait=0.5), waited.append)
    assert [7.0, 7.0] == waited
    waited.clear()
    with pytest.raises(MigstatError):
        download("http://127.0.0.1:9/x", "*/*", Limits(tries=4, wait=0.5, timeout=0.2), waited.append)
    assert [0.5, 1.0, 2.0] == waited


def test_the_proxy_of_the_environment_is_used(server, url, cache, monkeypatch):
    monkeypatch.setenv("http_proxy", url.removesuffix("/rest"))
    monkeypatch.setenv("no_proxy", "")
    fetch("http://far.example/rest", "CL_GEO")

    assert ["http://far.example/rest/codelist/EX/CL_GEO/latest?references=none"] == server.asked


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (("ESTATT", "CL_GEO"), "there is no registry ESTATT"),
        (("ftp://x/y", "CL_GEO"), "there is no registry ftp://x/y"),
        (("http://u:p@x/y", "CL_GEO"), "the address holds a name or password"),
    ],
)
def test_a_wrong_call_is_told(cache, call, what):
    with pytest.raises(Misuse, match=what):
        ms.registry.fetch(*call, agency="EX")


def test_named_registries_are_asked_as_they_want_it():
    from migstat.read.sdmx_registry import address, registry

    base = "https://ec.europa.eu/eurostat/api/dissemination/sdmx"
    asked = [
        address(registry("ESTAT"), "codelist", "ESTAT", "GEO", "latest", "none"),
        address(registry("ESTAT3"), "codelist", "ESTAT", "GEO", "latest", "none"),
        address(registry("SGR3"), "structuremap", "SDMX", "SM_X", "latest", "all"),
        address(registry("https://x.example/sdmx/v2"), "codelist", "A/../B", "CL?X", "1.0", "none"),
    ]

    assert [
        f"{base}/2.1/codelist/ESTAT/GEO/latest?references=none",
        f"{base}/3.0/structure/codelist/ESTAT/GEO/~?references=none",
        "https://registry.sdmx.org/sdmx/v2/structure/structuremap/SDMX/SM_X/~?references=all",
        "https://x.example/sdmx/v2/structure/codelist/A%2F..%2FB/CL%3FX/1.0?references=none",
    ] == asked


def test_an_office_names_registries_of_its_own(server, url, cache, tmp_path, monkeypatch):
    (tmp_path / "registries.toml").write_text(f'[MINE]\nurl = "{url}"\nagency = "EX"\n', encoding="utf-8")
    monkeypatch.setenv("MIGSTAT_REGISTRIES", str(tmp_path / "registries.toml"))
    found = ms.registry.fetch("MINE", "CL_GEO", into=tmp_path / "structures")

    assert tmp_path / "structures" / "codelist.EX.CL_GEO.latest.xml" == found.path
    assert "MINE" in ms.registry.registry_ids()


def test_structures_are_submitted_once(server, url, tmp_path):
    (tmp_path / "cl.xml").write_bytes(CODELIST)
    told = ms.registry.submit(url, tmp_path / "cl.xml", token="secret")
    ((path, content, key, body),) = server.sent

    assert 201 == told["status"]
    assert ("/rest", "application/vnd.sdmx.structure+xml;version=2.1", "Bearer secret", CODELIST) == (
        path, content, key, body,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "what"),
    [("/refuse", r"the registry refuses it \(400\): version 1.0 is final"), ("/failure", "no such agency")],
)
def test_a_refusal_is_told_in_the_registrys_words(server, url, tmp_path, path, what):
    (tmp_path / "cl.xml").write_bytes(CODELIST)
    with pytest.raises(MigstatError, match=what):
        ms.registry.submit(url.removesuffix("/rest") + path, tmp_path / "cl.xml")
    assert 1 == len(server.sent)


def test_a_token_is_not_sent_unencrypted(tmp_path):
    (tmp_path / "cl.xml").write_bytes(CODELIST)
    with pytest.raises(Misuse, match="a token would go unencrypted"):
        ms.registry.submit("http://registry.example/rest", tmp_path / "cl.xml", token="secret")


def run(*words, cache):
    import os

    return subprocess.run(
        [sys.executable, "-m", "migstat", *words],
        env={**os.environ, "MIGSTAT_CACHE": str(cache), "PYTHONPATH": str(Path(ms.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_line_fetches(url, cache, tmp_path):
    done = run("fetch", url, "CL_GEO", "--agency", "EX", "--into", str(tmp_path / "here"), cache=cache)
    gone = run("fetch", url, "CL_NONE", "--agency", "EX", cache=cache)

    assert 0 == done.returncode, done.stderr
    assert "codelist EX:CL_GEO(latest)" in done.stdout
    assert (tmp_path / "here" / "codelist.EX.CL_GEO.latest.xml").read_bytes() == CODELIST
    assert 1 == gone.returncode
    assert "the server answers 404 Not Found" in gone.stderr


def test_importing_touches_no_network_library():
    code = (
        "import sys, migstat; migstat.registry; print([m for m in ('sdmx', 'requests', 'polars') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(Path(ms.__file__).parents[1]), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "[]" == done.stdout.strip()


def test_nothing_but_the_download_opens_connections():
    folder = Path(ms.__file__).parent
    opening = ("import socket", "http.client", "urllib.request", "import requests")
    found = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.py")
        if any(word in path.read_text(encoding="utf-8") for word in opening)
    }

    assert {"read/download.py"} == found
