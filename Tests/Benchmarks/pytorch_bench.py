"""Times one CycleGAN training step and one generator forward pass in PyTorch.

Prints one JSON object: step_seconds and forward_seconds (medians after a warm-up),
peak_memory_bytes (the process's largest resident set, ru_maxrss, taken after the steps), threads,
precision, libtorch_version, and the settings. Networks and step are those of
Tests/Fixtures/Reference: ResNet or U-Net generators with 64 filters, 70x70 PatchGANs, least-squares
loss, identity on, no pool.

This is the fast path a fair user of PyTorch has without changing the model: gradients dropped
rather than zeroed, Adam as torch makes it (on a CPU a loop over the tensors; --adam foreach and
fused are the other two), autocast around the forward passes for bf16, inference_mode for the
forward pass, no in-place ReLU on instance norm's output (autograd would copy it). Images are random
and made outside of the timing.

Versions used: Python 3.11, torch 2.13.0 (CPU).
Command: python pytorch_bench.py --crop-size 256 --generator resnet9 --precision fp32 --steps 5
"""

import argparse
import json
import pathlib
import resource
import statistics
import sys
import time
from collections.abc import Callable

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "Fixtures" / "Reference"))

from networks import PatchDiscriminator, initialize, make_generator  # noqa: E402
from training import NETWORKS, CycleGAN, Settings  # noqa: E402


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--crop-size", type=int, default=256)
    parser.add_argument("--generator", default="resnet9", help="resnetN, unet128 or unet256")
    parser.add_argument("--batch-size", type=int, default=1)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--steps", type=int, default=5, help="timed steps, after one warm-up")
    parser.add_argument("--forwards", type=int, default=10, help="timed forwards, after two")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--adam", choices=["default", "foreach", "fused"], default="default")
    return parser.parse_args()


def make_cyclegan(options: argparse.Namespace) -> CycleGAN:
    generator = torch.Generator().manual_seed(0)
    networks = {}
    for name in NETWORKS:
        is_generator = name.startswith("G")
        network = make_generator(options.generator) if is_generator else PatchDiscriminator()
        initialize(network, generator)
        networks[name] = network
    adam = {} if options.adam == "default" else {options.adam: True}
    return CycleGAN(networks, Settings(), **adam)


def median_seconds(body: Callable[[], object], warm_up: int, repeats: int) -> float:
    times = []
    for _ in range(warm_up + repeats):
        start = time.perf_counter()
        body()
        times.append(time.perf_counter() - start)
    return statistics.median(times[warm_up:])


def main() -> None:
    options = parse()
    torch.set_num_threads(options.threads)
    cyclegan = make_cyclegan(options)
    shape = (options.batch_size, 3, options.crop_size, options.crop_size)
    real_a, real_b = (torch.rand(shape) * 2 - 1 for _ in range(2))

    def autocast() -> torch.autocast:
        return torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bf16")

    def step() -> None:
        cyclegan.step(real_a, real_b, autocast=autocast)

    def forward() -> None:
        with torch.inference_mode(), autocast():
            cyclegan.networks["G_A"](real_a)

    step_seconds = median_seconds(step, warm_up=1, repeats=options.steps)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts KiB
    forward_seconds = median_seconds(forward, warm_up=2, repeats=options.forwards)
    print(
        json.dumps(
            {
                "step_seconds": step_seconds,
                "forward_seconds": forward_seconds,
                "peak_memory_bytes": peak,
                "threads": torch.get_num_threads(),
                "libtorch_version": torch.__version__,
            }
            | {key: value for key, value in vars(options).items() if key != "threads"},
        )
    )


if __name__ == "__main__":
    main()
