"""Fuzz the readers of text and of codebooks, guided by the lines of code that an input reaches.

python tools/fuzz.py --seconds 1800 --into build/fuzz

An input that reaches a line of ``migstat/read`` that none reached before is kept, and changed further. Whatever ends in
anything but rows or a MigstatError with findings, takes longer than the limit, or loses a line, is written to the
folder; put it into a test before it is mended.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import migstat as ms
from migstat.read.extracts import Extract, delimited, delimited_records, fixed_width, read_extract
from migstat.words.codebook import Codebook, RecordType, Variable
from migstat.words.finding import MigstatError
from migstat.words.source import Format

SAMPLES = Path(__file__).resolve().parent.parent / "tests" / "codebooks"
LIMIT = 20
"""Seconds that one input may take."""
LARGEST = 60_000
"""Bytes of an input."""
PIECES = [
    *(sign.encode() for sign in "\"';.,/*@#$%(){}<>=-+ \n\r\t|0a"), b"\0", b"\xe9", b"\xff", b"\xef\xbb\xbf",
    b"\xff\xfe", b'`"', b"\"'", b"/*", b"*/", b".\n", b"1-4", b"999999999999", b" TO ", b"record type", b"end;",
    b"if x=1 then do;",
    b"_column(", b"<var ", b"/>", b"label define x 1 \"a\"\n", b"data list /", b"input ", b"infix ", b"\r\n", b"\x1a",
]  # fmt: skip
PLAIN = Codebook("plain", (Variable("A", start=1, width=2), Variable("B", start=3, width=3, decimals=1)))
TYPES = Codebook(
    "types",
    (Variable("RT", start=1, width=1), Variable("K", start=2, width=1), Variable("H", start=3, width=2, record="h"),
     Variable("P", start=3, width=1, record="p"), Variable("D", start=3, width=1, record="d")),
    records=(RecordType("h", "H"), RecordType("p", "P", "h", key="K"), RecordType("d", "D", "h")),
    record_start=1, record_width=1, record_column="RT",
)  # fmt: skip
FORMATS = [
    *(Format(encoding=one) for one in ("utf-8", "latin-1", "cp1256", "gb18030", "utf-16", "cp500")),
    *(Format(delimiter=one) for one in ";\t|"), Format(quote=""), Format(header=2),
    Format(header=0, columns=("A", "B")),
    *(Format(kind="fixed", header=0, codebook=PLAIN, encoding=one, pad=pad, count=count)
      for one in ("utf-8", "latin-1", "gb18030", "utf-16", "cp500") for pad in (False, True)
      for count in ("", "bytes")),
    *(Format(kind=kind, header=0, codebook=TYPES, record=record)
      for kind in ("fixed", "csv") for record in ("h", "p", "d")),
]  # fmt: skip
DATA = [
    b"A,B\n1,2\n3,\"x\ny\"\n", "A;B\né;2\n".encode("latin-1"), "A,B\n1,中\n".encode("utf-16"), b"12345\n1 2.5\n     \n",
    b"H1xx\nP1a\nP2a\nD1a\nX\nH2\n", b"H,1,xx\nP,1,a\n\"P\",2,a\nD,1,a\n", b"1234512345", b"\xef\xbb\xbfA,B\r\n1,2\r\n",
]  # fmt: skip


def read_book(data: bytes, path: Path) -> None:
    """Read a codebook; ``path`` has the ending of its kind."""
    path.write_bytes(data)
    assert ms.codebook(path).variables, "a codebook without a column"


def read_data(data: bytes, path: Path) -> None:
    """Read a file of text in the format that its first byte says; each line is a row, or is told, and none is both."""
    format = FORMATS[data[0] % len(FORMATS)] if data else FORMATS[0]
    path.write_bytes(data[1:])
    size = (16, 64, 1 << 20)[len(data) % 3]
    fixed_width.LARGEST = fixed_width.SMALLEST = size
    delimited.BLOCK = delimited_records.BLOCK = max(size, 1 << 10)
    check(read_extract(path, format, ()), format)


def check(extract: Extract, format: Format) -> None:
    """Hold the law: the numbers of rows and of lines that are none are all different, and nothing lies between them."""
    rows = [number for numbers, _ in extract.parts for number in numbers.to_list()]
    both = sorted([*rows, *(number for number, *_ in extract.malformed)])
    assert len(both) == len(set(both)), "a line is a row and is none"
    if not format.record:
        assert both == list(range(1, len(both) + 1)), "a line is lost"


def changed(data: bytes, others: list[bytes], draw: random.Random) -> bytes:
    """Return an input with some changes: cut, repeated, replaced, or crossed with another."""
    made = bytearray(data)
    for _ in range(draw.randint(1, 6)):
        at, way = draw.randint(0, len(made)), draw.random()
        if way < 0.25:
            del made[at : at + draw.randint(1, 40)]
        elif way < 0.6:
            made[at:at] = draw.choice(PIECES)
        elif way < 0.75:
            made[at:at] = made[at : at + draw.randint(1, 80)]
        elif way < 0.9:
            made[at : at + 1] = bytes([draw.randrange(256)])
        else:
            other = draw.choice(others)
            start = draw.randint(0, len(other))
            made[at : at + draw.randint(0, 60)] = other[start : start + draw.randint(1, 120)]
    return bytes(made[:LARGEST])


class Reached:
    """The lines of the readers that have been reached."""

    def __init__(self) -> None:
        self.lines: set[tuple[str, int]] = set()
        self.new = False

    def trace(self, frame: FrameType, event: str, _: Any) -> Any:
        """Note a line; leave out what is not of the readers."""
        if "/migstat/read/" not in frame.f_code.co_filename:
            return None
        place = (frame.f_code.co_filename, frame.f_lineno)
        if place not in self.lines:
            self.lines.add(place)
            self.new = True
        return self.trace


def alarm(*_: Any) -> None:
    """End an input that takes too long."""
    raise TimeoutError(f"takes longer than {LIMIT} seconds")


def main() -> int:
    """Fuzz until the time is up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="how long to go on (60)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the changes; the time, if not said")
    parser.add_argument("--into", type=Path, default=Path("build/fuzz"), help="where inputs that fail are kept")
    given = parser.parse_args()
    draw, reached = random.Random(given.seed), Reached()
    books = [(path.suffix, path.read_bytes()) for path in sorted(SAMPLES.iterdir()) if path.suffix != ".told"]
    corpus: list[tuple[Callable[[bytes, Path], None], str, bytes]] = [(read_book, kind, data) for kind, data in books]
    corpus += [(read_data, ".dat", bytes([at]) + data) for at in range(len(FORMATS)) for data in DATA]
    signal.signal(signal.SIGALRM, alarm)
    end, tried, failed = time.monotonic() + given.seconds, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        queue = list(corpus)
        while time.monotonic() < end:
            target, kind, data = queue.pop() if queue else draw.choice(corpus)
            if tried >= len(corpus):
                data = changed(data, [other for of, _, other in corpus if of is target][-500:], draw)
            tried, reached.new = tried + 1, False
            signal.alarm(LIMIT)
            sys.settrace(reached.trace)
            try:
                target(data, Path(folder) / f"input{kind}")
            except MigstatError as error:
                if not error.findings:
                    raise
            except Exception:
                sys.settrace(None)
                failed += 1
                given.into.mkdir(parents=True, exist_ok=True)
                kept = given.into / f"{target.__name__}-{given.seed}-{tried}{kind}"
                kept.write_bytes(data)
                print(f"{kept}\n{traceback.format_exc(limit=-3)}", flush=True)
            finally:
                sys.settrace(None)
                signal.alarm(0)
            if reached.new and tried > len(books):
                corpus.append((target, kind, data))
    print(f"seed {given.seed}: {tried:,} inputs, {len(reached.lines):,} lines reached, {failed} failed")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
