"""Hostile files: whatever is in them, a command ends in time and says why it does not want them."""

import gzip
import json
import pathlib
import random
import shutil
import struct
import subprocess
import tempfile

import images
from findings import Findings
from product import Product, Result

LONGEST = 20
HUGE = [0, -1, 1, 2**31 - 1, 2**31, 2**40, 2**53, 2**63 - 1, 2**63, 2**64, -(2**63)]
HUGE += [1e308, -1e308, 1e-320, 0.5]
TEXTS = ["", "x", "-1", "9" * 21, "\0", "../../..", "/dev/zero", "patch", "\ud800", "é" * 999]
OTHERS = [None, True, [], {}, [[[]]], {"": 0}, float("nan"), float("inf")]


def flip(data: bytes, noise: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(noise.choice([1, 1, 2, 8, 64])):
        changed[noise.randrange(len(changed))] ^= 1 << noise.randrange(8)
    return bytes(changed)


def cut(data: bytes, noise: random.Random) -> bytes:
    return data[: noise.choice([0, 1, 7, 8, 9, len(data) - 1, noise.randrange(len(data))])]


def splice(data: bytes, noise: random.Random) -> bytes:
    """Takes a piece out, doubles it, or puts noise in its place."""
    start = noise.randrange(len(data))
    end = min(len(data), start + noise.choice([1, 4, 64, 4096]))
    count = end - start
    piece = noise.choice([b"", data[start:end] * 2, noise.randbytes(count), b"\xff" * count])
    return data[:start] + piece + data[end:]


def numbers(data: bytes, noise: random.Random) -> bytes:
    """Puts a telling number where one of the first may be."""
    width, order = noise.choice([(4, "big"), (4, "little"), (8, "little")])
    start = noise.choice([0, 4, 8, 12, noise.randrange(64)])
    value = noise.choice([0, 1, 2**31 - 1, 2**31, 2**32 - 1, noise.randrange(2**32)])
    return data[:start] + (value << (32 if width == 8 and noise.random() < 0.5 else 0)).to_bytes(
        width, order) + data[start + width :]


BYTES = [flip, cut, splice, numbers]


def places(value, path=()) -> list[tuple]:
    """The paths of all values in JSON."""
    found = [path] if path else []
    if not isinstance(value, (dict, list)):
        return found
    for key, part in value.items() if isinstance(value, dict) else enumerate(value):
        found += places(part, (*path, key))
    return found


def holder(value, path: tuple):
    for key in path[:-1]:
        value = value[key]
    return value


def change_json(value, noise: random.Random):
    """Deletes, swaps and replaces values; the value itself may go as well."""
    for _ in range(noise.choice([1, 1, 1, 2, 4])):
        if not (known := places(value)):
            return noise.choice([None, [], {}, 0, "x"])
        path = noise.choice(known)
        inside, key = holder(value, path), path[-1]
        kind = noise.randrange(6)
        if kind == 0:
            del inside[key]
        elif kind == 1:
            other = noise.choice(known)
            try:
                there = holder(value, other)
                inside[key], there[other[-1]] = there[other[-1]], inside[key]
                json.dumps(value)
            except (KeyError, IndexError, TypeError, ValueError):
                return change_json(json.loads("{}"), noise)
        elif kind == 2:
            inside[key] = noise.choice(HUGE)
        elif kind == 3:
            inside[key] = noise.choice(TEXTS)
        elif kind == 4:
            inside[key] = noise.choice(OTHERS)
        else:
            old = inside[key]
            number = isinstance(old, (int, float)) and not isinstance(old, bool)
            inside[key] = old * noise.choice([-1, 2, 10, 1000]) if number else [old, old]
    return value


def mutated_json(data: bytes, noise: random.Random) -> bytes:
    if noise.random() < 0.2:
        return noise.choice(BYTES)(data, noise)
    return json.dumps(change_json(json.loads(data), noise)).encode()


def mutated_tensors(data: bytes, noise: random.Random) -> bytes:
    if noise.random() < 0.5:
        return noise.choice(BYTES)(data, noise)
    length = struct.unpack("<Q", data[:8])[0]
    header = json.dumps(change_json(json.loads(data[8 : 8 + length]), noise)).encode()
    return struct.pack("<Q", len(header)) + header + data[8 + length :]


def check(
    product: Product, findings: Findings, arguments: list, label: str, keep: pathlib.Path
) -> None:
    """Runs a command that must end in time, by itself, and in words if it fails."""
    findings.count("commands")
    try:
        result = product.run(arguments, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        result = Result(-1000, "", f"hangs for {LONGEST} s")
    if result.code == 0:
        findings.count("accepted")
    elif result.is_refusal:
        findings.count("refused")
        for words in ("Error Domain", "NSCocoa", "Swift.", "DecodingError", "c10::"):
            if words in result.last_line:
                findings.fault(f"{label}: says {words}: {result}, see {saved(keep)}")
    else:
        findings.fault(f"{label}: {result}, see {saved(keep)}")


def saved(folder: pathlib.Path) -> pathlib.Path:
    """A copy that outlives the test."""
    number = 0
    place = pathlib.Path(tempfile.gettempdir()) / "torture-findings"
    while (copy := place / f"{folder.name}-{number}").exists():
        number += 1
    shutil.copytree(folder, copy, symlinks=True)
    return copy


def test_runs(product: Product, findings: Findings, count: int, seed: int) -> None:
    whole = product.scratch / "whole"
    arguments = product.train("train", whole, False, "--epochs", 1, "--decay-epochs", 0)
    findings.expect(product.run(arguments).code == 0, "the run to start from failed")
    names = ["config.json", "latest/training.json", "latest/training.safetensors"]
    names += ["latest/net_G_A.safetensors", "latest/net_D_B.safetensors"]
    commands = {
        "train --resume": lambda run: product.train("train", run, True, "--steps", 6),
        "inspect": lambda run: ["inspect", run],
        "translate": lambda run: [
            "translate", run, product.a / "0.png", "--output", product.scratch / "out",
            "--overwrite", "--threads", 1, "--workers", 1],
    }
    for number in range(count):
        noise = random.Random(f"hostile runs {seed} {number}")
        run = product.scratch / f"run-{seed}-{number}"
        shutil.copytree(whole, run, symlinks=True)
        # Counted off, so that few tries see each file and each command.
        name, command = names[number % len(names)], list(commands)[number // len(names) % 3]
        if command == "translate" and "training" in name:
            command = "train --resume"
        mutate = mutated_json if name.endswith("json") else mutated_tensors
        (run / name).write_bytes(mutate((run / name).read_bytes(), noise))
        check(product, findings, commands[command](run), f"{command}, {name}, number {number}", run)
        shutil.rmtree(run)


def test_data(product: Product, findings: Findings, count: int, seed: int) -> None:
    kinds = {"IDX": images.idx(), "compressed IDX": images.compressed_idx()}
    kinds["CIFAR-10"] = images.cifar()
    for number in range(count):
        noise = random.Random(f"hostile data {seed} {number}")
        kind = list(kinds)[number % 3]
        data = product.scratch / f"data-{seed}-{number}"
        data.mkdir()
        changed = noise.choice(list(kinds[kind]))
        for name, content in kinds[kind].items():
            if name == changed:
                mutate = noise.choice(BYTES)
                if name.endswith(".gz") and noise.random() < 0.5:
                    # What is inside it, or a file that says it is larger than it is, or a bomb.
                    inner = noise.choice([mutate(gzip.decompress(content), noise), bytes(1 << 26)])
                    content = gzip.compress(inner, 1, mtime=0)
                else:
                    content = mutate(content, noise)
            (data / name).write_bytes(content)
        command = ["dcgan", "train", data, "--name", f"run-{number}"]
        command += ["--checkpoints-dir", product.scratch / "runs", "--threads", 1, "--workers", 1]
        command += ["--filters", 4, "--latent", 8, "--batch-size", 2, "--steps", 1]
        check(product, findings, command, f"{kind}, {changed}, number {number}", data)
        shutil.rmtree(data)
        shutil.rmtree(product.scratch / "runs", ignore_errors=True)
