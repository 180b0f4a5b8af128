"""Signals in every phase: a command ends soon, with its code, leaves no mess, and goes on later."""

import dataclasses
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable

import images
from findings import Findings
from product import (
    Product, Result, finish, hidden_files, run_faults, saved_step, snapshots, steps)

# Seconds in which a command ends.
LONGEST = 2.0
INT, TERM, HUP, QUIT = signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT


@dataclasses.dataclass
class Way:
    """Signals and their times in seconds after the first."""

    name: str
    sent: list[tuple[float, int]]
    code: int = 130
    # Ends at once, without saving.
    hard: bool = False
    ignored: int | None = None
    # To the process and then to its group, as `timeout` does.
    to_group: bool = False


WAYS = [
    Way("SIGHUP", [(0, HUP)]),
    Way("SIGTERM", [(0, TERM)]),
    Way("SIGINT", [(0, INT)]),
    Way("SIGQUIT", [(0, QUIT)], code=131, hard=True),
    Way("two SIGTERM", [(0, TERM), (0.3, TERM)], hard=True),
    Way("SIGTERM as timeout sends it", [(0, TERM)], to_group=True),
    Way("ignored SIGINT, SIGTERM", [(0, INT), (0.4, TERM)], ignored=INT),
    Way("ignored SIGHUP, SIGTERM", [(0, HUP), (0.4, TERM)], ignored=HUP),
]


@dataclasses.dataclass
class Phase:
    name: str
    arguments: Callable[[pathlib.Path], list]
    # Whether it has begun, given the folder of this try and what the command has said.
    has_begun: Callable[[pathlib.Path, str], bool]
    # Seconds that it surely lasts.
    lasts: float = 0.3
    kind: str | None = None


def count(folder: pathlib.Path, pattern: str) -> int:
    return sum(1 for _ in folder.glob(pattern))


class Phases:
    def __init__(self, product: Product):
        self.product = product
        scratch = product.scratch
        # Noise of 12 megapixels takes long to decode, and to translate.
        large = scratch / "large"
        large.mkdir()
        (large / "0.png").write_bytes(images.png(4000, 3000, 0))
        for number in range(1, 20):
            os.link(large / "0.png", large / f"{number}.png")
        self.image = large / "0.png"
        self.large = large
        self.model, self.sampler = scratch / "model", scratch / "sampler"
        more = ["--generator-filters", 32, "--blocks", 9, "--steps", 1]
        self.make(product.train("train", self.model, False, *more))
        self.make(product.train("dcgan train", self.sampler, False, "--steps", 1))

    def make(self, arguments: list) -> None:
        result = self.product.run(arguments)
        if result.code != 0:
            raise SystemExit(f"error: {result}")

    def training(self, kind: str, *more: object) -> Callable[[pathlib.Path], list]:
        return lambda folder: self.product.train(
            kind, folder / "run", False, "--epochs", 100_000, *more)

    def checking(self, folder: pathlib.Path) -> list:
        arguments = self.training("train")(folder)
        return [self.large if part == self.product.a else part for part in arguments]

    def all(self) -> list[Phase]:
        one = ["--threads", 1]
        return [
            Phase("checking images", self.checking,
                  lambda folder, _: (folder / "run" / ".lock").exists(), 0.6, "train"),
            Phase("training", self.training("train", "--save-every", 1000),
                  lambda folder, _: len(steps(folder / "run")) > 2, kind="train"),
            Phase("saving", self.training("train", "--save-every", "1steps"),
                  lambda folder, _: count(folder, "run/snapshots/.*") > 0, 0.004, "train"),
            Phase("saving a dcgan", self.training("dcgan train", "--save-every", "1steps"),
                  lambda folder, _: count(folder, "run/snapshots/.*") > 0, 0.004, "dcgan train"),
            Phase("translate in tiles",
                  lambda folder: ["translate", self.model, self.image, "--output", "out",
                                  "--tile", 256, "--workers", 1, *one],
                  lambda _, told: "working in tiles" in told, 1.5),
            Phase("dcgan generate",
                  lambda folder: ["dcgan", "generate", self.sampler, "--count", 1_000_000,
                                  "--output", "out", *one],
                  lambda folder, _: count(folder, "out/*") > 5),
            Phase("bench", lambda folder: ["bench", "--crop-size", 64, "--steps", 10_000, *one],
                  lambda _, told: True, 1.5),
            Phase("demo's drawing", lambda folder: ["demo", *one],
                  lambda folder, _: count(folder, "datasets/demo/trainA/*") > 2, 0.2),
        ]


def handles_signals(process: int) -> bool:
    """Whether a process is past its start, in which any signal ends it."""
    try:
        status = pathlib.Path(f"/proc/{process}/status").read_text()
    except OSError:
        return True
    caught = re.search(r"^SigCgt:\s*(\w+)", status, re.MULTILINE)
    return bool(caught and int(caught[1], 16) >> (TERM - 1) & 1)


class Attempt:
    def __init__(self, product: Product, phase: Phase, way: Way, findings: Findings):
        self.product, self.phase, self.way, self.findings = product, phase, way, findings
        self.folder = product.scratch / "attempt"
        self.folder.mkdir()
        self.label = f"{way.name} while {phase.name}"

    def expect(self, holds: bool, what: str) -> bool:
        return self.findings.expect(holds, f"{self.label}: {what}")

    def carry_out(self, noise: random.Random) -> float:
        """Seconds that it took to end."""
        words = self.product.scratch / "words"
        with open(words, "w") as err:
            ignored = (self.way.ignored,) if self.way.ignored else ()
            process = self.product.start(
                self.phase.arguments(self.folder), folder=self.folder, ignored=ignored, err=err)
        end = time.monotonic() + 60
        while not (
            handles_signals(process.pid)
            and self.phase.has_begun(self.folder, words.read_text(errors="replace"))
        ):
            if process.poll() is not None or time.monotonic() > end:
                process.kill()
                finish(process)
                self.expect(False, f"did not get so far: {words.read_text()[-200:]!r}")
                return 0
            time.sleep(0.0005)
        time.sleep(noise.uniform(0, self.phase.lasts))
        seconds = self.send(process)
        result = Result(process.returncode, "", words.read_text(errors="replace"))
        self.check(result, seconds)
        return seconds

    def send(self, process) -> float:
        for delay, number in self.way.sent:
            time.sleep(delay)
            if process.poll() is not None:
                if number == self.way.sent[-1][1] and self.way.ignored:
                    self.expect(False, "ended by the ignored signal")
                break
            begun = time.monotonic()
            process.send_signal(number)
            if self.way.to_group:
                os.killpg(process.pid, number)
        try:
            finish(process, 30)
        except subprocess.TimeoutExpired:
            self.expect(False, "hangs")
        return time.monotonic() - begun

    def check(self, result: Result, seconds: float) -> None:
        self.expect(result.code == self.way.code, f"not {self.way.code}: {result}")
        self.expect(seconds <= LONGEST, f"took {seconds:.1f} s to end")
        run = self.folder / "run"
        if self.phase.kind is None:
            self.expect_nothing_hidden("left behind")
            return
        for fault in run_faults(run):
            self.expect(False, fault)
        log = steps(run)
        if not self.way.hard:
            self.expect_nothing_hidden("left behind")
            last = log[-1]["step"] if log else 0
            self.expect(
                saved_step(run) == last, f"saved step {saved_step(run)} of {last}")
        resume = bool(snapshots(run))
        goal = ["--steps", saved_step(run) + 2]
        if self.phase.name == "checking images":
            self.expect(not resume, "there is a snapshot already")
        more = [] if resume else ["--save-every", 1]
        again = self.product.run(
            self.product.train(self.phase.kind, run, resume, *more, *goal), folder=self.folder)
        self.expect(again.code == 0, f"cannot go on: {again}")
        self.expect(saved_step(run) == goal[1], f"goes on to step {saved_step(run)}, not {goal[1]}")
        kept = goal[1] - 2
        self.expect(steps(run)[:kept] == log[:kept], "lines of the log are lost")
        self.expect_nothing_hidden("left behind after it has gone on")

    def expect_nothing_hidden(self, what: str) -> None:
        left = hidden_files(self.folder)
        self.expect(not left, f"{what}: {', '.join(left)}")


def test(product: Product, findings: Findings, count: int, seed: int) -> None:
    """The first of `count` rounds takes half of the signals where nothing is saved."""
    noise = random.Random(f"signals {seed}")
    phases = Phases(product).all()
    slowest = 0.0
    for _ in range(count):
        for place, phase in enumerate(phases):
            for index, way in enumerate(WAYS):
                if count == 1 and phase.kind is None and (index + place + seed) % 2:
                    continue
                attempt = Attempt(product, phase, way, findings)
                slowest = max(slowest, attempt.carry_out(noise))
                findings.count("signals")
                shutil.rmtree(attempt.folder, ignore_errors=True)
    findings.count("ms for the slowest end", round(1000 * slowest))
