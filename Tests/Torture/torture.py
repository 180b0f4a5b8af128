"""Kills, fills disks, locks, signals, cuts the power and feeds rubbish; prints what did not hold.

The short form is part of what has to pass before a change lands; the long form is for a person.
Exits with 1 if there was any finding. The same seed tries the same things, as far as time allows.

Versions used: Python 3.11, strace 6.1.
Command: python3 torture.py --binary .build/release/cyclegan
"""

import argparse
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import cuts
import disks
import hostile
import kills
import limits
import locks
import signals
from findings import Findings, table
from product import Product

# Where nothing has to be flushed in earnest, which takes its time.
MEMORY = "/dev/shm"
# What each part tries in the short and in the long form.
PARTS = {
    "kills": (kills.test, 60, 1000),
    "disks": (disks.test, 10, 100),
    "locks": (locks.test, 2, 20),
    "signals": (signals.test, 1, 5),
    "cuts": (cuts.test, 20, 200),
    "hostile runs": (hostile.test_runs, 45, 3000),
    "hostile data": (hostile.test_data, 15, 500),
    "limits": (limits.test, 5, 39),
}
IN_MEMORY = ["cuts", "hostile runs", "hostile data", "limits"]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=".build/release/cyclegan")
    parser.add_argument("--long", action="store_true", help="for hours, not minutes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--count", type=int, help="how much each part tries")
    parser.add_argument("--scratch", help="folder for temporary files (default: the system's)")
    return parser.parse_args()


def main() -> None:
    options = parse()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    done: list[Findings] = []
    for name in options.parts:
        test, short, long = PARTS[name]
        findings = Findings(name)
        done.append(findings)
        begun = time.monotonic()
        place = options.scratch
        if place is None and name in IN_MEMORY and os.access(MEMORY, os.W_OK):
            place = MEMORY
        with tempfile.TemporaryDirectory(prefix="torture-", dir=place) as scratch:
            try:
                product = Product(options.binary, pathlib.Path(scratch))
                count = options.count or (long if options.long else short)
                test(product, findings, count, options.seed)
            except KeyboardInterrupt:
                findings.fault("interrupted")
            except subprocess.TimeoutExpired as error:
                findings.fault(f"hangs: {' '.join(map(str, error.cmd))}")
        findings.seconds = time.monotonic() - begun
        print(findings.row, file=sys.stderr, flush=True)
    print(table(done))
    for findings in done:
        for fault in findings.faults:
            print(f"{findings.part}: {fault}")
    if any(findings.faults for findings in done):
        sys.exit("error: not everything held")


if __name__ == "__main__":
    main()
