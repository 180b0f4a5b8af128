"""Times one DCGAN training step and one generator forward pass in PyTorch.

The networks and the step are those of the DCGAN paper as PyTorch users write them: 64 filters,
transposed convolutions with batch norm and ReLU, binary cross entropy from logits, Adam, real and fake
batches apart, and the discriminator's gradients kept out of the generator's step. Prints one JSON object with
step_seconds and forward_seconds (medians after a warm-up), peak_memory_bytes, threads, libtorch_version.

Versions used: Python 3.11, torch 2.13.0 and Debian 12's 1.13.1 (CPU).
Command: python pytorch_dcgan_bench.py --crop-size 64 --batch-size 128 --steps 5
"""

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable

import torch
from torch import nn

FILTERS, LATENT, CHANNELS = 64, 100, 3


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--crop-size", type=int, choices=[32, 64, 128], default=64)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--steps", type=int, default=5, help="timed steps, after one warm-up")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    return parser.parse_args()


def widths(size: int) -> list[int]:
    """Channels of the feature maps from the narrowest on."""
    count = (size // 4).bit_length() - 1
    return [FILTERS << shift for shift in reversed(range(count))]


def make_generator(size: int) -> nn.Module:
    ends = widths(size)
    layers: list[nn.Module] = [nn.ConvTranspose2d(LATENT, ends[0], 4, 1, 0, bias=False)]
    for before, after in zip(ends, [*ends[1:], CHANNELS]):
        layers += [nn.BatchNorm2d(before), nn.ReLU(inplace=True)]
        layers.append(nn.ConvTranspose2d(before, after, 4, 2, 1, bias=False))
    return nn.Sequential(*layers, nn.Tanh())


def make_discriminator(size: int) -> nn.Module:
    ends = widths(size)[::-1]
    layers: list[nn.Module] = [
        nn.Conv2d(CHANNELS, ends[0], 4, 2, 1, bias=False),
        nn.LeakyReLU(0.2, inplace=True),
    ]
    for before, after in zip(ends, ends[1:]):
        layers += [nn.Conv2d(before, after, 4, 2, 1, bias=False), nn.BatchNorm2d(after)]
        layers.append(nn.LeakyReLU(0.2, inplace=True))
    return nn.Sequential(*layers, nn.Conv2d(ends[-1], 1, 4, 1, 0, bias=False))


def initialize(module: nn.Module) -> None:
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1, 0.02)


class DCGAN:
    def __init__(self, size: int) -> None:
        self.generator = make_generator(size).apply(initialize)
        self.discriminator = make_discriminator(size).apply(initialize)
        adam = {"lr": 2e-4, "betas": (0.5, 0.999)}
        self.generator_optimizer = torch.optim.Adam(self.generator.parameters(), **adam)
        self.discriminator_optimizer = torch.optim.Adam(self.discriminator.parameters(), **adam)
        self.criterion = nn.BCEWithLogitsLoss()

    def loss(self, images: torch.Tensor, label: float) -> torch.Tensor:
        scores = self.discriminator(images)
        return self.criterion(scores, torch.full_like(scores, label))

    def step(self, real: torch.Tensor) -> None:
        fake = self.generator(torch.randn(len(real), LATENT, 1, 1))
        self.discriminator.requires_grad_(True)
        self.discriminator_optimizer.zero_grad(set_to_none=True)
        (self.loss(real, 1) + self.loss(fake.detach(), 0)).backward()
        self.discriminator_optimizer.step()
        self.discriminator.requires_grad_(False)
        self.generator_optimizer.zero_grad(set_to_none=True)
        self.loss(fake, 1).backward()
        self.generator_optimizer.step()


def median_seconds(body: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(1 + repeats):
        start = time.perf_counter()
        body()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> None:
    options = parse()
    torch.set_num_threads(options.threads)
    gan = DCGAN(options.crop_size)
    real = torch.rand(options.batch_size, CHANNELS, options.crop_size, options.crop_size) * 2 - 1
    step_seconds = median_seconds(lambda: gan.step(real), options.steps)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts KiB
    gan.generator.eval()
    latents = torch.randn(options.batch_size, LATENT, 1, 1)
    with torch.inference_mode():
        forward_seconds = median_seconds(lambda: gan.generator(latents), options.steps)
    result = {
        "step_seconds": step_seconds,
        "forward_seconds": forward_seconds,
        "peak_memory_bytes": peak,
        "threads": torch.get_num_threads(),
        "libtorch_version": torch.__version__,
    }
    print(json.dumps(result | {"batch_size": options.batch_size, "crop_size": options.crop_size}))


if __name__ == "__main__":
    main()
