"""Power cuts: after each system call, what a disk may hold then is a run that goes on."""

import json
import os
import pathlib
import random
import re
import shutil

import journal
import powerless
from findings import Findings
from product import (
    Product, differences, hidden_files, latest_files, log_lines, run_faults, saved_step, snapshots,
    steps)

SAVED = re.compile(rb"saved \S+/snapshots/([a-z]+-\d+)")


class Story:
    """A command whose calls were written down."""

    def __init__(self, product: Product, findings: Findings, kind: str, name: str, options: list):
        self.product, self.findings, self.kind, self.name = product, findings, kind, name
        self.options = options
        # Of each way: how many cuts have lost lines of the log, and the first of them.
        self.lost_lines: dict[str, tuple[int, str]] = {}
        self.place = product.scratch / name / "runs"
        self.place.mkdir(parents=True)
        self.run = self.place / "run"
        twin = product.scratch / name / "undisturbed"
        self.train(twin, False, options)
        self.reference, self.log = latest_files(twin), steps(twin)

    def train(self, run: pathlib.Path, resume: bool, more: list, **options) -> None:
        result = self.product.run(self.product.train(self.kind, run, resume, *more), **options)
        self.findings.expect(result.code == 0, f"{self.name}: {result}")

    def fresh(self) -> "Story":
        return self.tell(False)

    def gone_back(self) -> "Story":
        """Takes steps again whose snapshots are there already."""
        self.train(self.run, False, self.options)
        names = sorted(path.name for path in (self.run / "snapshots").glob("step-*"))
        (self.run / "latest").unlink()
        (self.run / "latest").symlink_to(f"snapshots/{names[0]}")
        return self.tell(True)

    def tell(self, resume: bool) -> "Story":
        self.resumed = resume
        self.lines = log_lines(self.run)
        self.disk = powerless.Disk(self.place, self.product.scratch)
        file = self.product.scratch / self.name / "journal"
        first = os.readlink(self.run / "latest").split("/")[-1] if resume else None
        self.train(self.run, resume, [] if resume else self.options, prefix=journal.tracing(file))
        self.calls = list(journal.read(file))
        self.order = [first] if first else []
        self.order += [name.decode() for call in self.calls for name in saved_by(call)]
        return self

    def play(self, share: float, going_on: float, noise: random.Random) -> None:
        """Cuts after each call, of those of `write` after a share, and goes on from some cuts."""
        told = self.order[0] if self.resumed else None
        before: dict[str, dict] = {}
        for number, call in enumerate(self.calls):
            names = saved_by(call)
            told = names[-1].decode() if names else told
            if not self.disk.carry_out(call) and not names:
                continue
            # Most calls write one tensor each.
            if call.name == "write" and not names and noise.random() > share:
                continue
            self.findings.count("cuts")
            way_on = noise.choice(powerless.WAYS) if noise.random() < going_on else None
            for way in powerless.WAYS:
                tree = self.disk.top.after(way, noise)
                if way != way_on and tree == before.get(way) and not names:
                    continue
                before[way] = tree
                label = f"{self.name}, cut after call {number} ({call.name}), {way} survives"
                self.check(tree, label, told, way)
                if way == way_on:
                    self.go_on(label)
        for way, (number, first) in self.lost_lines.items():
            self.findings.fault(f"{first} ({number} cuts of {self.name} like this)")
        shutil.rmtree(self.place)
        powerless.write(self.disk.top.after("all", noise), self.place)
        other = differences(self.run, self.reference)
        self.findings.expect(not other, f"{self.name}: the journal ends with other {other}")

    def check(self, tree: dict, label: str, told: str | None, way: str) -> None:
        shutil.rmtree(self.place, ignore_errors=True)
        powerless.write(tree, self.place)
        run, expect = self.run, self.findings.expect
        for fault in run_faults(run, needs_latest=told is not None):
            self.findings.fault(f"{label}: {fault}")
        if (run / "latest").is_dir():
            name = os.readlink(run / "latest").split("/")[-1]
            if told and name in self.order:
                expect(
                    self.order.index(name) >= self.order.index(told),
                    f"{label}: latest is {name}, and {told} was said to be saved")
            known = self.known_steps(run)
            lost = set(range(1, saved_step(run) + 1)) - known
            if lost:
                of = f"{len(lost)} of {saved_step(run)} saved steps"
                self.lose(f"{label}: the log has lost {of}", way)
            gone = set(self.lines) - set(log_lines(run))
            if gone:
                self.lose(f"{label}: {len(gone)} lines of earlier logs are gone", way)

    def lose(self, text: str, way: str) -> None:
        number, first = self.lost_lines.get(way, (0, text))
        self.lost_lines[way] = (number + 1, first)

    def known_steps(self, run: pathlib.Path) -> set[int]:
        known = set()
        for line in log_lines(run):
            try:
                known.add(json.loads(line)["step"])
            except ValueError:
                pass  # A torn line is none.
        return known

    def go_on(self, label: str) -> None:
        resume = bool(snapshots(self.run))
        self.findings.count("resumed" if resume else "begun anew")
        command = self.product.train(
            self.kind, self.run, resume, *([] if resume else self.options))
        result = self.product.run(command)
        if not self.findings.expect(result.code == 0, f"{label}: cannot go on: {result}"):
            return
        other = differences(self.run, self.reference)
        self.findings.expect(not other, f"{label}: not as undisturbed: {', '.join(other)}")
        left = hidden_files(self.run)
        self.findings.expect(not left, f"{label}: left behind: {', '.join(left)}")


def saved_by(call: journal.Call) -> list[bytes]:
    """The snapshots that a call tells the user of."""
    if call.name != "write" or call.arguments[0] != "2":
        return []
    return SAVED.findall(call.arguments[1])


def test(product: Product, findings: Findings, count: int, seed: int) -> None:
    if not shutil.which("strace"):
        findings.fault("needs strace: apt-get install strace")
        return
    noise = random.Random(f"cuts {seed}")
    by_steps = ["--epochs", 2, "--decay-epochs", 0, "--save-every", "2steps", "--seed", seed]
    stories = [
        Story(product, findings, "train", "a new run", by_steps).fresh(),
        Story(product, findings, "train", "a run gone back", by_steps).gone_back(),
        Story(product, findings, "dcgan train", "saving by time",
              ["--epochs", 3, "--save-every", "0.0002min"]).fresh(),
    ]
    for story in stories:
        cuts = sum(call.name != "write" or call.arguments[0] == "2" for call in story.calls)
        # Of the calls that are no writes, most only open files to read.
        story.play(min(1, count / 200), count / cuts, noise)
