"""How much faster two processes of one thread each train than one, in turns: images a second, and their ratio."""

import argparse
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).parent.parent / "Torture"))
import images

STEPS, LOGGED = 15, 5


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def images_a_second(binary: str, data: list, folder: pathlib.Path, processes: int, more: list) -> float:
    """Trains afresh, each process with an image of its own in a step; the first steps do not count."""
    shutil.rmtree(folder, ignore_errors=True)
    command = [
        binary, "train", *data, "--checkpoints-dir", folder, "--name", "run", "--steps", STEPS,
        "--log-every", LOGGED, "--threads", 1, "--workers", 1, "--quiet", "--no-tensorboard",
        "--validate-every", 0, "--batch-size", processes, *more]
    launch = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), "WORLD_SIZE": str(processes)}
    started = [
        subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.DEVNULL,
            env=os.environ | (launch | {"RANK": str(rank), "LOCAL_RANK": str(rank)} if processes > 1 else {}))
        for rank in range(processes)]
    for process in started:
        if process.wait() != 0:
            raise SystemExit(f"error: a process of {processes} ended with {process.returncode}")
    lines = (folder / "run" / "metrics.jsonl").read_text().splitlines()
    times = [json.loads(line)["seconds_per_step"] for line in lines[1:]]
    return processes / statistics.mean(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=".build/release/cyclegan")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--precision", default="fp32")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        data = [images.write_folder(root / side, 16, 143) for side in "AB"]
        more = ["--generator-filters", 32, "--load-size", 143, "--crop-size", 128, "--precision", options.precision]
        ratios = []
        for number in range(options.rounds):
            # Whoever comes first may find a quieter machine.
            order = [1, 2] if number % 2 == 0 else [2, 1]
            found = {
                count: images_a_second(options.binary, data, root / "runs", count, more) for count in order}
            ratios.append(found[2] / found[1])
            print(f"one process {found[1]:.3f} images/s, two {found[2]:.3f}: {ratios[-1]:.2f} times")
    ratio = statistics.median(ratios)
    print(f"median {ratio:.2f} times; a step of two takes {100 * (2 / ratio - 1):.0f} % longer than one of one")


if __name__ == "__main__":
    main()
