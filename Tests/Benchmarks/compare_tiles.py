"""Translates one image as a whole and in tiles in turns; prints CPU time, wall time, peak memory and ratios.

Two cases: the default network (resnet9, 64 filters) on 1.5 megapixels, and a small one (2 blocks, 8 filters)
on 12 megapixels. Every run is a process of its own; its CPU time is user and system time together, its
memory the largest resident set, both as the system counts them. Ratios are tiles over whole: below 1 is less.
Every other round runs in reverse order. OpenMP's threads spin while they wait for each other: where other
programs take the processors, CPU time counts that, and GOMP_SPINCOUNT=1000 keeps it small.

Versions used: Python 3.11, torch 2.13.0 (CPU), Pillow, safetensors.
Command: python compare_tiles.py --binary .build/release/cyclegan --rounds 3
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import torch
from PIL import Image
from safetensors.torch import save_file

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "Fixtures" / "Reference"))

from networks import initialize, make_generator  # noqa: E402

CASES = (("resnet9", 64, 1408, 1064), ("resnet2", 8, 4000, 3000))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=".build/release/cyclegan")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tile", type=int, default=512)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--precision", default="auto")
    return parser.parse_args()


def write_image(path: pathlib.Path, width: int, height: int) -> None:
    random = numpy.random.default_rng(0)
    coarse = random.integers(0, 256, (height // 16, width // 16, 3), dtype=numpy.uint8)
    smooth = numpy.asarray(Image.fromarray(coarse).resize((width, height), Image.BICUBIC))
    noisy = smooth + random.normal(0, 2, smooth.shape)
    Image.fromarray(noisy.clip(0, 255).astype(numpy.uint8)).save(path)


def run(command: list[str]) -> tuple[float, float, float]:
    """CPU seconds, wall seconds and the peak of memory in GiB of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    told = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"error: {' '.join(command)} exited {process.returncode}: {told[-300:]}")
    wall = time.perf_counter() - start
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 2**20


def main() -> None:
    options = parse()
    print(f"tiles of {options.tile}, {options.threads} threads, {options.precision}; ", end="")
    print(f"medians of {options.rounds} rounds\n")
    print("| network, image | | CPU, s | wall, s | peak, GiB |")
    print("| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        for generator, filters, width, height in CASES:
            network = make_generator(generator, filters=filters)
            initialize(network, torch.Generator().manual_seed(0))
            weights, image = scratch / "net_G_A.safetensors", scratch / "image.png"
            save_file({k: v.contiguous() for k, v in network.state_dict().items()}, weights)
            write_image(image, width, height)
            shared = [options.binary, "translate", weights, image, "--output", scratch / "out"]
            shared += ["--precision", options.precision, "--threads", options.threads, "--overwrite"]
            variants = {"whole": [], "tiles": ["--tile", options.tile]}
            found: dict[str, list[tuple[float, float, float]]] = {key: [] for key in variants}
            for number in range(options.rounds):
                order = list(variants) if number % 2 == 0 else list(reversed(variants))
                for variant in order:
                    result = run([str(part) for part in [*shared, *variants[variant]]])
                    found[variant].append(result)
                    shown = f"CPU {result[0]:.2f} s, wall {result[1]:.2f} s, {result[2]:.2f} GiB"
                    print(f"{generator} {variant}: {shown}", file=sys.stderr, flush=True)
            medians = {
                key: [statistics.median(column) for column in zip(*results)]
                for key, results in found.items()
            }
            label = f"{generator}, {filters} filters, {width}x{height}"
            for variant, values in medians.items():
                print(f"| {label} | {variant} | " + " | ".join(f"{v:.2f}" for v in values) + " |")
            ratios = [tiles / whole for tiles, whole in zip(medians["tiles"], medians["whole"])]
            print(f"| {label} | ratio | " + " | ".join(f"{v:.2f}" for v in ratios) + " |")


if __name__ == "__main__":
    main()
