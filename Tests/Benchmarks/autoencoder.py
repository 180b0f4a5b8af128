"""Trains `cyclegan autoencoder` on scikit-learn's 8x8 digits and compares what it reaches with other models.

Writes the 1,797 digits as gray PNG files, 1,347 to train on and 450 to test, stratified by class, seed 0. Trains a
variational autoencoder on images cut at half (8 of 16) and a plain one on gray images, with the tool's defaults and the
seeds 0, 1 and 2, and measures both on the test images: the negative ELBO and the importance-sampled likelihood with
500 draws, and the mean squared error of values from 0 to 1. Beside them stand independent Bernoulli values, a mixture of
50 Bernoulli components (expectation maximization, the best of three starts) and the principal components. Fails above the
limits that are printed. `numbers` does this; `time` compares a step with PyTorch's, in turns.

Versions used: Python 3.11, numpy 2.4, pillow 12.3, scikit-learn 1.9, torch 2.13.0 (CPU; `time` alone).
Command: python autoencoder.py numbers --binary .build/release/cyclegan --folder /tmp/autoencoder
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import numpy
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split

LIMITS = {"negative ELBO, nats": 18.5, "importance-sampled, nats": 17.5, "plain, mean squared error": 0.0246}
SEEDS = (0, 1, 2)
SMOOTHING = 0.1  # of a probability, so that no value of a test image is impossible


def split() -> tuple[numpy.ndarray, numpy.ndarray]:
    """Values from 0 to 16, [images, 64], to train on and to test."""
    digits = load_digits()
    train, test = train_test_split(digits.data, test_size=450, stratify=digits.target, random_state=0)
    return train, test


def write(folder: pathlib.Path) -> None:
    for name, images in zip(("train", "test"), split()):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for index, pixels in enumerate(images):
            values = (pixels.reshape(8, 8) * 255 / 16).round().astype(numpy.uint8)
            Image.fromarray(values).save(folder / name / f"{index:04}.png")


def smoothed(ones: numpy.ndarray, count) -> numpy.ndarray:
    return (ones + SMOOTHING) / (count + 2 * SMOOTHING)


def log_likelihoods(images: numpy.ndarray, probabilities: numpy.ndarray) -> numpy.ndarray:
    """log p(x) of each image under each row of probabilities."""
    return images @ numpy.log(probabilities).T + (1 - images) @ numpy.log(1 - probabilities).T


def mixture(train: numpy.ndarray, test: numpy.ndarray, components: int, seed: int) -> float:
    """Nats an image of a mixture of Bernoulli components after 100 rounds of expectation maximization."""
    random = numpy.random.default_rng(seed)
    shares = random.dirichlet(numpy.ones(components), len(train))

    def fit(shares):
        weights = (shares.sum(0) + 1e-9) / len(train)
        return numpy.log(weights), smoothed(shares.T @ train, shares.sum(0)[:, None])

    def joint(images, model):
        return model[0] + log_likelihoods(images, model[1])

    for _ in range(100):
        model = fit(shares)
        logs = joint(train, model)
        shares = numpy.exp(logs - logs.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
    logs = joint(test, model)
    highest = logs.max(1)
    return float(-(highest + numpy.log(numpy.exp(logs - highest[:, None]).sum(1))).mean())


def others() -> None:
    train, test = split()
    black_and_white = [(images >= 8).astype(float) for images in (train, test)]
    single = smoothed(black_and_white[0].sum(0, keepdims=True), len(train))
    print(f"independent Bernoulli: {-log_likelihoods(black_and_white[1], single).mean():.2f} nats")
    print(f"mixture of 50: {min(mixture(*black_and_white, 50, seed) for seed in SEEDS):.2f} nats")
    components = PCA(8).fit(train / 16)
    reduced = components.inverse_transform(components.transform(test / 16))
    print(f"8 principal components: mean squared error {((reduced - test / 16) ** 2).mean():.4f}")


def numbers(binary: str, folder: pathlib.Path) -> bool:
    images = folder / "images"
    if not images.exists():
        write(images)
    others()
    runs = folder / f"runs-{time.time():.0f}"
    found: dict[str, list[float]] = {name: [] for name in LIMITS}
    for seed in SEEDS:
        for kind, options in (("variational", ["--binarize", "0.5"]), ("plain", ["--kind", "plain"])):
            name = f"{kind}-{seed}"
            train = [binary, "autoencoder", "train", images / "train", "--name", name, "--checkpoints-dir", runs]
            begun = time.monotonic()
            run([*train, "--seed", seed, "--quiet", *options])
            seconds = time.monotonic() - begun
            result = json.loads(run([binary, "autoencoder", "evaluate", runs / name, images / "test", "--json"]))
            means = {key: value["mean"] for key, value in result.items() if isinstance(value, dict)}
            print(f"{name}: {seconds:.0f} s, " + ", ".join(f"{key} {value:.4f}" for key, value in means.items()))
            if kind == "plain":
                found["plain, mean squared error"].append(means["mean_squared_error"])
            else:
                found["negative ELBO, nats"].append(means["negative_elbo"])
                found["importance-sampled, nats"].append(means["negative_log_likelihood"])
    reached = True
    for name, values in found.items():
        median = statistics.median(values)
        reached &= median <= LIMITS[name]
        print(f"{name}: median {median:.4f} of {', '.join(f'{value:.4f}' for value in values)}; limit {LIMITS[name]}")
    return reached


def run(command: list) -> str:
    words = [str(word) for word in command]
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout


def pytorch_step(images: numpy.ndarray, steps: int) -> float:
    """Seconds of a step of the same network; the images lie in memory already."""
    import torch
    from torch import nn

    data = torch.tensor(images, dtype=torch.float32)
    encoder = nn.Sequential(nn.Linear(64, 500), nn.ReLU(), nn.Linear(500, 16))
    decoder = nn.Sequential(nn.Linear(8, 500), nn.ReLU(), nn.Linear(500, 64))
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-3)
    begun = time.monotonic()
    for step in range(steps):
        if step % 14 == 0:
            order = torch.randperm(len(data))
        x = data[order[step % 14 * 100 :][:100]]
        mean, log_variance = encoder(2 * x - 1).chunk(2, dim=1)
        code = mean + (log_variance / 2).exp() * torch.randn_like(mean)
        cost = nn.functional.binary_cross_entropy_with_logits(decoder(code), x, reduction="sum")
        divergence = 0.5 * (mean**2 + log_variance.exp() - log_variance - 1).sum()
        loss = (cost + divergence) / len(x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()  # each step is reported, as the tool does
    return (time.monotonic() - begun) / steps


def compare_times(binary: str, folder: pathlib.Path, rounds: int, steps: int) -> None:
    import torch

    images = folder / "images"
    if not images.exists():
        write(images)
    threads = os.cpu_count() or 1
    torch.set_num_threads(threads)
    train = (split()[0] >= 8).astype(float)
    runs = folder / f"times-{time.time():.0f}"

    def ours(number: int) -> float:
        """The median of a step's seconds over the lines of the log, preparation of the images included."""
        call = [binary, "autoencoder", "train", images / "train", "--binarize", "--name", number]
        run([*call, "--checkpoints-dir", runs, "--steps", steps, "--save-every", "100000", "--quiet"])
        lines = (runs / str(number) / "metrics.jsonl").read_text().splitlines()
        return statistics.median(json.loads(line)["seconds_per_step"] for line in lines)

    sides = {"pytorch": lambda number: pytorch_step(train, steps), "cyclegan": ours}
    found: dict[str, list[float]] = {side: [] for side in sides}
    for number in range(rounds):
        for side in list(sides) if number % 2 == 0 else list(reversed(sides)):
            found[side].append(sides[side](number))
    medians = {side: statistics.median(values) for side, values in found.items()}
    for side, values in found.items():
        print(f"{side}: {1000 * medians[side]:.2f} ms a step of {', '.join(f'{1000 * v:.2f}' for v in values)}")
    print(f"ratio to PyTorch {torch.__version__}: {medians['cyclegan'] / medians['pytorch']:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("part", choices=["numbers", "time"])
    parser.add_argument("--binary", default=".build/release/cyclegan")
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=2000)
    options = parser.parse_args()
    if options.part == "time":
        compare_times(options.binary, options.folder, options.rounds, options.steps)
    elif not numbers(options.binary, options.folder):
        sys.exit(1)


if __name__ == "__main__":
    main()
