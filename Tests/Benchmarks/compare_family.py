"""Times a step of conditional, auxiliary-classifier and semi-supervised GANs and the same step in PyTorch, in turns.

The networks are the tool's defaults for scikit-learn's digits: `dcgan --condition cgan|acgan` at 28x28 with 64 filters and
64 images in a step, `gan --condition sgan` at 8x8 with 256 hidden values and 100 images, of which 100 have labels. Here the
images lie in memory already; the tool's time is the median of what its log says, with preparing the images, averaging the
generator's weights and reading the losses.

Versions used: Python 3.11, torch 2.13.0 (CPU), numpy 2.4, pillow 13.0, scikit-learn 1.9.
Command: python compare_family.py --binary .build/release/cyclegan --folder /tmp/family cgan acgan sgan
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import time
from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

import family

CLASSES, LATENT, FILTERS, HIDDEN, SIDE = 10, 100, 64, 256, 28
BATCHES = {"cgan": 64, "acgan": 64, "sgan": 100}
STEPS = {"cgan": 40, "acgan": 40, "sgan": 1000}
bce = functional.binary_cross_entropy_with_logits


def generator(case: str) -> nn.Module:
    if case == "sgan":
        return nn.Sequential(nn.Linear(LATENT, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 64), nn.Tanh())
    return nn.Sequential(
        nn.Unflatten(1, (LATENT + CLASSES, 1, 1)),
        nn.ConvTranspose2d(LATENT + CLASSES, 2 * FILTERS, 7, bias=False), nn.BatchNorm2d(2 * FILTERS), nn.ReLU(),
        nn.ConvTranspose2d(2 * FILTERS, FILTERS, 4, 2, 1, bias=False), nn.BatchNorm2d(FILTERS), nn.ReLU(),
        nn.ConvTranspose2d(FILTERS, 1, 4, 2, 1, bias=False), nn.Tanh(),
    )  # fmt: skip


def discriminator(case: str) -> nn.Module:
    """The layers before the last one; the last one is by itself, for the features of an sgan."""
    if case == "sgan":
        return nn.ModuleList([nn.Sequential(nn.Linear(64, HIDDEN), nn.LeakyReLU(0.2)), nn.Linear(HIDDEN, CLASSES)])
    told = CLASSES if case == "cgan" else 0
    outputs = 1 + CLASSES if case == "acgan" else 1
    # An acgan has no norm there, and so biases.
    norm = [nn.BatchNorm2d(2 * FILTERS)] if case == "cgan" else []
    bias = case == "acgan"
    return nn.ModuleList([
        nn.Sequential(
            nn.Conv2d(1 + told, FILTERS, 4, 2, 1, bias=bias), nn.LeakyReLU(0.2),
            nn.Conv2d(FILTERS, 2 * FILTERS, 4, 2, 1, bias=bias), *norm, nn.LeakyReLU(0.2),
        ),
        nn.Sequential(nn.Conv2d(2 * FILTERS, outputs, 7, bias=bias), nn.Flatten()),
    ])  # fmt: skip


class GAN:
    def __init__(self, case: str) -> None:
        self.case = case
        self.g, self.d = generator(case), discriminator(case)
        rate = 3e-3 if case == "sgan" else 2e-4
        self.optimizer_g = torch.optim.Adam(self.g.parameters(), rate, (0.5, 0.999))
        self.optimizer_d = torch.optim.Adam(self.d.parameters(), rate, (0.5, 0.999))

    def judge(self, x: torch.Tensor, told: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        if self.case == "sgan":
            features = self.d[0](x + 0.3 * torch.randn_like(x))
            features = features + 0.5 * torch.randn_like(features)
        elif self.case == "cgan":
            maps = told[:, :, None, None].expand(-1, -1, SIDE, SIDE)
            features = self.d[0](torch.cat([x, maps], 1))
        else:
            features = self.d[0](x)
        return self.d[1](features), features

    def score(self, outputs: torch.Tensor) -> torch.Tensor:
        return outputs.logsumexp(1) if self.case == "sgan" else outputs[:, 0]

    def step(self, real: torch.Tensor, classes: torch.Tensor, labeled: torch.Tensor, labels: torch.Tensor) -> None:
        told = functional.one_hot(classes, CLASSES).float()
        z = torch.randn(len(real), LATENT)
        fake = self.g(z if self.case == "sgan" else torch.cat([z, told], 1))
        self.d.requires_grad_(True)
        (on_real, _), (on_fake, _) = self.judge(real, told), self.judge(fake.detach(), told)
        s_real, s_fake = self.score(on_real), self.score(on_fake)
        loss = bce(s_real, torch.ones_like(s_real)) + bce(s_fake, torch.zeros_like(s_fake))
        if self.case == "acgan":
            loss = loss + sum(functional.cross_entropy(o[:, 1:], classes) for o in (on_real, on_fake))
        if self.case == "sgan":
            loss = loss + functional.cross_entropy(self.judge(labeled, told)[0], labels)
        self.optimizer_d.zero_grad()
        loss.backward()
        self.optimizer_d.step()

        self.d.requires_grad_(False)
        outputs, features = self.judge(fake, told)
        if self.case == "sgan":
            with torch.no_grad():
                wanted = self.judge(real, told)[1].mean(0)
            loss = (features.mean(0) - wanted).pow(2).sum()
        else:
            score = self.score(outputs)
            loss = bce(score, torch.ones_like(score))
        if self.case == "acgan":
            loss = loss + functional.cross_entropy(outputs[:, 1:], classes)
        self.optimizer_g.zero_grad()
        loss.backward()
        self.optimizer_g.step()
        loss.item()


def theirs(case: str) -> float:
    """Seconds of a step, of the median of ten equal parts of the steps."""
    gan, batch = GAN(case), BATCHES[case]
    real = torch.rand((batch, 64) if case == "sgan" else (batch, 1, SIDE, SIDE)) * 2 - 1
    classes = torch.arange(batch) % CLASSES
    times = []
    for part in range(11):
        begun = time.perf_counter()
        for _ in range(STEPS[case] // 10):
            gan.step(real, classes, real, classes)
        times.append(10 * (time.perf_counter() - begun) / STEPS[case])
    return statistics.median(times[1:])


def ours(case: str, binary: str, folder: pathlib.Path, number: int) -> float:
    """The median of a step's seconds over the lines of the log, without the first."""
    run = folder / f"{case}-{number}"
    words = [
        binary, family.MODELS[case], "train", folder.parent / "train", "--condition", case, "--name", run.name,
        "--checkpoints-dir", folder, "--steps", STEPS[case] * 11 // 10, "--log-every", STEPS[case] // 10,
        "--save-every", "100000", "--batch-size", BATCHES[case], "--quiet",
    ]  # fmt: skip
    if case == "sgan":
        words += ["--labels", "100"]
    subprocess.run([str(word) for word in words], check=True)
    lines = (run / "metrics.jsonl").read_text().splitlines()
    return statistics.median(json.loads(line)["seconds_per_step"] for line in lines[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("members", nargs="+", choices=list(BATCHES))
    parser.add_argument("--binary", default=".build/release/cyclegan")
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    if not (asked.folder / "train").exists():
        family.write(asked.folder)
    torch.set_num_threads(os.cpu_count() or 1)
    folder = asked.folder / f"times-{time.time():.0f}"
    for case in asked.members:
        sides: dict[str, Callable[[int], float]] = {
            "pytorch": lambda number: theirs(case),
            "cyclegan": lambda number: ours(case, asked.binary, folder, number),
        }
        found: dict[str, list[float]] = {side: [] for side in sides}
        for number in range(asked.rounds):
            for side in list(sides) if number % 2 == 0 else list(reversed(sides)):
                found[side].append(sides[side](number))
        medians = {side: statistics.median(values) for side, values in found.items()}
        print(f"{family.MODELS[case]} --condition {case}:")
        for side, values in found.items():
            each = ", ".join(f"{1000 * value:.2f}" for value in values)
            print(f"  {side}: {1000 * medians[side]:.2f} ms a step of {each}")
        print(f"  ratio to PyTorch {torch.__version__}: {medians['cyclegan'] / medians['pytorch']:.2f}", flush=True)


if __name__ == "__main__":
    main()
