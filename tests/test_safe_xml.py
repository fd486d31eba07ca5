"""Files that are built to do harm: refused, with little memory and no word to the net."""

import gzip
import json
import threading
import tracemalloc
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

import migstat as ms
from migstat.read.xml import elements, local, root

DOCTYPE = (
    "declares a document type (DOCTYPE), by which a file can swell, or fetch other files",
    "remove the line <!DOCTYPE ...> and the entities it declares",
)
CUT = ("ends too early: it was cut off", "fetch the file again: its size or checksum will differ")
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
)

WRONG = {
    "laughs.xml": (LAUGHS, None, *DOCTYPE),
    "laughs16.xml": (LAUGHS.replace('<?xml version="1.0"?>', "").encode("utf-16"), None, *DOCTYPE),
    "file.xml": ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', None, *DOCTYPE),
    "dtd.xml": ('<!-- a --><!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>', None, *DOCTYPE),
    "html.xml": ("<!doctype html><html></html>", None, *DOCTYPE),
    "entity.xml": ("<a>&x;</a>", None, "names an entity that it does not declare", "write &amp; where a & is meant"),
    "cut.xml": ('<a>\n<b x="1', 2, *CUT),
    "cut2.xml": ("<a>\n<b/>", 2, *CUT),
    "two.xml": (
        "<a/>\n<a/>", 2, "goes on after its end",
        "fetch the file again: two were joined, or it was written over a longer one",
    ),
    "quote.xml": (
        "<a>\n<b x=1/></a>", 2, "is not well-formed XML: AttValue: \" or ' expected",
        "mend that line, or fetch the file again",
    ),
    "latin.xml": (b'<a x="\xe9"/>', 1, "a letter is not in the encoding that the file declares", "save it in UTF-8"),
    "ebcdic.xml": (
        '<?xml version="1.0" encoding="UTF-7"?><a/>', None, "is in the encoding UTF-7",
        "ask for it, or save it, in UTF-8",
    ),
    "plain.xml": ("a,b\n1,2\n", None, "is not XML", "name an SDMX-ML file, whose first sign is <"),
    "pdf.xml": ("%PDF-1.4", None, "is a PDF file, not XML", "ask for the SDMX-ML or SDMX-JSON file"),
    "late.xml": (
        "<!--" + "x" * 70_000 + "--><a/>", None, "has no element in its first 64 kB",
        "remove what stands before the first element, or fetch the file again",
    ),
    "deep.xml": (
        "<a>" * 5_000, 1,
        "is built to exhaust the machine, or is damaged: an attribute, text or nesting past all bounds",
        "ask the sender for the file again",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_refused_with_its_place_cause_and_mend(name, tmp_path):
    content, line, what, mend = WRONG[name]
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(ms.MigstatError) as caught:
        list(elements(path, ["b"]))

    (found,) = caught.value.findings
    assert (name, line, what, mend) == (found.place.file, found.place.line, found.what, found.mend)


def peak(path, wanted=("Obs",)):
    """The error of reading a file, and the most memory that Python held meanwhile, in MB."""
    tracemalloc.start()
    try:
        with pytest.raises(ms.MigstatError) as caught:
            for _ in elements(path, wanted):
                pass
        return caught.value.findings[0].what, tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


def grown(work):
    """By how many MB the process grew at most while work was done: libxml2 holds memory that Python does not see."""
    resource = pytest.importorskip("resource")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = work()
    return result, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


@pytest.mark.parametrize("begin", ['<a><Obs x="', "<a><Obs>", "<a><!--"])
def test_an_attribute_or_text_of_1_gb_is_refused_with_memory_held(tmp_path, begin):
    path = tmp_path / "large.xml"
    with path.open("wb") as file:
        file.write(begin.encode())
        file.truncate(1 << 30)  # the rest is a hole in the file: nothing but zeros, past reading
        file.seek(len(begin))
        for _ in range(40):
            file.write(b"a" * (1 << 20))

    (what, _), more = grown(lambda: peak(path))

    assert "one element is larger than 8 MB" == what
    assert more < 60


def test_many_unwanted_elements_are_refused_with_memory_held(tmp_path):
    path = tmp_path / "many.xml"
    path.write_bytes(b"<a>" + b"<x/>" * (4 << 20))

    (what, _), more = grown(lambda: peak(path))

    assert "one element is larger than 8 MB" == what
    assert more < 500


@pytest.mark.parametrize("kind", ["gz", "zip"])
def test_a_bomb_is_refused(tmp_path, kind, monkeypatch):
    monkeypatch.setattr("migstat.read.xml.FREE", 1 << 20)
    content = b"<a>" + (b"<Obs " + b" " * 1000 + b"/>") * 20_000
    path = tmp_path / f"bomb.xml.{kind}"
    if kind == "gz":
        path.write_bytes(gzip.compress(content))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("bomb.xml", content)

    what, _ = peak(path)

    assert what.startswith(f"a packed file of {path.stat().st_size:,} bytes swells past ")
    assert what.endswith(" bytes: it is made to fill the machine")


@pytest.mark.parametrize("kind", ["gz", "zip"])
def test_an_honest_packed_file_is_read(tmp_path, kind):
    content = b"<a>" + b"".join(b'<Obs x="%d"/>' % number for number in range(5)) + b"</a>"
    path = tmp_path / f"data.xml.{kind}"
    if kind == "gz":
        path.write_bytes(gzip.compress(content))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("data.xml", content)
            archive.writestr("readme.txt", "a word")

    assert ["0", "1", "2", "3", "4"] == [one.get("x") for _, one in elements(path, ["Obs"])]


def test_a_zip_with_two_files_says_so(tmp_path):
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.xml", "<a/>")
        archive.writestr("b.xml", "<a/>")

    with pytest.raises(ms.MigstatError) as caught:
        root(path)

    (found,) = caught.value.findings
    assert ("the zip holds 2 data files: a.xml, b.xml", "leave one of them in the zip") == (found.what, found.mend)


def test_memory_does_not_grow_with_the_elements_that_are_read(tmp_path):
    path = tmp_path / "data.xml"
    path.write_bytes(b"<a>" + b'<Series><x/><Obs x="1"/><x/></Series>' * 150_000 + b"</a>")

    count, more = grown(lambda: sum(1 for _ in elements(path, ["Obs"], ["Series"])))

    assert 300_000 == count
    assert more < 60


def test_a_wanted_element_is_found_below_the_parent_it_is_wanted_below(tmp_path):
    path = tmp_path / "lists.xml"
    path.write_text("<s><List><Code id='1'><Code id='2'/></Code></List><Code id='3'/></s>")

    assert [("Code", "1"), ("List", None)] == [
        (local(one), one.get("id")) for _, one in elements(path, ["List/Code", "s/List"])
    ]


def test_nothing_is_fetched(tmp_path):
    asked = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    texts = {
        "dtd.xml": f'<!DOCTYPE a SYSTEM "{address}/dtd"><a/>',
        "entity.xml": f'<!DOCTYPE a [<!ENTITY x SYSTEM "{address}/entity">]><a>&x;</a>',
        "parameter.xml": f'<!DOCTYPE a [<!ENTITY % x SYSTEM "{address}/parameter"> %x;]><a/>',
        "schema.xml": '<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:noNamespaceSchemaLocation="{address}/schema"/>',
        "include.xml": f'<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{address}/include"/></a>',
        "sheet.xml": f'<?xml-stylesheet href="{address}/sheet"?><a/>',
    }
    try:
        for name, text in texts.items():
            path = tmp_path / name
            path.write_text(text)
            with pytest.raises(ms.MigstatError):
                ms.read_artefacts(path)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

    assert [] == asked


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[" * 200_000, "is no SDMX-JSON message: it has no 'data'|is built to exhaust the machine"),
        ('{"data": {"codelists": ' + "[" * 100_000 + "]" * 100_000 + "}}", "is built to exhaust the machine"),
        ('{"data": {"codelists": [{"id": "CL"', "is not JSON: Expecting ',' delimiter"),
        ('{"a": ' + "9" * 10_000 + "}", "is built to exhaust the machine"),
    ],
)
def test_json_that_is_built_to_do_harm_is_refused(text, what, tmp_path):
    path = tmp_path / "message.json"
    path.write_text(text)

    with pytest.raises(ms.MigstatError) as caught:
        ms.read_artefacts(path)

    assert caught.value.findings[0].what in what.split("|")


def test_json_past_its_bound_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("migstat.read.sdmx.json20.LARGEST", 1 << 20)
    path = tmp_path / "message.json.gz"
    path.write_bytes(gzip.compress(json.dumps({"data": {"codelists": [" " * (4 << 20)]}}).encode()))

    with pytest.raises(ms.MigstatError) as caught:
        ms.read_artefacts(path)

    assert "is larger than 1 MB" == caught.value.findings[0].what
