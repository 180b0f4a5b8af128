"""Images and data sets of noise, written with nothing but the standard library."""

import gzip
import pathlib
import random
import struct
import zlib


def png(width: int, height: int, seed: object, level: int = 1) -> bytes:
    """The bytes of an RGB file of noise."""
    noise = random.Random(str(seed))
    rows = b"".join(b"\0" + noise.randbytes(3 * width) for _ in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, level))
        + chunk(b"IEND", b"")
    )


def write_folder(folder: pathlib.Path, count: int, side: int) -> pathlib.Path:
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        (folder / f"{index}.png").write_bytes(png(side, side, (folder.name, index)))
    return folder


def idx(count: int = 20) -> dict[str, bytes]:
    """MNIST's two files of the training set."""
    noise = random.Random(0)
    images = struct.pack(">IIII", 0x803, count, 28, 28) + noise.randbytes(count * 28 * 28)
    labels = struct.pack(">II", 0x801, count) + bytes(noise.randrange(10) for _ in range(count))
    return {"train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": labels}


def compressed_idx(count: int = 20) -> dict[str, bytes]:
    return {f"{name}.gz": gzip.compress(data, mtime=0) for name, data in idx(count).items()}


def cifar(count: int = 10) -> dict[str, bytes]:
    """CIFAR-10's binary version: a byte for the class, then 32 x 32 bytes for each color."""
    noise = random.Random(0)

    def batch() -> bytes:
        return b"".join(bytes([noise.randrange(10)]) + noise.randbytes(3072) for _ in range(count))

    names = "\n".join(f"class{number}" for number in range(10)) + "\n"
    batches = {f"data_batch_{number}.bin": batch() for number in range(1, 6)}
    return batches | {"test_batch.bin": batch(), "batches.meta.txt": names.encode()}
