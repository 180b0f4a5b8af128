"""Times a training step and a forward pass beside other programs that want the cores.

Each program runs alone, beside one endless loop and beside two, each loop in a session of its own: Linux
shares the cores between sessions. Ratios are to the same program alone. Progress goes to stderr, the
table to stdout.

Versions used: Python 3.11; pytorch_bench.py says which torch.
Command: python compare_busy.py --binary .build/release/cyclegan --rounds 2
"""

import argparse
import contextlib
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys

PYTORCH_BENCH = pathlib.Path(__file__).parent / "pytorch_bench.py"
LOOP = ["sh", "-c", "while :; do :; done"]
LOOPS = (0, 1, 2)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=".build/release/cyclegan")
    parser.add_argument("--python", default=sys.executable, help="a Python that has torch")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--crop-size", type=int, default=128)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--no-pytorch", action="store_true")
    return parser.parse_args()


def programs(options: argparse.Namespace) -> dict[str, tuple[list, dict]]:
    """Their names; what to run and what to add to the environment."""
    steps = ["--steps", options.steps]
    cyclegan = [options.binary, "bench", *steps, "--precision", "fp32", "--crop-size", options.crop_size]
    pytorch = [options.python, PYTORCH_BENCH, *steps, "--precision", "fp32", "--crop-size", options.crop_size]
    found = {
        "cyclegan": (cyclegan, {}),
        "cyclegan, dcgan": ([options.binary, "bench", "--network", "dcgan", *steps], {}),
    }
    if not options.no_pytorch:
        found["pytorch"] = (pytorch, {})
        found["pytorch, passive"] = (pytorch, {"OMP_WAIT_POLICY": "passive"})
    return found


@contextlib.contextmanager
def loops(count: int):
    """Endless loops while the body runs."""
    started = [subprocess.Popen(LOOP, start_new_session=True) for _ in range(count)]
    try:
        yield
    finally:
        for loop in started:
            os.killpg(loop.pid, signal.SIGKILL)
            loop.wait()


def run(command: list, environment: dict) -> dict:
    """One process, in a session of its own, to its end; its JSON result."""
    words = [str(part) for part in command]
    finished = subprocess.run(
        words, env=dict(os.environ, **environment), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, start_new_session=True)
    if finished.returncode != 0:
        sys.exit(f"error: {' '.join(words)} exited {finished.returncode}")
    return json.loads(finished.stdout)


def table(results: dict[str, dict[int, list[dict]]]) -> str:
    lines = [
        "| | step alone, s | beside one loop | beside two | forward alone, s | beside one | beside two |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, found in results.items():
        cells = [name]
        for measure in ("step_seconds", "forward_seconds"):
            seconds = [statistics.median(result[measure] for result in found[count]) for count in LOOPS]
            cells += [f"{seconds[0]:.3f}"]
            cells += [f"{busy:.3f} ({busy / seconds[0]:.2f})" for busy in seconds[1:]]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    options = parse()
    every = programs(options)
    results = {name: {count: [] for count in LOOPS} for name in every}
    for number in range(options.rounds):
        for count in LOOPS:
            for name in every if number % 2 == 0 else reversed(every):
                with loops(count):
                    result = run(*every[name])
                results[name][count].append(result)
                print(f"round {number + 1}, {count} loops: {name}: step {result['step_seconds']:.3f} s",
                      file=sys.stderr, flush=True)
    print(f"{options.crop_size}x{options.crop_size}, float32; medians of {options.rounds} rounds\n")
    print(table(results))


if __name__ == "__main__":
    main()
