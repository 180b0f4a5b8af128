"""Writes the WebP files beside this script, and in NAME.raw what they must decode to, as make_fixtures.py does.

Made with Python 3, Pillow 13.0.0 and numpy. Lossless files hold the very pixels that went in; lossy ones are as
Pillow decodes them.
"""

import io
import pathlib

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).parent
RANDOM = np.random.default_rng(20240301)
y, x = np.mgrid[0:21, 0:34]
SMOOTH = np.stack([x * 7, y * 11, (x + y) * 4], axis=2).astype(np.uint8)
NOISE = RANDOM.integers(0, 256, (21, 34, 4)).astype(np.uint8)
# Motorola order, one entry: orientation 6, turn clockwise.
EXIF = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="6"/></x:xmpmeta>'


def write(name, pixels, expected=None, **options):
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "WEBP", **options)
    (HERE / f"{name}.webp").write_bytes(data.getvalue())
    if expected is None:
        expected = np.asarray(Image.open(data))
    header = "%d %d %d 8\n" % expected.shape
    (HERE / f"{name}.raw").write_bytes(header.encode() + np.ascontiguousarray(expected).tobytes())


write("lossless", NOISE[:, :, :3], NOISE[:, :, :3], lossless=True)
write("lossless-alpha", NOISE, NOISE, lossless=True, exact=True)
write("lossy", SMOOTH, quality=80)
write("lossy-alpha", np.dstack([SMOOTH, x * 7]).astype(np.uint8), quality=80)
metadata = {"exif": EXIF, "xmp": XMP, "icc_profile": (HERE / "srgb.icc").read_bytes()}
write("lossless-metadata", NOISE[:, :, :3], np.rot90(NOISE[:, :, :3], -1), lossless=True, **metadata)

# Of three frames the second differs from the first only in a corner.
frames = [NOISE[:, :, :3].copy() for _ in range(3)]
frames[1][10:, 20:] = 9
frames[2][:] = 77
rest = [Image.fromarray(frame) for frame in frames[1:]]
write(
    "animation", frames[0], frames[0], save_all=True, append_images=rest, duration=90,
    lossless=True, kmin=0, kmax=0)
