"""Runs `cyclegan bench --network dcgan` and pytorch_dcgan_bench.py in turns; prints medians and ratios.

Every round runs each side once, each in its own process, every other round in reverse order. Both
get the same size, batch size, steps and threads, and compute in float32. Name a Python whose torch
is the libtorch that the binary was built with. Ratios are ours over PyTorch's: below 1 is faster.

Versions used: Python 3.11; each side says which libtorch.
Command: python compare_dcgan.py --binary .build/release/cyclegan --python /usr/bin/python3
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

PYTORCH_BENCH = pathlib.Path(__file__).parent / "pytorch_dcgan_bench.py"
MEASURES = ("step_seconds", "forward_seconds")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=".build/release/cyclegan")
    parser.add_argument("--python", default=sys.executable, help="a Python that has torch")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--crop-size", type=int, default=64)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args()

    shared = ["--crop-size", options.crop_size, "--batch-size", options.batch_size]
    shared += ["--steps", options.steps]
    programs = {
        "pytorch": [options.python, PYTORCH_BENCH, *shared],
        "cyclegan": [
            *[options.binary, "bench", "--network", "dcgan", "--precision", "fp32"],
            *shared,
        ],
    }
    environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads))
    results: dict[str, list[dict]] = {side: [] for side in programs}
    for number in range(options.rounds):
        for side in list(programs) if number % 2 == 0 else list(reversed(programs)):
            command = [str(part) for part in programs[side]]
            finished = subprocess.run(
                command, env=environment, stdout=subprocess.PIPE, text=True, check=True
            )
            result = json.loads(finished.stdout)
            results[side].append(result)
            print(f"round {number + 1}: {side}: {result}", file=sys.stderr, flush=True)
    medians = {
        side: [statistics.median(result[measure] for result in found) for measure in MEASURES]
        for side, found in results.items()
    }
    print("| | libtorch | step, s | ratio | forward, s | ratio |")
    print("| --- | --- | --- | --- | --- | --- |")
    for side, values in medians.items():
        cells = [side, results[side][0]["libtorch_version"]]
        for value, reference in zip(values, medians["pytorch"]):
            cells += [f"{value:.3f}", f"{value / reference:.2f}"]
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
