"""Writes images that say something beside their pixels, which are those of scene.png, 4 rows of 6.

Made with Python 3 and Pillow 13.0.0; the text chunks with EXIF are as ImageMagick and exiv2 write them.
"""

import pathlib
import struct
import zlib

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

HERE = pathlib.Path(__file__).parent
PIXELS = np.arange(72, dtype=np.uint8).reshape(4, 6, 3) * 3
image = Image.fromarray(PIXELS)
image.save(HERE / "scene.png")
Image.fromarray(np.rot90(PIXELS, -1).copy()).save(HERE / "scene-turned.png")

# Motorola order, one entry: orientation 6, turn clockwise.
EXIF = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_chunks(name, before=b"", after=b""):
    """The scene with chunks in front of its image data and behind it."""
    data = (HERE / "scene.png").read_bytes()
    (HERE / name).write_bytes(data[:33] + before + data[33:-12] + after + data[-12:])


def raw_profile(name, profile):
    """A line feed, the name, the length, and lines of 36 bytes in hexadecimal digits."""
    lines = [profile[at : at + 36].hex() for at in range(0, len(profile), 36)]
    return f"\n{name}\n{len(profile):8d}\n{chr(10).join(lines)}\n".encode()


signed = raw_profile("exif", b"Exif\0\0" + EXIF)
with_chunks("exif-tEXt.png", chunk(b"tEXt", b"Raw profile type exif\0" + signed))
with_chunks("exif-zTXt.png", after=chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(signed)))
with_chunks("exif-iTXt.png", chunk(b"iTXt", b"Raw profile type exif\0\1\0\0\0" + zlib.compress(signed)))
app1 = raw_profile("APP1", b"Exif\0\0" + EXIF)
with_chunks("exif-APP1.png", chunk(b"zTXt", b"Raw profile type APP1\0\0" + zlib.compress(app1)))

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="6"/>a<b/></x:xmpmeta>'
image.save(HERE / "xmp.jpg", quality=95, xmp=XMP, dpi=(300, 150))
image.save(HERE / "density.png", dpi=(300, 72))
with_chunks(
    "chunks.png",
    chunk(b"cICP", bytes([9, 16, 0, 1])) + chunk(b"cHRM", struct.pack(">8I", *range(31270, 31278)))
    + chunk(b"tEXt", b"Author\0somebody") + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP),
    chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"words " * 40)))
frames = [Image.fromarray(np.roll(PIXELS, shift, 0)) for shift in (1, 2)]
image.save(HERE / "animation.png", save_all=True, append_images=frames, duration=100)
