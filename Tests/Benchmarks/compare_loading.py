"""Times reading, resizing and augmenting photographs for training: ours against Pillow and torchvision.

Makes JPEG photographs of 1024x768 pixels (seeded noise over smooth colors, quality 90), then runs
`cyclegan bench --images` and torchvision's transforms (Resize 286, RandomCrop 256, flip, ToTensor,
Normalize, as the reference has them) in turns, each on one thread, and prints images per second and
their ratio. Exits 1 below --at-least.

Versions used: Python 3.11, Pillow 12, torch 2.13, torchvision 0.28.
Command: python compare_loading.py --binary .build/release/cyclegan
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

SIZE = (1024, 768)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=".build/release/cyclegan")
    parser.add_argument("--images", type=int, default=48)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--at-least", type=float, default=1.5, help="the ratio that is promised")
    parser.add_argument("--folder", help=argparse.SUPPRESS)  # the other side's own process
    return parser.parse_args()


def write_photographs(folder: pathlib.Path, count: int) -> None:
    import numpy
    from PIL import Image

    random = numpy.random.default_rng(7)
    width, height = SIZE
    y, x = numpy.mgrid[0:height, 0:width].astype(numpy.float32)
    for index in range(count):
        frequencies = random.uniform(0.005, 0.05, (3, 2))
        waves = [127 + 90 * numpy.sin(a * x) * numpy.cos(b * y) for a, b in frequencies]
        pixels = numpy.stack(waves, axis=-1) + random.normal(0, 8, (height, width, 3))
        image = Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8))
        image.save(folder / f"{index:03}.jpg", quality=90)


def time_torchvision(folder: pathlib.Path) -> float:
    """Images per second of one pass over a folder, after one to warm up."""
    import torch
    from PIL import Image
    from torchvision import transforms

    torch.set_num_threads(1)
    torch.manual_seed(0)
    transform = transforms.Compose([
        transforms.Resize([286, 286], transforms.InterpolationMode.BICUBIC),
        transforms.RandomCrop(256),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    ])
    files = sorted(folder.iterdir())
    times = []
    for _ in range(4):
        begin = time.perf_counter()
        for file in files:
            transform(Image.open(file).convert("RGB"))
        times.append(time.perf_counter() - begin)
    return len(files) / statistics.median(times[1:])


def measure(command: list[str]) -> float:
    environment = dict(os.environ, OMP_NUM_THREADS="1")
    output = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout
    return json.loads(output)["pictures_per_second"]


def main() -> None:
    options = parse()
    if options.folder:
        print(json.dumps({"pictures_per_second": time_torchvision(pathlib.Path(options.folder))}))
        return
    with tempfile.TemporaryDirectory() as folder:
        write_photographs(pathlib.Path(folder), options.images)
        ours = [options.binary, "bench", "--images", folder, "--steps", "3"]
        theirs = [sys.executable, __file__, "--folder", folder]
        rounds = [(measure(ours), measure(theirs)) for _ in range(options.rounds)]
    mine, other = (statistics.median(side) for side in zip(*rounds))
    print(f"cyclegan               {mine:7.1f} images/s")
    print(f"Pillow and torchvision {other:7.1f} images/s")
    print(f"ratio                  {mine / other:7.2f}")
    if mine / other < options.at_least:
        sys.exit(f"error: {mine / other:.2f} is less than {options.at_least}")


if __name__ == "__main__":
    main()
