"""Full disks: training goes on, the last snapshot stays whole, and with room the run ends well.

Each size is a file system of its own in memory; for each fifth, and where nothing can be mounted,
the largest size of a file is limited instead.
"""

import contextlib
import pathlib
import random
import resource
import shutil
import subprocess
from collections.abc import Iterator

from findings import Findings
from product import (
    Product, differences, hidden_files, latest_files, log_lines, run_faults, saved_step, snapshots,
    steps)

# Training goes on for this many steps.
OPTIONS = {
    "train": ["--save-every", "2steps", "--epochs", 4],
    "dcgan train": ["--save-every", "3steps", "--epochs", 8],
}


@contextlib.contextmanager
def file_system(folder: pathlib.Path, kilobytes: int, wanted: bool) -> Iterator[bool]:
    """A small file system at `folder`, if one is wanted; whether there is one."""
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "torture", str(folder)]
    mounted = wanted and subprocess.run(mount, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        shutil.rmtree(folder, ignore_errors=True)


class Disk:
    def __init__(self, product: Product, kind: str, findings: Findings):
        self.product, self.kind, self.findings = product, kind, findings
        twin = product.scratch / f"{kind.split()[0]}-undisturbed"
        result = product.run(product.train(kind, twin, False, *OPTIONS[kind]))
        findings.expect(result.code == 0, f"{kind}: undisturbed: {result}")
        self.reference, self.log = latest_files(twin), steps(twin)
        self.size = sum(path.stat().st_size for path in twin.rglob("*") if path.is_file())
        self.largest = max(path.stat().st_size for path in (twin / "latest").iterdir())

    def try_size(self, share: float, mounting: bool) -> None:
        """A run with room for so much of what it writes, and its end when there is more."""
        place = self.product.scratch / f"disk-{share:.4f}"
        kilobytes = max(4, int(share * self.size / 1024))
        with file_system(place, kilobytes, mounting) as mounted:
            limits = {} if mounted else {resource.RLIMIT_FSIZE: int(share * self.largest)}
            size = f"{kilobytes} KiB" if mounted else f"files of {share * self.largest:.0f} bytes"
            label = f"{self.kind}, room for {size}"
            run = place / "run"
            self.fill(run, limits, label)
            if mounted:
                subprocess.run(["mount", "-o", "remount,size=1g", str(place)], check=True)
            self.go_on(run, label)
        self.findings.count("mounted disks" if mounted else "sizes of files")

    def fill(self, run: pathlib.Path, limits: dict[int, int], label: str) -> None:
        command = self.product.train(self.kind, run, False, *OPTIONS[self.kind])
        result = self.product.run(command, limits=limits)
        for fault in run_faults(run):
            self.findings.fault(f"{label}: {fault}")
        if result.code == 0:
            self.findings.count("runs that fitted")
            self.compare(run, label)
            return
        expect = self.findings.expect
        expect(result.code == 1 and result.is_refusal, f"{label}: {result}")
        # Nothing can go on where the run's own folders and settings find no room.
        if (run / "config.json").exists():
            # The save before the last comes two steps before the end; if only the last fails, that is the error.
            is_last = saved_step(run) == len(self.log) - 2
            expect(is_last or "warning:" in result.err, f"{label}: no warning: {result.err[-300:]!r}")
            trained = result.err.count(f"/{len(self.log)}  ")
            expect(trained >= len(self.log), f"{label}: only {trained} steps were trained")
        left = hidden_files(run)
        expect(not left, f"{label}: left behind: {', '.join(left)}")

    def go_on(self, run: pathlib.Path, label: str) -> None:
        """There is room now."""
        saved, lines = saved_step(run), log_lines(run)
        resume = bool(snapshots(run))
        more = [] if resume else OPTIONS[self.kind]
        result = self.product.run(self.product.train(self.kind, run, resume, *more))
        label = f"{label}, gone on from step {saved}"
        if not self.findings.expect(result.code == 0, f"{label}: {result}"):
            return
        self.findings.count("from a snapshot" if resume else "from the beginning")
        self.compare(run, label)
        lost = set(lines) - set(log_lines(run))
        self.findings.expect(not lost, f"{label}: {len(lost)} lines of logs are lost")

    def compare(self, run: pathlib.Path, label: str) -> None:
        self.findings.expect(
            steps(run) == self.log, f"{label}: metrics.jsonl is not the undisturbed run's")
        other = differences(run, self.reference)
        self.findings.expect(not other, f"{label}: not as undisturbed: {', '.join(other)}")
        left = hidden_files(run)
        self.findings.expect(not left, f"{label}: left behind: {', '.join(left)}")


def test(product: Product, findings: Findings, count: int, seed: int) -> None:
    noise = random.Random(f"disks {seed}")
    disks = [Disk(product, kind, findings) for kind in OPTIONS]
    for number in range(count):
        # Evenly over all sizes up to those in which it fits.
        disks[number % 2].try_size(1.2 * (number + noise.random()) / count, number % 5 != 4)
