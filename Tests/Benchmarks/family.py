"""Trains the conditional and semi-supervised GANs on scikit-learn's digits and measures what they learned.

Writes 1,347 of the 1,797 digits to train on and 450 to test, stratified with seed 0, as gray PNG files of 8x8 pixels in a
folder for each class. The judge is a support vector machine (gamma .001, C 10) that has learned the 1,347 and gets 99.3 % of
the 450 right. It reads generated images at 8x8 pixels. Every member trains with the tool's defaults and seeds 0, 1 and 2:

- cgan, acgan: the share of samples that the judge sees as the class that was asked for, and the spread within a class (the
  root of the pixels' mean variance) as a share of the real one's, on average of the classes and for the one with least. The
  real digits go the samples' way: to the networks' size and back.
- sgan: the share of test digits that `classify` names right, with 100 labels and with 50.
- infogan: the mutual information of the ten-way code and the judge's class in nats, and the purity: the share of samples
  whose class is the most frequent one of their code's value.

Medians over the seeds are printed beside what is wanted. Options behind `--` go to `train`.

Versions used: Python 3.11, numpy 2.4, pillow 13.0, scikit-learn 1.9.
Command: python family.py --binary .build/release/cyclegan --folder /tmp/family cgan acgan sgan infogan
"""

import argparse
import csv
import io
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

import numpy
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

DIGITS = load_digits()
TRAIN, TEST = train_test_split(
    numpy.arange(len(DIGITS.target)), test_size=450, stratify=DIGITS.target, random_state=0
)
JUDGE = SVC(gamma=0.001, C=10).fit(DIGITS.data[TRAIN], DIGITS.target[TRAIN])
SAMPLES_OF_CLASS = 100
WANTED = {
    "cgan": [("judged as their class", 0.95), ("spread", 0.5), ("least spread of a class", 0)],
    "acgan": [("judged as their class", 0.95), ("spread", 0.5), ("least spread of a class", 0)],
    "sgan": [("right with 100 labels", 0.95), ("right with 50 labels", 0.90)],
    "infogan": [("mutual information", 1.75), ("purity", 0.80)],
}


def write(folder: pathlib.Path) -> None:
    """The digits as files, below `train` and `test`."""
    for part, indices in (("train", TRAIN), ("test", TEST)):
        for index in indices:
            file = folder / part / str(DIGITS.target[index]) / f"{index:04}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            pixels = (DIGITS.images[index] * 255 / 16).round().astype(numpy.uint8)
            Image.fromarray(pixels).save(file)


class Tool:
    def __init__(self, binary: str, model: str, folder: pathlib.Path) -> None:
        self.binary, self.model, self.folder = binary, model, folder

    def call(self, *words: object) -> str:
        command = [self.binary, self.model, *words, "--quiet"]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"error: {' '.join(map(str, command))}\n{done.stderr}")
        return done.stdout

    def train(self, condition: str, seed: int, options: list[str]) -> pathlib.Path:
        run = self.folder / "runs" / f"{self.model}-{condition}-{seed}"
        shutil.rmtree(run, ignore_errors=True)
        begun = time.monotonic()
        self.call(
            "train", self.folder / "train", "--condition", condition, "--seed", seed,
            "--checkpoints-dir", run.parent, "--name", run.name, *options,
        )  # fmt: skip
        print(f"  seed {seed}: trained in {time.monotonic() - begun:.0f} s", flush=True)
        return run

    def samples(self, run: pathlib.Path, *options: object) -> numpy.ndarray:
        """Generated images at 8x8 pixels with values from 0 to 16, a row for each, in their order."""
        made = self.folder / "made"
        shutil.rmtree(made, ignore_errors=True)
        self.call("generate", run, "--output", made, *options)
        rows = []
        for file in sorted(made.glob("*.png")):
            small = Image.open(file).convert("L").resize((8, 8), Image.Resampling.BICUBIC)
            rows.append(numpy.asarray(small, dtype=numpy.float64).ravel() * 16 / 255)
        return numpy.stack(rows)


def spread(rows: numpy.ndarray) -> float:
    return float(numpy.sqrt(rows.var(axis=0).mean()))


def through(rows: numpy.ndarray, size: int) -> numpy.ndarray:
    """Real digits as the networks see them, of `size` pixels a side, brought back to 8x8 like samples."""
    found = []
    for row in rows:
        image = Image.fromarray((row.reshape(8, 8) * 255 / 16).round().astype(numpy.uint8))
        seen = image.resize((size, size), Image.Resampling.BICUBIC)
        small = seen.resize((8, 8), Image.Resampling.BICUBIC)
        found.append(numpy.asarray(small, dtype=numpy.float64).ravel() * 16 / 255)
    return numpy.stack(found)


def conditional(tool: Tool, condition: str, seed: int, options: list[str]) -> list[float]:
    run = tool.train(condition, seed, options)
    rows = tool.samples(run, "--class", "all", "--count", SAMPLES_OF_CLASS)
    asked = numpy.repeat(numpy.arange(10), SAMPLES_OF_CLASS)
    size = Image.open(next((tool.folder / "made").glob("*.png"))).width
    real = through(DIGITS.data[TRAIN], size)
    shares = [
        spread(rows[asked == label]) / spread(real[DIGITS.target[TRAIN] == label])
        for label in range(10)
    ]
    right = float((JUDGE.predict(rows) == asked).mean())
    return [right, statistics.mean(shares), min(shares)]


def semisupervised(tool: Tool, condition: str, seed: int, options: list[str]) -> list[float]:
    found = []
    for labels in (100, 50):
        run = tool.train(condition, seed, ["--labels", str(labels), *options])
        listed = tool.call("classify", run, tool.folder / "test", "--truth", "folders")
        rows = list(csv.DictReader(io.StringIO(listed)))
        found.append(sum(row["class"] == row["truth"] for row in rows) / len(rows))
    return found


def coded(tool: Tool, condition: str, seed: int, options: list[str]) -> list[float]:
    run = tool.train(condition, seed, options)
    # A row for each sample, and in it all values of the code.
    rows = tool.samples(run, "--vary", 1, "--count", SAMPLES_OF_CLASS)
    counts = numpy.zeros((10, 10))
    for index, label in enumerate(JUDGE.predict(rows)):
        counts[index % 10, label] += 1
    joint = counts / counts.sum()
    apart = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    there = joint > 0
    information = float((joint[there] * numpy.log(joint[there] / apart[there])).sum())
    return [information, float(counts.max(axis=1).sum() / counts.sum())]


# Which of the two models each member is measured with.
MODELS = {"cgan": "dcgan", "acgan": "dcgan", "sgan": "gan", "infogan": "gan"}
MEASURES = {"cgan": conditional, "acgan": conditional, "sgan": semisupervised, "infogan": coded}


def main() -> None:
    own, options = sys.argv[1:], []
    if "--" in own:
        place = own.index("--")
        own, options = own[:place], own[place + 1 :]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("members", nargs="+", choices=list(WANTED))
    parser.add_argument("--binary", default=".build/release/cyclegan")
    parser.add_argument("--model", choices=["gan", "dcgan"], help="instead of each member's own")
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    asked = parser.parse_args(own)
    if not (asked.folder / "train").exists():
        write(asked.folder)
    print(f"judge: {JUDGE.score(DIGITS.data[TEST], DIGITS.target[TEST]):.3f} of the test digits right")
    failed = []
    for member in asked.members:
        model = asked.model or MODELS[member]
        tool = Tool(asked.binary, model, asked.folder)
        print(f"{model} train --condition {member} {' '.join(options)}", flush=True)
        found = [MEASURES[member](tool, member, seed, options) for seed in asked.seeds]
        for place, (name, least) in enumerate(WANTED[member]):
            values = [values[place] for values in found]
            median = statistics.median(values)
            each = ", ".join(f"{value:.3f}" for value in values)
            print(f"  {name}: {median:.3f} ({each}); at least {least}", flush=True)
            if median < least:
                failed.append(f"{member}, {name}")
    if failed:
        sys.exit(f"error: below what is wanted: {'; '.join(failed)}")


if __name__ == "__main__":
    main()
