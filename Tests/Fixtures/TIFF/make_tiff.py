"""Writes the TIFF files beside this script, and in NAME.raw what they must decode to: a line "height width channels
bits alpha", where 32 bits are float32, then the samples, little-endian.

Made with Python 3, tifffile 2026.3.3, imagecodecs 2026.3.6, Pillow 13.0.0, numpy and the tools of libtiff 4.5 (tiffcp, tiff2rgba).
What must come out is the array that went in wherever a file loses nothing; Pillow's reading for JPEG and CMYK, and
that of libtiff's own tiff2rgba for YCbCr. Files of unusual widths of samples are put together here.
"""

import pathlib
import struct
import subprocess
import tempfile

import numpy as np
import tifffile
from PIL import Image

HERE = pathlib.Path(__file__).parent
RANDOM = np.random.default_rng(20261128)
H, W = 19, 23
y, x = np.mgrid[0:H, 0:W]


def expect(name, pixels, alpha=False):
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    bits = {"uint8": 8, "uint16": 16, "float32": 32}[pixels.dtype.name]
    header = "%d %d %d %d %d\n" % (*pixels.shape, bits, alpha)
    data = np.ascontiguousarray(pixels).astype(pixels.dtype.newbyteorder("<")).tobytes()
    (HERE / f"{name}.raw").write_bytes(header.encode() + data)


def noise(dtype, channels=0):
    shape = (H, W, channels) if channels else (H, W)
    if np.issubdtype(dtype, np.floating):
        return RANDOM.normal(0, 300, shape).astype(dtype)
    info = np.iinfo(dtype)
    return RANDOM.integers(info.min, info.max, shape, endpoint=True, dtype=dtype)


def write(name, array, expected=None, alpha=False, **options):
    options.setdefault("photometric", "rgb" if array.ndim == 3 and array.shape[2] >= 3 else "minisblack")
    options.setdefault("metadata", None)
    if array.ndim == 3:
        options.setdefault("planarconfig", "contig")
    if options.get("planarconfig") == "separate":
        tifffile.imwrite(HERE / f"{name}.tif", np.moveaxis(array, 2, 0), **options)
    else:
        tifffile.imwrite(HERE / f"{name}.tif", array, **options)
    expect(name, array if expected is None else expected, alpha)


def by_hand(name, numbers, bits, kind, expected, photometric=1, colormap=None, order="<"):
    """A strip of samples of any number of bits, packed from the highest bit on."""
    height, width = numbers.shape
    rows = b""
    for row in numbers:
        text = "".join(format(int(value) & ((1 << bits) - 1), f"0{bits}b") for value in row)
        if bits == 24:  # whole bytes are in the file's order
            rows += b"".join((int(value) & 0xFFFFFF).to_bytes(3, "little" if order == "<" else "big") for value in row)
            continue
        text += "0" * (-len(text) % 8)
        rows += int(text, 2).to_bytes(len(text) // 8, "big")
    tags = [(256, 4, width), (257, 4, height), (258, 3, bits), (259, 3, 1), (262, 3, photometric), (273, 4, 8),
            (277, 3, 1), (278, 4, height), (279, 4, len(rows)), (339, 3, kind)]
    rows += b"\0" * (len(rows) % 2)
    place = 8 + len(rows)
    extra = b""
    if colormap is not None:
        extra = colormap.astype(order + "u2").tobytes()
        tags.append((320, 3, None))
        tags.sort()
    directory = struct.pack(order + "H", len(tags))
    for tag, kind_, value in tags:
        if value is None:
            directory += struct.pack(order + "HHII", tag, kind_, len(extra) // 2, place + 2 + 12 * len(tags) + 4)
        elif kind_ == 3:
            directory += struct.pack(order + "HHIHH", tag, kind_, 1, value, 0)
        else:
            directory += struct.pack(order + "HHII", tag, kind_, 1, value)
    start = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", place)
    (HERE / f"{name}.tif").write_bytes(start + rows + directory + b"\0\0\0\0" + extra)
    expect(name, expected)


def tool(name, program, *arguments, source):
    subprocess.run([program, *arguments, HERE / f"{source}.tif", HERE / f"{name}.tif"], check=True)


# Types of samples.
for dtype in ["uint8", "uint16"]:
    write(dtype, noise(dtype))
for dtype in ["int8", "int16", "int32", "uint32", "float16", "float32", "float64"]:
    array = noise(dtype)
    write(dtype, array, array.astype(np.float32))
    if dtype in ["int16", "float32"]:
        write(f"{dtype}-big", array, array.astype(np.float32), byteorder=">")
for bits in [1, 2, 4, 6]:
    numbers = RANDOM.integers(0, 1 << bits, (H, W))
    spread = ((numbers * 255 + ((1 << bits) - 1) // 2) // ((1 << bits) - 1)).astype(np.uint8)
    by_hand(f"unsigned-{bits}", numbers, bits, 1, spread)
    if bits != 6:
        by_hand(f"white-is-zero-{bits}", numbers, bits, 1, 255 - spread, photometric=0)
for bits in [10, 12, 14]:
    numbers = RANDOM.integers(0, 1 << bits, (H, W))
    by_hand(f"unsigned-{bits}", numbers, bits, 1, numbers.astype(np.uint16))
for bits in [12, 24]:
    numbers = RANDOM.integers(-(1 << (bits - 1)), 1 << (bits - 1), (H, W))
    by_hand(f"signed-{bits}", numbers, bits, 2, numbers.astype(np.float32))
numbers = RANDOM.integers(0, 1 << 24, (H, W))
by_hand("unsigned-24-big", numbers, 24, 1, numbers.astype(np.float32), order=">")
# 1 sign, 7 bits of exponent with a bias of 63, 16 of fraction: 1.5, -0.25, 2^-62 / 65536, 0.
by_hand("float-24", np.array([[63 << 16 | 0x8000, 1 << 23 | 61 << 16, 1, 0]]), 24, 3,
        np.array([[1.5, -0.25, 2.0**-62 / 65536, 0]], np.float32))
inverted = noise("uint16")
write("white-is-zero-16", inverted, 65535 - inverted, photometric="miniswhite")

# Where samples stand.
rgb, rgb16, float5 = noise("uint8", 3), noise("uint16", 3), noise("float32", 5)
write("rgb", rgb)
write("rgb-planar", rgb, planarconfig="separate")
write("rgb-tiles", rgb, tile=(16, 16))
write("rgb16-planar-tiles-big", rgb16, planarconfig="separate", tile=(16, 32), byteorder=">")
write("rgb-bigtiff", rgb16, bigtiff=True)
write("rgb-bigtiff-big", rgb16, bigtiff=True, byteorder=">", rowsperstrip=5)
write("float-5-planar", float5, planarconfig="separate", photometric="minisblack", rowsperstrip=7)
write("float-5-tiles", float5, photometric="minisblack", tile=(16, 16), compression="zlib", predictor=True)
write("two-channels", noise("uint8", 2), photometric="minisblack", extrasamples=["unspecified"])
write("channels-64", noise("uint8", 64)[:8, :8].copy(), photometric="minisblack")

# Compressions.
for compression in ["lzw", "zlib", "packbits", "lzma", "zstd"]:
    write(f"rgb-{compression}", rgb, compression=compression)
for compression in ["lzw", "zlib", "zstd"]:
    write(f"rgb16-{compression}-differences", rgb16, compression=compression, predictor=True)
write("float-differences", noise("float32", 3), compression="zlib", predictor=True)
smooth = np.stack([x * 7, y * 11, (x + y) * 4], axis=2).astype(np.uint8)
write("webp", rgb, compression="webp", compressionargs={"lossless": True})
write("jpeg-rgb", smooth, compression="jpeg", compressionargs={"level": 95, "outcolorspace": "rgb"})
write("jpeg-gray", smooth[:, :, 0].copy(), compression="jpeg")
Image.fromarray(smooth).save(HERE / "jpeg-ycbcr.tif", compression="jpeg")
for name in ["jpeg-rgb", "jpeg-gray", "jpeg-ycbcr"]:
    expect(name, np.asarray(Image.open(HERE / f"{name}.tif")))
bilevel = np.asarray(Image.open(HERE / "white-is-zero-1.tif").convert("L"))
for compression in ["g3", "g4"]:
    tool(f"ccitt-{compression}", "tiffcp", "-c", compression, source="white-is-zero-1")
    expect(f"ccitt-{compression}", bilevel)

# Colors.
palette = RANDOM.integers(0, 65536, (3, 16))
indices = RANDOM.integers(0, 16, (H, W))
by_hand("palette-4", indices, 4, 1, np.moveaxis((palette >> 8)[:, indices], 0, 2).astype(np.uint8), 3, palette)
by_hand("palette-4-of-8-bits", indices, 4, 1, np.moveaxis((palette >> 8)[:, indices], 0, 2).astype(np.uint8), 3,
        palette >> 8)
cmyk = noise("uint8", 4)
write("cmyk", cmyk, photometric="separated")
expect("cmyk", np.asarray(Image.fromarray(cmyk, "CMYK").convert("RGB")))
write("ycbcr", np.asarray(Image.fromarray(smooth).convert("YCbCr")), photometric="ycbcr", compression="lzw",
      subsampling=(1, 1))
with tempfile.NamedTemporaryFile(suffix=".tif") as converted:
    subprocess.run(["tiff2rgba", "-c", "none", HERE / "ycbcr.tif", converted.name], check=True)
    expect("ycbcr", tifffile.imread(converted.name)[:, :, :3])
rgba = noise("uint8", 4)
write("alpha", rgba, alpha=True, extrasamples=["unassalpha"])
write("alpha-16", noise("uint16", 4), alpha=True, extrasamples=["unassalpha"])
write("gray-alpha", noise("uint8", 2), alpha=True, photometric="minisblack", extrasamples=["unassalpha"])
premultiplied = rgba.astype(np.uint32)
premultiplied[:, :, :3] = (premultiplied[:, :, :3] * premultiplied[:, :, 3:] + 127) // 255
divided = premultiplied.copy()
divided[:, :, :3] = np.minimum(premultiplied[:, :, :3] * 255 // np.maximum(premultiplied[:, :, 3:], 1), 255)
write("alpha-associated", premultiplied.astype(np.uint8), divided.astype(np.uint8), alpha=True,
      extrasamples=["assocalpha"])
five = noise("uint8", 5)
write("alpha-in-the-middle", five, five[:, :, [0, 1, 2, 4, 3]], alpha=True, extrasamples=["unassalpha", "unspecified"])
turns = {1: lambda a: a, 2: np.fliplr, 3: lambda a: np.rot90(a, 2), 4: np.flipud,
         5: lambda a: a.transpose(1, 0, 2), 6: lambda a: np.rot90(a, -1),
         7: lambda a: np.rot90(a, 2).transpose(1, 0, 2), 8: np.rot90}
for orientation, turn in turns.items():
    write(f"orientation-{orientation}", rgb, turn(rgb), extratags=[(274, 3, 1, orientation, True)])

# Pages.
pages = noise("uint16", 4)
tifffile.imwrite(HERE / "pages.tif", np.moveaxis(pages, 2, 0), photometric="minisblack", metadata=None,
                 compression="zlib")
expect("pages", pages[:, :, 0])
expect("pages-as-channels", pages)

# What is said beside the pixels.
key = [1, 1, 0, 2, 1024, 0, 1, 1, 2048, 0, 1, 4326]
tags = [
    (33550, 12, 3, (0.5, 0.25, 0.0), True), (33922, 12, 6, (0.0, 0.0, 0.0, 11.5, 48.25, 0.0), True),
    (34735, 3, len(key), key, True), (34737, 2, 0, "WGS 84|", True), (42113, 2, 0, "-9999", True),
    (271, 2, 0, "A maker", True), (700, 1, 38, b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>\n', True),
]
write("georeference", noise("int16"), noise("int16").astype(np.float32), extratags=tags, tile=(16, 16),
      compression="lzw", resolution=(72.5, 36.25), resolutionunit="CENTIMETER", byteorder=">")
georeference = tifffile.imread(HERE / "georeference.tif")
expect("georeference", georeference.astype(np.float32))
profile = (HERE.parent / "Imaging" / "srgb.icc").read_bytes()
write("exif", rgb, np.rot90(rgb, -1), iccprofile=profile, resolution=(300, 150), resolutionunit="INCH",
      extratags=[(271, 2, 0, "Camera", True), (274, 3, 1, 6, True), (34666, 4, 1, 1, True), (34854, 4, 1, 2, True)])
# tifffile does not write tags 34665 and 34853, so that others get their numbers, and the directories they point to: an exposure of 1/125 s, and a latitude in the north.
data = bytearray((HERE / "exif.tif").read_bytes()) + b"\0"
data = data[: len(data) // 2 * 2]
for tag, number, entry, value in [(34665, 1, (33434, 5, 1), struct.pack("<II", 1, 125)), (34853, 2, (1, 2, 2), None)]:
    place = data.index(struct.pack("<HHII", tag + 1, 4, 1, number)) + 8
    data[place - 8 : place - 6] = struct.pack("<H", tag)
    data[place : place + 4] = struct.pack("<I", len(data))
    inner = b"N\0\0\0" if value is None else struct.pack("<I", len(data) + 18)
    data += struct.pack("<HHHI", 1, *entry) + inner + b"\0\0\0\0" + (value or b"")
(HERE / "exif.tif").write_bytes(data)

# What cannot be read.
tifffile.imwrite(HERE / "complex.tif", noise("float32").astype(np.complex64), photometric="minisblack", metadata=None)
tifffile.imwrite(HERE / "integers-64.tif", noise("int64"), photometric="minisblack", metadata=None)
odd = noise("float32")
odd[3, 4], odd[5, 6], odd[7, 8] = np.nan, np.inf, -np.inf
write("not-finite", odd)
finite = odd[np.isfinite(odd)]
odd[3, 4], odd[5, 6], odd[7, 8] = finite.min(), finite.max(), finite.min()
expect("not-finite", odd)

# Samples beside a palette, of which alpha counts, and a plane that is announced and was never written.
indices, alpha = noise("uint8"), noise("uint8")
palette = RANDOM.integers(0, 65536, (3, 256))
colors = np.moveaxis((palette >> 8)[:, indices], 0, 2)
write("palette-alpha", np.dstack([indices, alpha]), np.dstack([colors, alpha]).astype(np.uint8), alpha=True,
      extrasamples=["unassalpha"], extratags=[(320, 3, 768, [int(value) for value in palette.ravel()], True)])
first = noise("uint8", 2)
write("plane-missing", first, first[:, :, 0], photometric="minisblack", planarconfig="separate",
      extrasamples=["unspecified"], compression="zlib")
with tifffile.TiffFile(HERE / "palette-alpha.tif", mode="r+b") as file:
    file.pages[0].tags[262].overwrite(3)
with tifffile.TiffFile(HERE / "plane-missing.tif", mode="r+b") as file:
    tags = file.pages[0].tags
    tags[279].overwrite((tags[279].value[0], 0))
    tags[273].overwrite((tags[273].value[0], 0))
