"""Runs our `cyclegan bench` and pytorch_bench.py in turns and prints medians and ratios.

Every round runs each variant once, each in its own process, every other round in reverse order, so
that a machine which slows down or warms up treats all alike. Both sides get the same crop size,
generator, batch size and steps, and the same threads through OMP_NUM_THREADS. Ratios are ours over
PyTorch's float32: below 1 is faster (or smaller). Progress goes to stderr, the table to stdout.

`cyclegan bench` must print one JSON object with step_seconds, forward_seconds, peak_memory_bytes.

Versions used: Python 3.11; pytorch_bench.py says which torch.
Command: python compare.py --binary .build/release/cyclegan --rounds 3
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

PYTORCH_BENCH = pathlib.Path(__file__).parent / "pytorch_bench.py"
MEASURES = ("step_seconds", "forward_seconds", "peak_memory_bytes")
REFERENCE = ("pytorch", "fp32")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=".build/release/cyclegan")
    parser.add_argument("--python", default=sys.executable, help="a Python that has torch")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--crop-size", type=int, default=256)
    parser.add_argument("--generator", default="resnet9")
    parser.add_argument("--batch-size", type=int, default=1)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--ours", nargs="+", default=["fp32", "auto"], help="our precisions")
    parser.add_argument("--pytorch", nargs="+", default=["fp32", "bf16"], help="PyTorch's")
    parser.add_argument("--json", type=pathlib.Path, help="also write every result to this file")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    if REFERENCE[1] not in options.pytorch:
        parser.error("--pytorch must include fp32, which the ratios refer to")
    return options


def run(variant: tuple[str, str], options: argparse.Namespace) -> dict:
    """One process of one variant, to its end; its JSON result."""
    side, precision = variant
    program = [options.python, PYTORCH_BENCH] if side == "pytorch" else [options.binary, "bench"]
    shared = ["--crop-size", options.crop_size, "--generator", options.generator]
    shared += ["--batch-size", options.batch_size, "--steps", options.steps]
    command = [str(part) for part in [*program, *shared, "--precision", precision]]
    environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads))
    finished = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    if finished.returncode != 0:
        sys.exit(f"error: {' '.join(command)} exited {finished.returncode}")
    try:
        result = json.loads(finished.stdout)
    except json.JSONDecodeError:
        sys.exit(f"error: {' '.join(command)} did not print JSON: {finished.stdout[:200]!r}")
    for measure in MEASURES:
        if measure not in result:
            sys.exit(f"error: {' '.join(command)}: no {measure} in what it printed")
    if result.get("threads", options.threads) != options.threads:
        sys.exit(f"error: {' '.join(command)} used {result['threads']} threads")
    return result


def processor() -> str:
    """The processor's name as Linux gives it."""
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def table(results: dict[tuple[str, str], list[dict]]) -> str:
    def median(variant: tuple[str, str], measure: str) -> float:
        return statistics.median(result[measure] for result in results[variant])

    lines = [
        "| | libtorch | step, s | ratio | forward, s | ratio | peak, GiB | ratio |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for variant, found in results.items():
        cells = [f"{variant[0]} {variant[1]}", str(found[0].get("libtorch_version", "unknown"))]
        for measure in MEASURES:
            value = median(variant, measure)
            shown = value / 2**30 if measure == "peak_memory_bytes" else value
            cells += [f"{shown:.3f}", f"{value / median(REFERENCE, measure):.2f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    options = parse()
    variants = [("pytorch", precision) for precision in options.pytorch]
    variants += [("cyclegan", precision) for precision in options.ours]
    results: dict[tuple[str, str], list[dict]] = {variant: [] for variant in variants}
    for number in range(options.rounds):
        for variant in variants if number % 2 == 0 else reversed(variants):
            result = run(variant, options)
            results[variant].append(result)
            step, forward = result["step_seconds"], result["forward_seconds"]
            measured = f"{' '.join(variant)}: step {step:.3f} s, forward {forward:.3f} s"
            print(f"round {number + 1}: {measured}", file=sys.stderr, flush=True)
    size = f"{options.crop_size}x{options.crop_size}, batch {options.batch_size}"
    machine = f"{options.threads} threads, {processor()}"
    print(f"{options.generator} at {size}, {machine}; medians of {options.rounds} rounds\n")
    print(table(results))
    if options.json:
        record = {" ".join(variant): found for variant, found in results.items()}
        options.json.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
