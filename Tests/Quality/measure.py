"""Does the measure without pairs follow the truth? Rank correlations over the runs that ablation.py has left.

    python3 measure.py --folder work

The measure is that of Sources/Training/TranslationMeasure.swift, written again in numpy: a second opinion about it.
Truth is the mean of the ranks by PSNR and by SSIM. Needs numpy and Pillow.
"""

import argparse
import json
import pathlib

import numpy as np

import scores

PATCH, DIRECTIONS = 7, 128
KERNEL = np.array([1, 4, 6, 4, 1]) / 16


def along(x, axis, function):
    return np.moveaxis(function(np.moveaxis(x, axis, -1)), -1, axis)


def half(x):
    """Blurred, every second pixel; images are [count, height, width, channels]."""

    def one(line):
        padded = np.pad(line, [(0, 0)] * (line.ndim - 1) + [(2, 2)], mode="reflect")
        size = line.shape[-1]
        return sum(KERNEL[i] * padded[..., i : i + size] for i in range(5))[..., ::2]

    return along(along(x, 1, one), 2, one)


def double(x, height, width):
    def one(size):
        def function(line):
            padded = np.pad(line, [(0, 0)] * (line.ndim - 1) + [(1, 1)], mode="reflect")
            sparse = np.zeros(padded.shape[:-1] + (2 * padded.shape[-1] + 3,))
            for i in range(5):
                sparse[..., i : i + 2 * padded.shape[-1] : 2] += 2 * KERNEL[i] * padded
            return sparse[..., 4 : 4 + size]

        return function

    return along(along(x, 1, one(height)), 2, one(width))


def pyramid(x):
    levels = []
    while min(x.shape[1:3]) >= 32:
        smaller = half(x)
        levels.append(x - double(smaller, *x.shape[1:3]))
        x = smaller
    return levels + [x]


def patch_distance(x, y):
    distances = []
    for level, (a, b) in enumerate(zip(pyramid(x), pyramid(y))):
        random = np.random.default_rng(level).normal(size=(PATCH * PATCH * 3, DIRECTIONS))
        units = random / np.linalg.norm(random, axis=0)
        step = max(1, (min(a.shape[1:3]) - PATCH) // 16) | 1

        def projected(maps):
            windows = np.lib.stride_tricks.sliding_window_view(maps, (PATCH, PATCH), axis=(1, 2))
            patches = windows[:, ::step, ::step].reshape(-1, 3 * PATCH * PATCH)
            return np.sort(patches @ units, axis=0)

        distances.append(np.mean(np.abs(projected(a) - projected(b))))
    return float(np.mean(distances))


def edges(x):
    gray = x.mean(axis=3)
    column = gray[:, :, 2:] - gray[:, :, :-2]
    across = column[:, :-2] + 2 * column[:, 1:-1] + column[:, 2:]
    row = gray[:, 2:] - gray[:, :-2]
    down = row[:, :, :-2] + 2 * row[:, :, 1:-1] + row[:, :, 2:]
    return np.sqrt(across**2 + down**2)


def edge_correlation(x, y):
    a, b = edges(x), edges(y)
    return float(np.mean([np.corrcoef(p.ravel(), q.ravel())[0, 1] for p, q in zip(a, b)]))


def images(folder):
    return np.stack([scores.read(file) for file in sorted(folder.glob("*.png"))]) * 2 - 1


def ranks(values):
    values = np.asarray(values)
    return np.array([np.sum(values < v) + (np.sum(values == v) + 1) / 2 for v in values])


def spearman(a, b):
    return float(np.corrcoef(ranks(a), ranks(b))[0, 1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="as given to ablation.py")
    folder = parser.parse_args().folder
    results = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    print("| pair, pixels | direction | candidates | distance | edges | both |")
    print("| --- | --- | --- | --- | --- | --- |")
    for pair, side in sorted({(r["pair"], r["side"]) for r in results}):
        data = folder / "data" / f"{pair}-{side}"
        for way, source, wanted in [("a-to-b", "testA", "trainB"), ("b-to-a", "testB", "trainA")]:
            inputs, real = images(data / source), images(data / wanted)[:24]
            found = []
            for r in results:
                if (r["pair"], r["side"]) != (pair, side):
                    continue
                for weights in ["last", "averaged"]:
                    run = folder / "runs" / r["run"] / weights / way
                    made = images(run)
                    truth = r[f"{weights} {way}"]
                    found.append(
                        (truth["psnr"], truth["ssim"], patch_distance(made, real), edge_correlation(inputs, made))
                    )
            psnr, ssim, distance, edge = map(np.array, zip(*found))
            truth = ranks(psnr) + ranks(ssim)
            worse = ranks(distance) + ranks(-edge)
            cells = [spearman(truth, -distance), spearman(truth, edge), spearman(truth, -worse)]
            print(f"| {pair}, {side} | {way} | {len(found)} | " + " | ".join(f"{c:.2f}" for c in cells) + " |")


if __name__ == "__main__":
    main()
