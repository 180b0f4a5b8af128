"""Kills: runs that are killed again and again end as if nobody had touched them."""

import json
import os
import random
import shutil
import time

from findings import Findings
from product import (
    Product, best_snapshot, differences, finish, hidden_files, latest_files, log_lines, run_faults,
    snapshots, steps, values)

# Ways of saving: at steps, at epochs, and by time, where a snapshot replaces the one before it.
WAYS = {
    "train": [["1steps", 8], ["3steps", 12], ["1", 16], ["0.0003min", 12]],
    "dcgan train": [["1steps", 12], ["2steps", 16], ["1", 24], ["0.0003min", 16]],
}


class Run:
    """A run that has an undisturbed twin."""

    def __init__(self, product: Product, kind: str, way: list, seed: int, findings: Findings):
        self.product, self.kind, self.findings = product, kind, findings
        self.options = ["--save-every", way[0], "--epochs", way[1], "--seed", seed]
        self.folder = product.scratch / "kills" / f"{kind.split()[0]}-{way[0]}-{seed}"
        self.label = f"{kind} --save-every {way[0]} --seed {seed}"
        twin = self.folder.with_name(self.folder.name + "-undisturbed")
        begun = time.monotonic()
        result = product.run(product.train(kind, twin, False, *self.options))
        self.seconds = time.monotonic() - begun
        findings.expect(result.code == 0, f"{self.label}: undisturbed: {result}")
        self.reference, self.reference_log = latest_files(twin), steps(twin)
        self.validations = steps(twin, "validation")
        # Which snapshots there are to choose from is a matter of time where they are saved by time.
        self.best = None if "min" in way[0] else best_snapshot(twin)
        shutil.rmtree(twin)
        self.seen: set[bytes] = set()

    def live(self, when: random.Random) -> bool:
        """Starts or resumes the run and kills it; whether it came to its end instead."""
        resume = bool(snapshots(self.folder))
        leftovers = self.unfinished()
        process = self.product.start(
            self.product.train(self.kind, self.folder, resume, *([] if resume else self.options)))
        if when.random() < 0.6:
            self.wait_for_saves(process, leftovers, when.randrange(6))
            time.sleep(when.random() * 0.012)
            kind = "while saving"
        else:
            time.sleep(when.uniform(0.2, self.seconds))
            kind = "at random"
        process.kill()
        result = finish(process)
        if result.code == 0:
            return True
        if not self.findings.expect(result.code == -9, f"{self.label}: resuming failed: {result}"):
            # Nothing can come of a run that cannot go on.
            shutil.rmtree(self.folder, ignore_errors=True)
            return False
        self.findings.count(f"kills {kind}")
        for fault in run_faults(self.folder):
            self.findings.fault(f"{self.label}: after a kill {kind}: {fault}")
        # A line that was torn would never be whole again.
        self.seen |= set(log_lines(self.folder))
        return False

    def unfinished(self) -> set[str]:
        """Snapshots that are being written."""
        try:
            names = os.listdir(self.folder / "snapshots")
        except FileNotFoundError:
            return set()
        return {name for name in names if name.startswith(".") and ".old-" not in name}

    def wait_for_saves(self, process, leftovers: set[str], skipped: int) -> None:
        """Waits until one more snapshot than `skipped` is being written."""
        begun: set[str] = set()
        while process.poll() is None:
            begun |= self.unfinished() - leftovers
            if len(begun) > skipped:
                return
            time.sleep(0.0005)

    def check_end(self) -> None:
        """Compares a finished run with its twin."""
        expect, label = self.findings.expect, self.label
        for fault in run_faults(self.folder, needs_latest=True):
            self.findings.fault(f"{label}: at the end: {fault}")
        other = differences(self.folder, self.reference)
        expect(not other, f"{label}: not those of the undisturbed run: {', '.join(other)}")
        log = steps(self.folder)
        expect(log == self.reference_log, f"{label}: metrics.jsonl is not the undisturbed run's")
        validations = steps(self.folder, "validation")
        expect(validations == self.validations, f"{label}: validation.jsonl is another one")
        if self.best:
            best = best_snapshot(self.folder)
            expect(best == self.best, f"{label}: the best snapshot is {best}, not {self.best}")
        lines = log_lines(self.folder)
        lost = self.seen - set(lines)
        first = min(lost, default=b"")
        expect(not lost, f"{label}: {len(lost)} lines of logs are lost, such as {first!r}")
        by_step = {line["step"]: line for line in self.reference_log}
        for line in lines:
            try:
                known = by_step.get(json.loads(line)["step"]) == values(line)
            except ValueError:
                known = False
            expect(known, f"{label}: a line of no step of the undisturbed run: {line!r}")
        left = hidden_files(self.folder)
        expect(not left, f"{label}: left behind: {', '.join(left)}")


def test(product: Product, findings: Findings, count: int, seed: int) -> None:
    when = random.Random(f"kills {seed}")
    number = 0
    while sum(value for name, value in findings.tried.items() if name.startswith("kills")) < count:
        kind = ["train", "dcgan train"][number % 2]
        way = WAYS[kind][number // 2 % len(WAYS[kind])]
        run = Run(product, kind, way, seed + number, findings)
        number += 1
        # A run that never gets on would be a finding of its own.
        for _ in range(100):
            if run.live(when):
                run.check_end()
                findings.count("runs that ended")
                break
        else:
            findings.fault(f"{run.label}: has not ended after 100 kills")
        shutil.rmtree(run.folder, ignore_errors=True)
