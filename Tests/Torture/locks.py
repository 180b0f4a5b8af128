"""Locks: of several processes one trains a run, and the others say who it is and change nothing.

Also folders that are moved away from under the process that trains.
"""

import json
import os
import pathlib
import re
import shutil
import socket
import time

from findings import Findings
from product import Product, Result, finish, hidden_files, log_lines, run_faults, saved_step, steps

REFUSAL = r"error: (.*) is being trained by process (\d+) on host (.*)"


def refused(result: Result, holder: int) -> str | None:
    """Why this is not the refusal of a process that `holder` keeps out."""
    match = re.fullmatch(REFUSAL, result.last_line)
    if result.code != 1 or not match:
        return str(result)
    named, right = (match[2], match[3]), (str(holder), socket.gethostname())
    if named != right:
        return f"names {named}, not {right}"
    return None


def wait_for(path: pathlib.Path, process, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not path.exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.002)


class Pairs:
    def __init__(self, product: Product, kind: str, findings: Findings, number: int):
        self.product, self.kind, self.findings = product, kind, findings
        self.folder = product.scratch / f"{kind.split()[0]}-{number}"
        self.delay = (number % 5) * 0.05

    def start(self, resume: bool, *more: object):
        return self.product.start(self.product.train(self.kind, self.folder, resume, *more))

    def expect_refusal(self, result: Result, holder: int, what: str) -> None:
        fault = refused(result, holder)
        self.findings.expect(fault is None, f"{self.kind}: {what}: {fault}")
        self.findings.count("pairs")

    def fresh(self) -> None:
        """Two new runs under one name, of which any may win."""
        pair = [self.start(False, "--epochs", 12, "--save-every", 1, "--seed", 1)]
        time.sleep(self.delay)
        pair.append(self.start(False, "--epochs", 12, "--save-every", 1, "--seed", 2))
        results = [finish(process) for process in pair]
        winners = [index for index in (0, 1) if results[index].code == 0]
        told = " and ".join(map(str, results))
        if not self.findings.expect(len(winners) == 1, f"{self.kind}: of two new runs: {told}"):
            return
        winner = winners[0]
        self.expect_refusal(results[1 - winner], pair[winner].pid, "the second of two new runs")
        stored = json.loads((self.folder / "config.json").read_bytes())
        self.findings.expect(
            stored["seed"] == winner + 1, f"{self.kind}: config.json is the loser's")
        self.check_end("two new runs")

    def resumed(self) -> None:
        """A second --resume, and a new run of this name, beside the first."""
        before = steps(self.folder)
        first = self.start(True, "--epochs", 3000)
        wait_for(self.folder / ".lock", first)
        time.sleep(self.delay)
        for resume, what in [(True, "a second --resume"), (False, "a new run beside --resume")]:
            self.expect_refusal(finish(self.start(resume)), first.pid, what)
        first.terminate()
        result = finish(first)
        self.findings.expect(result.code == 130, f"{self.kind}: --resume beside others: {result}")
        self.findings.expect(
            steps(self.folder)[: len(before)] == before, f"{self.kind}: lines of the log are lost")
        self.check_end("--resume beside others")

    def beside_killed(self) -> None:
        """A killed process holds nothing."""
        first = self.start(True, "--epochs", 120)
        wait_for(self.folder / ".lock", first)
        time.sleep(0.5 + self.delay)
        first.kill()
        finish(first)
        goal = saved_step(self.folder) + 20
        result = finish(self.start(True, "--steps", goal))
        self.findings.expect(result.code == 0, f"{self.kind}: --resume after a kill: {result}")
        self.findings.count("runs after kills")
        self.check_end("--resume after a kill")

    def moved(self) -> None:
        """A folder that is moved away is an error, and no new one."""
        run = self.folder.with_name(self.folder.name + "-moved")
        process = self.product.start(self.product.train(
            self.kind, run, False, "--epochs", 3000, "--save-every", "1steps", "--sample-every", 1))
        wait_for(run / "latest", process)
        time.sleep(self.delay)
        os.rename(run, self.folder.with_name("elsewhere"))
        result = finish(process)
        left = sorted(str(path.relative_to(run)) for path in run.rglob("*"))
        self.findings.count("moved folders")
        self.findings.expect(
            result.code == 1 and "removed or moved" in result.last_line,
            f"{self.kind}: a moved folder: {result}")
        self.findings.expect(
            not run.exists(), f"{self.kind}: a moved folder is made anew, with {', '.join(left)}")
        shutil.rmtree(self.folder.with_name("elsewhere"))
        shutil.rmtree(run, ignore_errors=True)

    def check_end(self, what: str) -> None:
        left = hidden_files(self.folder)
        self.findings.expect(not left, f"{self.kind}: {what}: left behind: {', '.join(left)}")
        for fault in run_faults(self.folder, needs_latest=True):
            self.findings.fault(f"{self.kind}: {what}: {fault}")
        numbers = [line["step"] for line in steps(self.folder)]
        self.findings.expect(
            numbers == list(range(1, len(numbers) + 1)),
            f"{self.kind}: {what}: the log has not each step once, in order")
        self.findings.expect(bool(log_lines(self.folder)), f"{self.kind}: {what}: the log is empty")


def test(product: Product, findings: Findings, count: int, seed: int) -> None:
    for number in range(count):
        pairs = Pairs(product, ["train", "dcgan train"][number % 2], findings, seed + number)
        pairs.fresh()
        if (pairs.folder / "latest").exists():
            pairs.resumed()
            pairs.beside_killed()
        for _ in range(4):
            pairs.moved()
