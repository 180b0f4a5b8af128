"""Writes gzip archives of IDX files by Python's gzip, which the tests cannot call.

images.gz    3 images, 3 rows of 2 pixels each, whose 18 pixels are 10, 11, ..., 27
labels.gz    3 labels: 7, 0, 7
members.gz   the same as images.gz in five members: bytes 0 to 9, nothing, 10 to 19, the rest, nothing;
             then 100 zeros of padding
short.gz     the same as images.gz without its last pixel, in a sound archive
bomb.gz      a header of 2 images of 2x2 pixels and 16 MiB of zeros
claims.gz    a header of 60,000,000 images of 28x28 pixels (47 GB) and 8 zeros

The time stamps are 0, so that the files come out the same each time.
Versions used: Python 3.11, zlib 1.2.13.
Command: python write_archives.py
"""

import gzip
import pathlib
import struct

FOLDER = pathlib.Path(__file__).parent


def member(content):
    return gzip.compress(content, 9, mtime=0)


def header(*sizes):
    return struct.pack(f">{1 + len(sizes)}I", 0x0800 + len(sizes), *sizes)


images = header(3, 3, 2) + bytes(range(10, 28))
pieces = [images[:10], b"", images[10:20], images[20:], b""]
archives = {
    "images": member(images),
    "labels": member(header(3) + bytes([7, 0, 7])),
    "members": b"".join(map(member, pieces)) + bytes(100),
    "short": member(images[:-1]),
    "bomb": member(header(2, 2, 2) + bytes(16 << 20)),
    "claims": member(header(60_000_000, 28, 28) + bytes(8)),
}
for name, archive in archives.items():
    (FOLDER / f"{name}.gz").write_bytes(archive)
