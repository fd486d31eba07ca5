"""For tools/fuzz.py: the processes that read what can end them, forked from one that has their libraries loaded.

migstat starts a new one after each damaged file, which takes a second; the fuzzer reads nothing but damaged files.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    """Fork a reader of the kind that whoever connects names; it tells its number first."""
    import fastexcel  # noqa: F401
    import pyreadstat  # noqa: F401

    from migstat.read.statistical_files import reader as statistical
    from migstat.read.workbooks import reader as workbooks

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(sys.argv[1])
        door.listen()
        while True:
            asked, _ = door.accept()
            if os.fork() == 0:
                os.dup2(asked.fileno(), 0)
                os.dup2(asked.fileno(), 1)
                os.write(1, f"{os.getpid()}\n".encode())
                serving = sys.stdin.buffer.readline().decode()  # What is asked is left in the buffer.
                (workbooks if "workbooks" in serving else statistical).serve()
                os._exit(0)
            asked.close()


class Forked:
    """A reader as ``subprocess`` would show it."""

    def __init__(self, address: str, serving: str) -> None:
        with socket.socket(socket.AF_UNIX) as here:
            here.connect(address)
            self.stdin, self.stdout = here.makefile("wb"), here.makefile("rb")
        self.stdin.write(serving.encode() + b"\n")
        self.stdin.flush()
        self.pid = int(self.stdout.readline())

    def kill(self) -> None:
        """End it."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def wait(self) -> None:
        """It is nobody's child that could be waited for."""


def warm_readers() -> None:
    """Have migstat fork its readers of statistical files in this process."""
    from migstat.read import apart
    from migstat.read.workbooks import opened

    opened.PATIENCE = 10  # What would be given up in a minute is given up before the fuzzer calls it a hang.
    address = str(Path(tempfile.mkdtemp()) / "door")
    subprocess.Popen([sys.executable, __file__, address], env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
    while not Path(address).exists():
        time.sleep(0.05)

    def begin(self: apart.Reader, serving: str) -> None:
        self._process = Forked(address, serving)  # type: ignore[assignment]

    apart.Reader.__init__ = begin  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
