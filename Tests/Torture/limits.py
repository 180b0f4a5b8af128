"""Limits of the address space: a command does its work, or says in one line that it cannot."""

import shutil
import subprocess

from findings import Findings
from product import Product
import resource

LONGEST = 30
SMALLEST, LARGEST = 600, 2500
# Megabytes; below, the system's loader may fail, before a line of the program runs.
LOADER = 700


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
        "bench": ["bench", "--crop-size", 32, "--steps", 1, *small],
        "inspect": ["inspect", model],
    }
    for number in range(count):
        megabytes = SMALLEST + (LARGEST - SMALLEST) * number // max(1, count - 1)
        for name, command in commands.items():
            label = f"{name}, ulimit -v {1024 * megabytes}"
            shutil.rmtree(out, ignore_errors=True)
            shutil.rmtree(product.scratch / "run", ignore_errors=True)
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
