"""Limits of the address space: a command does its work, or says in one line that it cannot."""

import resource
import shutil
import subprocess

import images
from findings import Findings
from product import Product

LONGEST = 30
SMALLEST, LARGEST = 600, 2500
# Megabytes; below, the system's loader may fail, before a line of the program runs.
LOADER = 700
# As many as the long form tries.
MANY = 20


def test(product: Product, findings: Findings, count: int, seed: int) -> None:
    model, sampler = product.scratch / "model", product.scratch / "sampler"
    for kind, folder in [("train", model), ("dcgan train", sampler)]:
        result = product.run(product.train(kind, folder, False, "--steps", 1))
        findings.expect(result.code == 0, f"{kind}: {result}")
    out = product.scratch / "out"
    small = ["--threads", 1]
    commands = {
        "train": product.train("train", product.scratch / "run", False, "--steps", 2),
        "dcgan train": product.train("dcgan train", product.scratch / "run", False, "--steps", 2),
        "translate": ["translate", model, product.a, "--output", out, "--workers", 1, *small],
        "dcgan generate": ["dcgan", "generate", sampler, "--count", 4, "--output", out, *small],
        "bench": ["bench", "--crop-size", 64, "--steps", 1, *small],
        "inspect": ["inspect", model],
    }
    if count >= MANY:
        commands |= larger(product)
    for number in range(count):
        megabytes = SMALLEST + (LARGEST - SMALLEST) * number // max(1, count - 1)
        for name, command in commands.items():
            label = f"{name}, ulimit -v {1024 * megabytes}"
            shutil.rmtree(out, ignore_errors=True)
            shutil.rmtree(product.scratch / "run", ignore_errors=True)
            shutil.rmtree(product.scratch / "large-run", ignore_errors=True)
            findings.count("commands")
            try:
                result = product.run(
                    command, LONGEST, limits={resource.RLIMIT_AS: megabytes << 20})
            except subprocess.TimeoutExpired:
                findings.fault(f"{label}: hangs for {LONGEST} s")
                continue
            if result.code == 0:
                findings.count("done")
                continue
            findings.count("refused")
            if result.code == 127 and megabytes < LOADER:
                continue
            lines = [line for line in result.err.splitlines() if line.startswith("error:")]
            findings.expect(
                result.code == 1 and result.is_refusal and len(lines) == 1, f"{label}: {result}")


def larger(product: Product) -> dict[str, list]:
    """Commands that run out of memory in the midst of their work."""
    folder, out = product.scratch / "large-run", product.scratch / "out"
    image, model = product.scratch / "large.png", product.scratch / "large"
    image.write_bytes(images.png(1500, 1000, 0))
    many = ["--threads", 2, "--workers", 4]
    product.run(product.train(
        "train", model, False, "--generator-filters", 32, "--blocks", 9, "--steps", 1))
    train = ["train", product.a, product.b, "--name", folder.name]
    train += ["--checkpoints-dir", folder.parent]
    return {
        "a large train": [*train, "--crop-size", 64, "--load-size", 64, "--steps", 1, *many],
        "a large translate": ["translate", model, image, "--output", out, *many],
        "a translate in tiles": ["translate", model, image, "--output", out, "--tile", 256, *many],
        "a large bench": ["bench", "--crop-size", 96, "--steps", 1, "--threads", 2],
        "a large dcgan bench": ["bench", "--network", "dcgan", "--steps", 1, "--threads", 2],
    }
