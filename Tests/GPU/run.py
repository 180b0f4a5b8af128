"""Shows in one call whether the program works on a GPU, and how fast it is there against PyTorch.

Runs where the GPU is, with a plain Python that has torch, numpy, pillow and safetensors, from this repository and the
kit that build.sh has made elsewhere; ends within eight minutes. Each check is a process of its own with its own limit
of time, and what it has found until then counts: one that hangs hides no other. Prints a table to the standard
output, and writes all of it as JSON. Exits 1 if a check has failed.

  python Tests/GPU/run.py --kit .gpu/kit.tar.xz --json $OUT/gpu.json             where the GPU is
  python Tests/GPU/run.py --device cpu --small --binary .build/release/cyclegan  anywhere, in a minute or two

Versions used: Python 3.11, torch 2.13.0 (CPU), numpy 2.4.6, pillow 13.0.0, safetensors 0.8.0. Not yet run on a GPU.
"""

import argparse
import contextlib
import itertools
import json
import multiprocessing
import os
import pathlib
import platform
import re
import resource
import signal
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import traceback

import numpy
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path += [str(TESTS / "Fixtures" / "Reference"), str(TESTS / "Benchmarks")]

from networks import (  # noqa: E402
    PatchDiscriminator,
    ResnetGenerator,
    UNetGenerator,
    initialize,
    initialize_steadily,
    make_generator,
)
from training import LOSSES, NETWORKS, CycleGAN, images_to_batch  # noqa: E402


class Kit:
    """The program, the device, and where a check puts what it finds."""

    def __init__(self, options: argparse.Namespace, scratch: pathlib.Path, results: pathlib.Path):
        self.options = options
        self.device = options.device
        self.small = options.small
        self.scratch = scratch
        self.results = results
        self.gpu = torch.device("cuda" if self.device.startswith("cuda") else "cpu")
        self.on_gpu = self.gpu.type == "cuda"

    def note(self, name: str, value, wanted: str = "", ok: bool | None = None) -> None:
        """A row of the table; `ok` is None for what is only told."""
        row = {"name": name, "value": value, "wanted": wanted, "ok": ok}
        with self.results.open("a") as file:
            file.write(json.dumps(row) + "\n")

    def command(self, *words) -> list[str]:
        return [str(self.options.binary), *(str(word) for word in words)]

    def run(self, *words, expect: int | None = 0, variables: dict | None = None, **more) -> subprocess.CompletedProcess:
        """The program's run, with `variables` beside the environment; raises where it does not exit as expected."""
        environment = {**self.options.environment, **(variables or {})}
        finished = subprocess.run(self.command(*words), capture_output=True, text=True, env=environment, **more)
        if expect is not None and finished.returncode != expect:
            last = finished.stderr.strip().split("\n")[-1]
            raise RuntimeError(f"{words[0]} exited {finished.returncode}, not {expect}: {last}")
        return finished


# MARK: What checks train on and compare


def smooth_image(random, height: int, width: int, channels: int = 3) -> numpy.ndarray:
    """Smooth colors with some noise, which compress about as photographs do."""
    coarse = random.integers(0, 256, (8, 8, channels), dtype=numpy.uint8)
    image = Image.fromarray(coarse if channels == 3 else coarse[:, :, 0])
    smooth = numpy.asarray(image.resize((width, height), Image.Resampling.BICUBIC))
    return (smooth + random.normal(0, 2, smooth.shape)).clip(0, 255).astype(numpy.uint8)


def write_images(folder: pathlib.Path, count: int, side: int, seed: int = 0, ending: str = "png"):
    random = numpy.random.default_rng(seed)
    folder.mkdir(parents=True)
    for index in range(count):
        Image.fromarray(smooth_image(random, side, side)).save(folder / f"{index:04}.{ending}")
    return folder


def save_weights(network: torch.nn.Module, file: pathlib.Path) -> pathlib.Path:
    save_file({key: value.contiguous() for key, value in network.state_dict().items()}, file)
    return file


@contextlib.contextmanager
def tf32(allowed: bool):
    backends = (torch.backends.cudnn, torch.backends.cuda.matmul)
    before = [backend.allow_tf32 for backend in backends]
    for backend in backends:
        backend.allow_tf32 = allowed
    try:
        yield
    finally:
        for backend, value in zip(backends, before):
            backend.allow_tf32 = value


def small_network_options(kit: Kit) -> list[str]:
    if not kit.small:
        return []
    small = "--generator-filters 4 --blocks 1 --discriminator-filters 4 --discriminator-layers 1"
    return small.split()


# MARK: The checks


def check_forward(kit: Kit) -> None:
    """(a) Every kind of network against PyTorch on the CPU, through 16-bit images, whose levels are 3e-5 apart."""
    side = 256
    width = 8 if kit.small else 64
    random = numpy.random.default_rng(1)
    pixels = smooth_image(random, side, side, channels=1).astype(numpy.uint16) * 257
    source = kit.scratch / "gray.png"
    Image.fromarray(pixels).save(source)
    Image.fromarray((pixels // 257).astype(numpy.uint8)).save(kit.scratch / "gray8.png")
    x = torch.from_numpy(pixels.astype(numpy.float32))[None, None] / 32767.5 - 1
    # As the program knows them by their tensors alone.
    kinds = {
        "resnet9": lambda: ResnetGenerator(1, 1, width, 9),
        "resnet6, batch norm": lambda: ResnetGenerator(1, 1, width, 6, norm="batch"),
        "unet256": lambda: UNetGenerator(1, 1, width, 8),
        "unet128, batch norm": lambda: UNetGenerator(1, 1, width, 7, norm="batch"),
    }
    for name, make in kinds.items():
        network = make().eval()
        initialize(network, torch.Generator().manual_seed(0), gain=0.05)
        with torch.inference_mode():
            wanted = network(x)[0, 0].numpy()
        weights = save_weights(network, kit.scratch / f"net_{name.replace(', ', '_')}.safetensors")

        def translated(precision: str, image: pathlib.Path, device: str) -> numpy.ndarray:
            target = kit.scratch / f"{name}-{precision}-{image.stem}-{device.replace(':', '')}"
            kit.run(
                "translate", weights, image, "--output", target, "--device", device,
                "--precision", precision,
            )
            found = numpy.asarray(Image.open(next(target.glob("*.png"))))
            return found.astype(numpy.float64) / (127.5 if image.stem == "gray8" else 32767.5) - 1

        found = translated("fp32", source, kit.device)
        # Half a level, and the rounding of two ways of computing.
        error = float(numpy.abs(found - wanted).max())
        kit.note(f"{name}: largest difference, fp32", error, "<= 1e-3", error <= 1e-3)
        if name == "resnet9" or (name == "unet256" and not kit.small):
            drift = float(numpy.abs(translated("tf32", source, kit.device) - found).max())
            kit.note(f"{name}: drift of tf32", drift)
            coarse = [translated(kind, kit.scratch / "gray8.png", kit.device) for kind in ("fp32", "bf16")]
            kit.note(f"{name}: mean drift of bf16", float(numpy.abs(coarse[0] - coarse[1]).mean()))
    images = write_images(kit.scratch / "samples", 8, 32)
    for kind in ("dcgan", "gan"):
        run = kit.scratch / "runs" / kind
        small = ["--size", 32] if kind == "dcgan" else ["--size", 16]
        kit.run(
            kind, "train", images, "--checkpoints-dir", kit.scratch / "runs", "--name", kind,
            "--steps", 1, "--batch-size", 8, "--device", "cpu", *small,
        )
        made = []
        for device in ("cpu", kit.device):
            target = kit.scratch / f"{kind}-{device.replace(':', '')}-{len(made)}"
            kit.run(kind, "generate", run, "--count", 4, "--output", target, "--device", device)
            files = sorted(target.glob("*.png"))
            made.append(numpy.stack([numpy.asarray(Image.open(file)).astype(int) for file in files]))
        levels = int(numpy.abs(made[0] - made[1]).max())
        kit.note(f"{kind}: largest difference from the CPU, levels", levels, "<= 1", levels <= 1)


def train_pytorch(kit: Kit, weights: pathlib.Path, pairs, steps: int, dtype) -> list[list[float]]:
    networks = {}
    for name in NETWORKS:
        if name.startswith("G"):
            network = make_generator("resnet3" if kit.small else "resnet9", 4 if kit.small else 64)
        else:
            network = PatchDiscriminator(filters=4 if kit.small else 64)
        network.load_state_dict(load_file(weights / f"net_{name}.safetensors"))
        networks[name] = network.to(kit.gpu, dtype)
    cyclegan = CycleGAN(networks)
    return [
        cyclegan.step(*(images_to_batch(image[None], dtype).to(kit.gpu) for image in pair))
        for pair in itertools.islice(itertools.cycle(pairs), steps)
    ]


def check_training(kit: Kit) -> None:
    """(b) Ten training steps against PyTorch's on the same device from the same weights; the yardstick is how far
    PyTorch's float32 is from its float64. The weights are such that rounding does not grow; see
    compare_training.py."""
    side, steps, count = (64, 10, 4) if kit.small else (128, 10, 10)
    folders = [write_images(kit.scratch / f"train{x}", count, side, seed) for seed, x in enumerate("AB")]
    weights = kit.scratch / "weights"
    weights.mkdir()
    generator = torch.Generator().manual_seed(0)
    filters = 4 if kit.small else 64
    blocks = 3 if kit.small else 9
    for name in NETWORKS:
        is_generator = name.startswith("G")
        network = (
            make_generator(f"resnet{blocks}", filters)
            if is_generator
            else PatchDiscriminator(filters=filters)
        )
        initialize_steadily(network, 128.0, 1.0 if is_generator else 0.1, generator)
        save_weights(network, weights / f"net_{name}.safetensors")
    images = [
        [torch.from_numpy(numpy.array(Image.open(file))) for file in sorted(folder.iterdir())]
        for folder in folders
    ]
    pairs = list(zip(*images))

    def ours(precision: str, name: str) -> list[list[float]]:
        kit.run(
            "train", *folders, "--checkpoints-dir", kit.scratch / "runs", "--name", name,
            "--init-from", weights, "--serial", "--no-flip", "--preprocess", "none", "--pool-size", 0,
            "--crop-size", side, "--generator-filters", filters, "--discriminator-filters", filters,
            "--blocks", blocks, "--precision", precision, "--steps", steps, "--log-every", 1,
            "--validate-every", 0, "--preset", "reference", "--device", kit.device,
        )
        lines = (kit.scratch / "runs" / name / "metrics.jsonl").read_text().splitlines()
        return [[json.loads(line)[key] for key in LOSSES] for line in lines]

    with tf32(False):
        wanted = train_pytorch(kit, weights, pairs, steps, torch.float64)
        theirs = train_pytorch(kit, weights, pairs, steps, torch.float32)
    found = ours("fp32", "fp32")

    def distance(losses: list[list[float]]) -> float:
        """The largest relative difference from float64 in any step and loss."""
        a, b = numpy.array(losses), numpy.array(wanted)
        if a.shape != b.shape:
            raise RuntimeError(f"{a.shape} losses, not {b.shape}")
        return float((numpy.abs(a - b) / numpy.maximum(numpy.abs(b), 1e-3)).max())

    own, other = distance(found), distance(theirs)
    limit = max(3 * other, 1e-3)
    kit.note("PyTorch fp32: largest difference from float64", other)
    kit.note("ours fp32: largest difference from float64", own, f"<= {limit:.2g}", own <= limit)
    for precision in ("tf32", "bf16"):
        kit.note(f"ours {precision}: largest difference from float64", distance(ours(precision, precision)))


def demo_scores(text: str) -> list[float]:
    """Decibels of the translations in the demo's report."""
    return [float(line.split()[1]) for line in text.splitlines() if "translated" in line]


def check_demo(kit: Kit) -> None:
    """(c) The demo learns as much as on the CPU."""
    options = ["--steps", 10] if kit.small else []
    scores = {}
    for device in dict.fromkeys([kit.device, "cpu"]):
        folder = kit.scratch / device.replace(":", "")
        folder.mkdir()
        begun = time.monotonic()
        scores[device] = demo_scores(kit.run("demo", "--device", device, *options, cwd=folder).stdout)
        kit.note(f"demo on {device}: seconds", time.monotonic() - begun)
    found, wanted = scores[kit.device], scores["cpu"]
    # Of the CPU in .ci/run; a few steps learn nothing.
    least = 0 if kit.small else 22.8
    for one, other in zip(found, wanted):
        fits = abs(one - other) <= 0.5 and one >= least
        kit.note("demo: dB", one, f"{other} +- 0.5, >= {least}", fits)
    kit.note("demo: directions", len(found), "2", len(found) == 2)


def check_resume(kit: Kit) -> None:
    """(d) A run that was stopped and gone on with against one that was not."""
    side, steps = (32, 8) if kit.small else (128, 60)
    for seed, x in enumerate("AB"):
        write_images(kit.scratch / f"images/train{x}", 6, side, seed)

    def weights(name: str, parts: list[int], *more) -> dict[str, torch.Tensor]:
        common = ["--checkpoints-dir", kit.scratch / "runs", "--name", name, "--device", kit.device, *more]
        settings = ["--crop-size", side, "--load-size", side, "--precision", "fp32", "--epochs", 99]
        for index, end in enumerate(parts):
            if index == 0:
                images = [kit.scratch / "images", *settings, *small_network_options(kit)]
                kit.run("train", *images, "--steps", end, *common)
            else:
                kit.run("train", "--resume", "--steps", end, *common)
        return load_file(kit.scratch / "runs" / name / "latest" / "net_G_A.safetensors")

    def difference(a: dict, b: dict) -> float:
        return max(float((a[key] - b[key]).abs().max()) for key in a)

    exact = ["--deterministic"]
    whole = weights("whole", [steps], *exact)
    resumed = weights("resumed", [steps // 2, steps], *exact)
    largest = difference(whole, resumed)
    kit.note("--deterministic: weights differ after resuming by", largest, "0", largest == 0)
    if kit.on_gpu:
        kit.note("without: weights of two runs differ by", difference(weights("a", [steps]), weights("b", [steps])))


def check_synthesis(kit: Kit) -> None:
    """(e) DCGAN, GAN and autoencoder train on the device, recorded, and their losses are numbers."""
    images = write_images(kit.scratch / "images", 32, 64)
    for kind in ("dcgan", "gan", "autoencoder"):
        steps = 5 if kit.small else 200
        size = {"dcgan": 32 if kit.small else 64, "gan": 16, "autoencoder": 32}[kind]
        begun = time.monotonic()
        finished = kit.run(
            kind, "train", images, "--checkpoints-dir", kit.scratch / "runs", "--name", kind,
            "--steps", steps, "--batch-size", 16, "--device", kit.device, "--size", size,
            "--log-every", steps, "--epochs", 1000,
        )
        seconds = (time.monotonic() - begun) / steps
        line = json.loads((kit.scratch / "runs" / kind / "metrics.jsonl").read_text().splitlines()[-1])
        numbers = [value for value in line.values() if isinstance(value, (int, float))]
        fits = line["step"] == steps and bool(numpy.isfinite(numbers).all())
        kit.note(f"{kind}: steps with losses that are numbers", line["step"], str(steps), fits)
        kit.note(f"{kind}: seconds a step, with its start", seconds)
        obstacles = [line for line in finished.stderr.splitlines() if "operator by operator" in line]
        kit.note(f"{kind}: obstacles to recording", obstacles or "none", "none", not obstacles)


class GPUWatch:
    """Asks nvidia-smi ten times a second how busy the GPU is and how much of its memory is used."""

    def __init__(self, kit: Kit):
        self.kit = kit
        self.readings: list[tuple[float, float]] = []
        self.stop = threading.Event()

    def __enter__(self):
        if self.kit.on_gpu:
            self.thread = threading.Thread(target=self.watch, daemon=True)
            self.thread.start()
        return self

    def watch(self) -> None:
        ask = ["nvidia-smi", "--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits"]
        while not self.stop.wait(0.1):
            try:
                text = subprocess.run(ask, capture_output=True, text=True, timeout=5).stdout
                busy, memory = text.splitlines()[0].split(",")
                self.readings.append((float(busy), float(memory)))
            except (OSError, ValueError, IndexError, subprocess.TimeoutExpired):
                return

    def __exit__(self, *_):
        self.stop.set()

    @property
    def peak_mib(self) -> float | None:
        return max((memory for _, memory in self.readings), default=None)

    @property
    def busy_percent(self) -> float | None:
        # Of the half that was busiest: programs start and end.
        found = sorted(busy for busy, _ in self.readings)
        return statistics.mean(found[len(found) // 2 :]) if found else None


def check_large_image(kit: Kit) -> None:
    """(f) An image of 12 megapixels: its memory, and tiles where the GPU has too little of it."""
    height, width = (600, 800) if kit.small else (3000, 4000)
    filters = 8 if kit.small else 64
    network = ResnetGenerator(filters=filters, blocks=2 if kit.small else 9)
    initialize(network, torch.Generator().manual_seed(0))
    weights = save_weights(network, kit.scratch / "net_G_A.safetensors")
    source = kit.scratch / "large.png"
    Image.fromarray(smooth_image(numpy.random.default_rng(0), height, width)).save(source)

    def translate(name: str, *more) -> tuple[numpy.ndarray, str]:
        target = kit.scratch / name
        begun = time.monotonic()
        with GPUWatch(kit) as watch:
            told = kit.run(
                "translate", weights, source, "--output", target, "--device", kit.device,
                "--precision", "fp32", *more,
            ).stderr
        kit.note(f"{name}: seconds", time.monotonic() - begun)
        if watch.peak_mib is not None:
            kit.note(f"{name}: GPU memory in use, MiB", watch.peak_mib)
        return numpy.asarray(Image.open(target / "large.png")).astype(int), told

    whole, told = translate("as planned")
    kit.note("as planned: way", "tiles" if "in tiles" in told else "one piece")
    tiled, told = translate("in tiles", "--tile", 256 if kit.small else 1024)
    difference = int(numpy.abs(whole - tiled).max())
    kit.note("in tiles: largest difference, levels", difference, "<= 1", difference <= 1)
    if not kit.on_gpu:
        return
    # All but 3 GiB of the GPU's memory is taken away: the plan has to follow what is free there.
    free, _ = torch.cuda.mem_get_info()
    taken = torch.empty(max(free - (3 << 30), 0), dtype=torch.uint8, device="cuda")
    scarce, told = translate("with 3 GiB free")
    del taken
    kit.note("with 3 GiB free: way", "tiles" if "in tiles" in told else "one piece", "tiles", "in tiles" in told)
    difference = int(numpy.abs(whole - scarce).max())
    kit.note("with 3 GiB free: largest difference, levels", difference, "<= 1", difference <= 1)


def synchronize(kit: Kit) -> None:
    if kit.on_gpu:
        torch.cuda.synchronize()


def median_seconds(kit: Kit, body, warm_up: int) -> float:
    """A GPU is given several at a time, as the program's `bench` does."""
    for _ in range(warm_up):
        body()

    def measured(count: int) -> float:
        synchronize(kit)
        begun = time.perf_counter()
        for _ in range(count):
            body()
        synchronize(kit)
        return (time.perf_counter() - begun) / count

    together = max(1, min(10, int(0.3 / measured(1)))) if kit.on_gpu else 1
    return statistics.median(measured(together) for _ in range(3))


class PyTorchCycleGAN:
    """The reference's step on the device. `fast` has what a user of PyTorch can turn on without changing the networks:
    channels-last, fused Adam, cuDNN's trials, and `compiled`. Nobody reads the losses."""

    def __init__(self, kit: Kit, batch: int, side: int, precision: str, fast: bool, compiled: bool = False):
        torch.backends.cudnn.benchmark = fast
        self.kit = kit
        self.precision = precision
        layout = torch.channels_last if fast and precision != "fp32" else torch.contiguous_format
        generator = torch.Generator().manual_seed(0)
        networks = {}
        for name in NETWORKS:
            if name.startswith("G"):
                network = make_generator("resnet3" if kit.small else "resnet9", 4 if kit.small else 64)
            else:
                network = PatchDiscriminator(filters=4 if kit.small else 64)
            initialize(network, generator)
            networks[name] = network.to(kit.gpu, memory_format=layout)
        self.forward_network = networks["G_A"]
        if compiled:
            networks = {name: torch.compile(network) for name, network in networks.items()}
            self.forward_network = networks["G_A"]
        adam = {"fused": True} if fast and kit.on_gpu else {}
        self.cyclegan = CycleGAN(networks, **adam)
        shape = (batch, 3, side, side)
        images = [torch.rand(shape) * 2 - 1 for _ in range(2)]
        self.images = [image.to(kit.gpu, memory_format=layout) for image in images]

    def autocast(self):
        return torch.autocast(self.kit.gpu.type, torch.bfloat16, enabled=self.precision == "bf16")

    def step(self) -> None:
        self.cyclegan.take_step(*self.images, autocast=self.autocast)

    def forward(self) -> None:
        with torch.inference_mode(), self.autocast():
            self.forward_network(self.images[0])


def pytorch_seconds(
    kit: Kit, batch: int, side: int, precision: str, fast: bool, compiled: bool = False
) -> tuple[float, float]:
    """Of a step and of a forward pass."""
    with tf32(precision == "tf32"):
        model = PyTorchCycleGAN(kit, batch, side, precision, fast, compiled)
        forward = median_seconds(kit, model.forward, 1 if kit.small else 3)
        step = median_seconds(kit, model.step, 1 if kit.small else 3)
    del model
    if kit.on_gpu:
        torch.cuda.empty_cache()
    return step, forward


# The networks of the default preset; `bench` has the reference's.
DEFAULT_PRESET = "--skips features --upsampling smoothed".split()


def bench(kit: Kit, batch: int, side: int, precision: str, *more, device: str | None = None, **settings) -> dict:
    small = "--generator-filters 4 --blocks 3 --discriminator-filters 4".split() if kit.small else []
    return json.loads(
        kit.run(
            "bench", "--device", device or kit.device, "--precision", precision, "--batch-size", batch,
            "--crop-size", side, "--steps", 3, *small, *more, **settings,
        ).stdout
    )


def note_passes(kit: Kit, name: str, found: dict) -> None:
    """A GPU repeats all that can be recorded, and the CPU nothing."""
    wanted = "repeated as recorded" if kit.on_gpu else None
    kit.note(f"{name}: passes", found.get("passes"), wanted or "none on the CPU", found.get("passes") == wanted)


# (batch, precision), the most important first: time may run out.
GRID = [(1, "bf16"), (1, "fp32"), (16, "bf16"), (4, "bf16"), (1, "tf32"), (4, "fp32"), (16, "fp32"), (4, "tf32"), (16, "tf32")]


def check_speed(kit: Kit) -> None:
    """(g) A step and a forward pass against PyTorch's: the reference's way, and the fast one; in turns."""
    grid = [(1, "fp32"), (2, "bf16")] if kit.small else GRID
    side = 64 if kit.small else 256
    for batch, precision in grid:
        with GPUWatch(kit) as watch:
            ours = [bench(kit, batch, side, precision)]
        theirs = {name: pytorch_seconds(kit, batch, side, precision, name == "fast") for name in ("plain", "fast")}
        ours.append(bench(kit, batch, side, precision))
        name = f"batch {batch}, {precision}"
        for index, part in enumerate(("step", "forward")):
            seconds = statistics.median([found[f"{part}_seconds"] for found in ours])
            kit.note(f"{name}: {part}, ms", 1000 * seconds)
            for way, found in theirs.items():
                kit.note(f"{name}: {part} of PyTorch, {way}, ms", 1000 * found[index])
                ratio = seconds / found[index]
                goal = {(1, "bf16"): 0.25, (1, "fp32"): 0.5}.get((batch, precision))
                wanted = f"goal <= {goal}" if goal and way == "plain" and kit.on_gpu else ""
                kit.note(f"{name}: {part}, ratio to PyTorch, {way}", ratio, wanted)
        for key in ("peak_gpu_memory_bytes", "gpu"):
            if key in ours[0]:
                kit.note(f"{name}: {key}", ours[0][key])
        note_passes(kit, name, ours[0])
        if batch == 1:
            default = bench(kit, batch, side, precision, *DEFAULT_PRESET)
            kit.note(f"{name}, default preset: step, ms", 1000 * default["step_seconds"])
            note_passes(kit, f"{name}, default preset", default)
        if watch.busy_percent is not None:
            kit.note(f"{name}: GPU busy, %", watch.busy_percent)


def check_recordings(kit: Kit) -> None:
    """(i) What stands against recording a step is told and harmless: a recording that fails, and little memory."""
    batch, side = (1, 64) if kit.small else (4, 256)
    spoiling = {"CYCLEGAN_SPOIL_RECORDINGS": "1"}
    whole = bench(kit, batch, side, "fp32")
    spoiled = bench(kit, batch, side, "fp32", variables=spoiling)
    note_passes(kit, "as ever", whole)

    for x in "AB":
        write_images(kit.scratch / f"images/train{x}", 6, 32 if kit.small else 128, ord(x))
    told = kit.run(
        "train", kit.scratch / "images", "--checkpoints-dir", kit.scratch / "runs", "--name", "spoiled",
        "--steps", 12, "--epochs", 9, "--log-every", 1, "--device", kit.device, *small_network_options(kit),
        "--crop-size", 32, "--load-size", 32, variables=spoiling,
    ).stderr
    lines = (kit.scratch / "runs" / "spoiled" / "metrics.jsonl").read_text().splitlines()
    kit.note("a recording fails: steps that are taken", len(lines), "12", len(lines) == 12)
    count, wanted = told.count("the GPU gets steps operator by operator"), int(kit.on_gpu)
    kit.note("a recording fails: times that it is told", count, str(wanted), count == wanted)
    if not kit.on_gpu:
        return kit.note("recordings", "only on a GPU")

    passes = spoiled["passes"]
    fits = passes.startswith("operator by operator: the pass cannot be recorded: ")
    kit.note("a recording fails: passes", passes, "operator by operator: ...", fits)
    # Without what was recorded less is needed. If a failed recording's memory stayed it would be about the same
    # again as a pass needs: more than with all recordings.
    needed, most = (found["peak_gpu_memory_bytes"] / 2**20 for found in (spoiled, whole))
    kit.note("a recording fails: peak memory, MiB", needed, f"<= {most:.0f}", needed <= most)

    # What such a step needs is left, with CUDA's own part, and little beside it.
    free, _ = torch.cuda.mem_get_info()
    taken = torch.empty(max(free - int((needed + 1200) * 2**20), 0), dtype=torch.uint8, device="cuda")
    passes = bench(kit, batch, side, "fp32")["passes"]
    del taken
    torch.cuda.empty_cache()
    kit.note("little memory is free: passes", passes, "too little ...", "too little of the GPU's memory" in passes)

    if torch.cuda.device_count() < 2:
        return kit.note("cuda:1", "this machine has one GPU")

    def used_on_first() -> float:
        ask = ["nvidia-smi", "--id=0", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
        return float(subprocess.run(ask, capture_output=True, text=True, timeout=5).stdout)

    before = used_on_first()
    with GPUWatch(kit) as watch:
        second = bench(kit, batch, side, "fp32", device="cuda:1")
    note_passes(kit, "cuda:1", second)
    rise = (watch.peak_mib or before) - before
    kit.note("cuda:1: memory taken on cuda:0, MiB", rise, "<= 50", rise <= 50)


def check_compiled(kit: Kit) -> None:
    """(g) The same against torch.compile with channels-last, autocast and fused Adam, at batch 16 and 1 in bf16."""
    if not kit.on_gpu:
        return kit.note("torch.compile", "only on a GPU")
    for batch in (16, 1):
        theirs = pytorch_seconds(kit, batch, 256, "bf16", fast=True, compiled=True)
        ours = bench(kit, batch, 256, "bf16")
        for index, part in enumerate(("step", "forward")):
            seconds = ours[f"{part}_seconds"]
            name = f"batch {batch}, bf16: {part}"
            kit.note(f"{name} of torch.compile, ms", 1000 * theirs[index])
            kit.note(f"{name}, ratio to torch.compile", seconds / theirs[index], "goal <= 1" if batch == 16 else "")


def check_translate(kit: Kit) -> None:
    """(g) Images a second from JPEG to JPEG, against the loop that users of PyTorch write; in turns."""
    count, side = (8, 64) if kit.small else (400, 256)
    source = write_images(kit.scratch / "jpeg", count, side, ending="jpg")
    network = make_generator("resnet3" if kit.small else "resnet9", 4 if kit.small else 64)
    initialize(network, torch.Generator().manual_seed(0))
    weights = save_weights(network, kit.scratch / "net_G_A.safetensors")
    network.to(kit.gpu).eval()

    def loop(target: pathlib.Path) -> None:
        target.mkdir()
        with torch.inference_mode():
            for path in sorted(source.iterdir()):
                image = numpy.asarray(Image.open(path).convert("RGB"))
                x = torch.from_numpy(image.copy()).to(kit.gpu).permute(2, 0, 1)[None].float() / 127.5 - 1
                y = ((network(x)[0].permute(1, 2, 0) + 1) * 127.5).round().clamp(0, 255)
                Image.fromarray(y.byte().cpu().numpy()).save(target / path.name, quality=95)

    rates: dict[str, list[float]] = {}
    for number in range(1 if kit.small else 2):
        for way in ("PyTorch's loop, fp32", "fp32", "auto"):
            target = kit.scratch / f"{way}-{number}".replace(" ", "-")
            begun = time.perf_counter()
            if way.startswith("PyTorch"):
                with tf32(False):
                    loop(target)
                seconds = time.perf_counter() - begun
            else:
                told = kit.run(
                    "translate", weights, source, "--output", target, "--device", kit.device,
                    "--precision", way, "--quality", 95,
                ).stderr
                # Without the start of CUDA, which the loop has behind it.
                found = re.search(r"in ([\d.]+) s", told)
                seconds = float(found[1]) if found else time.perf_counter() - begun
                share = re.search(r"(\d+) % of it in the network", told)
                kit.note(f"{way}: % of the time in the network", float(share[1]) if share else None)
            written = len(list(target.iterdir()))
            kit.note(f"{way}: files", written, str(count), written == count)
            rates.setdefault(way, []).append(count / seconds)
    for way, found in rates.items():
        kit.note(f"{way}: JPEG images a second", statistics.median(found))


def last_line(finished: subprocess.CompletedProcess) -> str:
    return finished.stderr.strip().split("\n")[-1]


def check_failures(kit: Kit) -> None:
    """(h) What goes wrong is told in one line: no memory, an interrupt, a device that is not there."""

    def limit_memory() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))

    # 64 images of 8192x8192 pixels: 48 GiB for the images of one domain, more than any GPU has for a step.
    finished = kit.run(
        "bench", "--device", kit.device, "--crop-size", 8192, "--batch-size", 64, "--steps", 1,
        expect=None, preexec_fn=None if kit.on_gpu else limit_memory,
    )
    line = last_line(finished)
    fits = finished.returncode == 1 and line.startswith("error: out of memory: ")
    kit.note("out of memory", line, "error: out of memory: ...", fits)

    for word, device in [("a number too high", "cuda:99"), ("hidden", "cuda")]:
        environment = dict(kit.options.environment)
        if word == "hidden":
            environment["CUDA_VISIBLE_DEVICES"] = ""
        finished = subprocess.run(
            kit.command("bench", "--device", device), capture_output=True, text=True, env=environment
        )
        line = last_line(finished)
        lines = finished.stderr.strip().count("\n")
        fits = finished.returncode == 64 and line.startswith("error: --device: ") and lines <= 1
        kit.note(f"a device that is not there, {word}", line, "error: --device: ...", fits)

    side = 32 if kit.small else 256
    for seed, x in enumerate("AB"):
        write_images(kit.scratch / f"images/train{x}", 6, side, seed)
    common = ["--checkpoints-dir", kit.scratch / "runs", "--name", "stopped", "--device", kit.device]
    command = kit.command(
        "train", kit.scratch / "images", "--epochs", 5000, "--log-every", 5, "--crop-size", side,
        "--load-size", side, *common, *small_network_options(kit),
    )
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=kit.options.environment,
        # In the background of a script it is ignored, and by what is started from there as well.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    metrics = kit.scratch / "runs" / "stopped" / "metrics.jsonl"
    for _ in range(600):
        if metrics.exists() and metrics.stat().st_size or process.poll() is not None:
            break
        time.sleep(0.1)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    try:
        _, told = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        _, told = process.communicate()
    kit.note("interrupt: exit status", process.returncode, "130", process.returncode == 130)
    kit.note("interrupt: seconds until the end", time.monotonic() - begun)
    progress = json.loads((metrics.parent / "latest" / "training.json").read_text())
    kit.run("train", "--resume", "--steps", progress["step"] + 3, *common)
    kit.note("interrupt: gone on with", progress["step"] + 3, "", True)
    kit.note("a lost device", "cannot be provoked here; its message is tested in Tests/CommandsTests")


# In the order in which they are run; seconds that each may take on a GPU.
CHECKS = {
    "a forward": (check_forward, 75),
    "b training": (check_training, 60),
    "g speed": (check_speed, 130),
    "c demo": (check_demo, 60),
    "d resume": (check_resume, 45),
    "f large image": (check_large_image, 45),
    "g translate": (check_translate, 45),
    "h failures": (check_failures, 45),
    "e synthesis": (check_synthesis, 40),
    "i recordings": (check_recordings, 60),
    "g compiled": (check_compiled, 120),
}


def carry_out(name: str, options: argparse.Namespace, results: pathlib.Path) -> None:
    """The body of a check's process."""
    os.setsid()
    check = CHECKS[name][0]
    with tempfile.TemporaryDirectory(prefix="cyclegan-gpu-") as scratch:
        kit = Kit(options, pathlib.Path(scratch), results)
        try:
            check(kit)
        except Exception as error:  # noqa: BLE001
            traceback.print_exc()
            text = str(error).strip().split("\n")[0]
            kit.note("stopped by an error", f"{type(error).__name__}: {text}", "", False)


def rows_of(file: pathlib.Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def run_check(name: str, options: argparse.Namespace, folder: pathlib.Path, seconds: float) -> dict:
    results = folder / f"{name.replace(' ', '-')}.jsonl"
    begun = time.monotonic()
    # Forked before anything of CUDA is started here, which a fork would not survive.
    process = multiprocessing.get_context("fork").Process(target=carry_out, args=(name, options, results))
    process.start()
    process.join(seconds)
    rows = rows_of(results)
    if process.is_alive():
        # With the programs that it has started.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.join()
        rows.append({"name": "stopped by its limit of time", "value": seconds, "wanted": "", "ok": False})
    elif process.exitcode != 0:
        rows.append({"name": "its process has died", "value": process.exitcode, "wanted": "0", "ok": False})
    elif not rows:
        rows.append({"name": "nothing was found", "value": None, "wanted": "", "ok": False})
    return {"check": name, "seconds": time.monotonic() - begun, "rows": rows}


def shown(value) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value).replace("|", "\\|")


def print_check(found: dict) -> None:
    for row in found["rows"]:
        verdict = {None: "", True: "ok", False: "FAILED"}[row["ok"]]
        print(f"| {found['check']} | {row['name']} | {shown(row['value'])} | {row['wanted']} | {verdict} |", flush=True)


def unpacked(kit: pathlib.Path, folder: pathlib.Path) -> tuple[pathlib.Path, dict[str, str]]:
    """The program of a kit, and the environment in which it finds its libraries and PyTorch's."""
    with tarfile.open(kit) as archive:
        archive.extractall(folder, filter="data")
    built = (folder / "kit" / "torch-version").read_text().strip()
    if torch.__version__.split("+")[0] != built:
        sys.exit(f"error: the kit is built for torch {built}, and this Python has {torch.__version__}")
    site = pathlib.Path(torch.__file__).parents[1]
    libraries = [folder / "kit" / "lib", site / "torch" / "lib", *sorted(site.glob("nvidia/*/lib"))]
    before = [path for path in os.environ.get("LD_LIBRARY_PATH", "").split(":") if path]
    path = ":".join([*map(str, libraries), *before])
    return folder / "kit" / "cyclegan", {**os.environ, "LD_LIBRARY_PATH": path}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    program = parser.add_mutually_exclusive_group(required=True)
    program.add_argument("--kit", type=pathlib.Path, help="what build.sh has made")
    program.add_argument("--binary", type=pathlib.Path, help="a program that runs here as it is")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--small", action="store_true", help="tiny networks and images: whether it works at all")
    parser.add_argument("--checks", nargs="+", metavar="LETTER", help="only these, such as a g")
    parser.add_argument("--seconds", type=float, default=470, help="for all checks")
    parser.add_argument("--json", type=pathlib.Path)
    return parser.parse_args()


def main() -> None:
    options = parse()
    begun = time.monotonic()
    wanted = options.checks or [name[0] for name in CHECKS]
    with tempfile.TemporaryDirectory(prefix="cyclegan-gpu-kit-") as name:
        folder = pathlib.Path(name)
        options.environment = dict(os.environ)
        if options.kit:
            options.binary, options.environment = unpacked(options.kit, folder)
        options.binary = options.binary.resolve()
        record = {"device": options.device, "torch": torch.__version__, "machine": platform.platform(), "checks": []}
        ask = ["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
        with contextlib.suppress(OSError):
            record["gpu"] = subprocess.run(ask, capture_output=True, text=True).stdout.strip()
        print(f"{record.get('gpu', 'no nvidia-smi')}; torch {record['torch']}; {options.device}\n")
        print("| check | what | found | wanted | |\n| --- | --- | --- | --- | --- |", flush=True)
        for check, (_, limit) in CHECKS.items():
            if check[0] not in wanted:
                continue
            left = options.seconds - (time.monotonic() - begun)
            if left < 5:
                rows = [{"name": "not begun: no time was left", "value": None, "wanted": "", "ok": False}]
                found = {"check": check, "seconds": 0, "rows": rows}
            else:
                found = run_check(check, options, folder, min(limit, left))
            record["checks"].append(found)
            print_check(found)
            if options.json:
                options.json.write_text(json.dumps(record, indent=1) + "\n")
    rows = [row for check in record["checks"] for row in check["rows"]]
    failed = sum(row["ok"] is False for row in rows)
    passed = sum(row["ok"] is True for row in rows)
    print(f"\n{passed} passed, {failed} failed, {time.monotonic() - begun:.0f} s")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
