"""Translates one folder by `cyclegan translate` and by a plain Python loop in turns; prints the ratios.

The images are 256x256 PNG files of smooth colors with some noise, which compress about as
photographs do. The loop is what a user of PyTorch writes: Pillow reads, the generator runs in float32
in inference mode, Pillow writes. Its time leaves out the start of Python and the loading of weights;
ours is the whole process. Ratios are images per second, ours over the loop's: above 1 is faster. The
share of our time that is spent in the network is read off what `translate` says.

Versions used: Python 3.11, torch 2.13.0 (CPU), Pillow, safetensors.
Command: python compare_translate.py --binary .build/release/cyclegan --rounds 3
"""

import argparse
import os
import pathlib
import re
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


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=".build/release/cyclegan")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--generator", default="resnet9")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--ours", nargs="+", default=["fp32", "auto"], help="our precisions")
    return parser.parse_args()


def write_images(folder: pathlib.Path, count: int, size: int) -> None:
    random = numpy.random.default_rng(0)
    folder.mkdir()
    for index in range(count):
        coarse = random.integers(0, 256, (8, 8, 3), dtype=numpy.uint8)
        smooth = numpy.asarray(Image.fromarray(coarse).resize((size, size), Image.BICUBIC))
        noisy = smooth + random.normal(0, 2, smooth.shape)
        image = Image.fromarray(noisy.clip(0, 255).astype(numpy.uint8))
        image.save(folder / f"{index:03}.png")


def python_loop(network: torch.nn.Module, source: pathlib.Path, target: pathlib.Path) -> float:
    """Seconds for the folder."""
    target.mkdir()
    start = time.perf_counter()
    with torch.inference_mode():
        for path in sorted(source.iterdir()):
            image = numpy.asarray(Image.open(path).convert("RGB"))
            x = torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
            y = ((network(x)[0].permute(1, 2, 0) + 1) * 127.5).round().clamp(0, 255)
            Image.fromarray(y.byte().numpy()).save(target / path.name)
    return time.perf_counter() - start


def translate(
    options: argparse.Namespace, precision: str, weights: pathlib.Path, source: pathlib.Path,
    target: pathlib.Path,
) -> tuple[float, float]:
    """Seconds for the folder, and the percentage of them in the network."""
    command = [options.binary, "translate", weights, source, "--output", target]
    command += ["--precision", precision, "--threads", options.threads]
    start = time.perf_counter()
    finished = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    seconds = time.perf_counter() - start
    share = re.search(r"(\d+) % of it in the network", finished.stderr)
    if finished.returncode != 0 or not share:
        sys.exit(f"error: {command} exited {finished.returncode}: {finished.stderr[-300:]}")
    return seconds, float(share[1])


def main() -> None:
    options = parse()
    torch.set_num_threads(options.threads)
    network = make_generator(options.generator)
    initialize(network, torch.Generator().manual_seed(0))
    seconds: dict[str, list[float]] = {"Python loop": []} | {name: [] for name in options.ours}
    shares: dict[str, list[float]] = {name: [] for name in options.ours}
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        weights, source = scratch / "net_G_A.safetensors", scratch / "images"
        save_file({key: value.contiguous() for key, value in network.state_dict().items()}, weights)
        write_images(source, options.images, options.size)
        for number in range(options.rounds):
            loop = python_loop(network, source, scratch / f"python-{number}")
            seconds["Python loop"].append(loop)
            print(f"round {number + 1}: Python loop {loop:.2f} s", file=sys.stderr, flush=True)
            for precision in options.ours:
                target = scratch / f"{precision}-{number}"
                time_taken, share = translate(options, precision, weights, source, target)
                seconds[precision].append(time_taken)
                shares[precision].append(share)
                told = f"cyclegan {precision} {time_taken:.2f} s, {share:.0f} % in the network"
                print(f"round {number + 1}: {told}", file=sys.stderr, flush=True)
    print(
        f"{options.images} PNG files of {options.size}x{options.size}, {options.generator}, "
        f"{options.threads} threads; medians of {options.rounds} rounds\n"
    )
    print("| | images a second | ratio | in the network |")
    print("| --- | --- | --- | --- |")
    reference = statistics.median(seconds["Python loop"])
    for variant, times in seconds.items():
        median = statistics.median(times)
        share = f"{statistics.median(shares[variant]):.0f} %" if variant in shares else ""
        label = f"cyclegan {variant}" if variant in shares else f"{variant}, fp32"
        rate = options.images / median
        print(f"| {label} | {rate:.2f} | {reference / median:.2f} | {share} |")


if __name__ == "__main__":
    main()
