"""How long the command line takes to come: its help, beside Python with argparse alone, as whole processes.

python -m benchmarks.start --runs 60
"""

import argparse
import statistics
import subprocess
import sys
import time

JOBS = {
    "import argparse": ["-c", "import argparse"],
    "migstat --help": ["-c", "import sys; from migstat.cli import main; sys.exit(main(['--help']))"],
    "migstat codes": ["-c", "import sys; from migstat.cli import main; sys.exit(main(['codes']))"],
    "import migstat": ["-c", "import migstat"],
}


def main() -> None:
    """Time each job as often as asked, one after the other, and print medians beside the first."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--runs", type=int, default=60)
    taken: dict[str, list[float]] = {name: [] for name in JOBS}
    for _ in range(words.parse_args().runs):
        for name, arguments in JOBS.items():
            begun = time.perf_counter()
            subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
            taken[name].append(time.perf_counter() - begun)
    first = statistics.median(next(iter(taken.values())))
    for name, times in taken.items():
        middle = statistics.median(times)
        print(f"{name:16} {middle * 1000:6.1f} ms, lowest {min(times) * 1000:6.1f} ms, {middle / first:4.2f} times")


if __name__ == "__main__":
    main()
