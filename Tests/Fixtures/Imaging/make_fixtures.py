"""Writes the image files beside this script and what they must decode to.

Made with Python 3, Pillow 13.0.0 (libjpeg-turbo 3.2), numpy, and cjpeg of Debian's
libjpeg-turbo-progs 2.1.5 for the subsamplings that Pillow cannot write.

NAME.raw holds pixels: a line "height width channels bits", then the samples, row-major and
interleaved, 16 bits little-endian. For NAME.jpg and NAME.png it is what the file decodes to,
upright: for JPEG as Pillow decodes it; for PNG the very pixels that went in, and Pillow agrees
where it can.
"""

import io
import pathlib
import struct
import subprocess
import zlib

import numpy as np
from PIL import Image, ImageCms, ImageOps

BICUBIC, BILINEAR = Image.Resampling.BICUBIC, Image.Resampling.BILINEAR
NEAREST = Image.Resampling.NEAREST

HERE = pathlib.Path(__file__).parent
RANDOM = np.random.default_rng(20240229)


def scene(height, width, channels, seed=1):
    """Smooth waves with some noise: something that JPEG can hold, without symmetry."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    noise = np.random.default_rng(seed).normal(0, 6, (height, width, channels))
    waves = [
        128 + 100 * np.sin(x / (7 + 2 * c) + c) * np.cos(y / (9 - c) + 2 * c) + x - y
        for c in range(channels)
    ]
    return np.clip(np.stack(waves, axis=-1) + noise, 0, 255).astype(np.uint8)


def write_raw(name, pixels):
    pixels = pixels[:, :, None] if pixels.ndim == 2 else pixels
    bits = 8 * pixels.itemsize
    header = "%d %d %d %d\n" % (*pixels.shape, bits)
    data = pixels.astype("<u2" if bits == 16 else np.uint8).tobytes()
    (HERE / f"{name}.raw").write_bytes(header.encode() + data)


# JPEG


def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **{"quality": 90, **options})
    return out.getvalue()


def write_jpeg(name, data):
    (HERE / f"{name}.jpg").write_bytes(data)
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    write_raw(name, np.asarray(image if image.mode == "L" else image.convert("RGB")))


def segment(marker, payload):
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def after_start(data, extra):
    """`extra` segments directly behind the start marker."""
    return data[:2] + extra + data[2:]


def adobe_position(data):
    return data.index(b"Adobe") - 4


def exif_block(orientation, order):
    """A TIFF structure with two entries, so that the orientation has to be looked for."""
    head = b"II*\0" if order == "<" else b"MM\0*"
    resolution_unit = struct.pack(order + "HHIHH", 0x0128, 3, 1, 2, 0)
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    entries = entry + resolution_unit
    if orientation == 7:  # against the standard's order, as some programs write
        entries = resolution_unit + entry
    directory = struct.pack(order + "H", 2) + entries + struct.pack(order + "I", 0)
    return head + struct.pack(order + "I", 8) + directory


def make_jpegs():
    color = Image.fromarray(scene(35, 51, 3))
    gray = Image.fromarray(scene(35, 51, 1)[:, :, 0])
    cmyk = Image.fromarray(scene(35, 51, 4), "CMYK")
    write_jpeg("baseline-444", jpeg(color, subsampling=0))
    write_jpeg("baseline-422", jpeg(color, subsampling=1))
    write_jpeg("baseline-420", jpeg(color, subsampling=2))
    for name, sample in (("440", "1x2"), ("411", "4x1"), ("410", "4x2")):
        ppm = io.BytesIO()
        color.save(ppm, "PPM")
        command = ["cjpeg", "-quality", "90", "-sample", sample]
        data = subprocess.run(command, input=ppm.getvalue(), stdout=subprocess.PIPE, check=True)
        write_jpeg(f"baseline-{name}", data.stdout)
    write_jpeg("progressive", jpeg(color, progressive=True, subsampling=2))
    write_jpeg("gray", jpeg(gray))
    write_jpeg("gray-progressive", jpeg(gray, progressive=True))
    write_jpeg("rgb", jpeg(color, keep_rgb=True))
    write_jpeg("restart-markers", jpeg(color, restart_marker_blocks=2))
    write_jpeg("trailing-garbage", jpeg(color) + b"\xff\xd8\xff\xe0garbage\0\xff\xd9" * 40)

    data = jpeg(cmyk)
    write_jpeg("cmyk-adobe", data)
    position = adobe_position(data)
    write_jpeg("cmyk-plain", data[:position] + data[position + 16 :])
    # The last byte of Adobe's segment says how the colors are transformed; 2 is YCCK.
    write_jpeg("ycck-adobe", data[: position + 15] + b"\x02" + data[position + 16 :])

    small = Image.fromarray(scene(9, 14, 3))
    for order, endian in (("<", "little"), (">", "big")):
        for orientation in range(1, 9):
            exif = segment(0xE1, b"Exif\0\0" + exif_block(orientation, order))
            data = after_start(jpeg(small, subsampling=0), exif)
            write_jpeg(f"orientation-{orientation}-{endian}", data)

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    (HERE / "srgb.icc").write_bytes(profile)
    cuts = [profile[:200], profile[200:401], profile[401:]]
    parts = [
        segment(0xE2, b"ICC_PROFILE\0" + bytes([number + 1, 3]) + cut)
        for number, cut in enumerate(cuts)
    ]
    write_jpeg("icc-three-segments", after_start(jpeg(small), parts[1] + parts[0] + parts[2]))
    write_jpeg("icc-missing-segment", after_start(jpeg(small), parts[0] + parts[2]))

    # libjpeg's inverse transform at half and a quarter of the size, through Pillow's draft mode.
    large = jpeg(Image.fromarray(scene(101, 131, 3)), subsampling=2)
    (HERE / "scaled.jpg").write_bytes(large)
    for eighths in (1, 2, 4, 8):
        image = Image.open(io.BytesIO(large))
        image.draft("RGB", (131 * eighths // 8, 101 * eighths // 8))
        assert image.size == ((131 * eighths + 7) // 8, (101 * eighths + 7) // 8)
        write_raw(f"scaled-{eighths}-of-8", np.asarray(image))


# PNG

GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed_rows(samples, bits):
    """Filter byte 0 and the samples of each row, big-endian, 1, 2 and 4 bits packed."""
    rows = b""
    for row in samples.reshape(samples.shape[0], -1):
        if bits == 16:
            data = row.astype(">u2").tobytes()
        elif bits == 8:
            data = row.astype(np.uint8).tobytes()
        else:
            digits = (row[:, None].astype(int) >> np.arange(bits - 1, -1, -1)) & 1
            data = np.packbits(digits.astype(np.uint8).ravel()).tobytes()
        rows += b"\0" + data
    return rows


def png(samples, color_type, bits, before=b"", after=b"", interlaced=False):
    """A PNG file of `samples` [height, width, samples of a pixel], by the specification."""
    height, width = samples.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, int(interlaced))
    if interlaced:  # Adam7: first row, first column, row step, column step
        passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4)]
        passes += [(2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
        parts = [samples[y::dy, x::dx] for y, x, dy, dx in passes]
        rows = b"".join(packed_rows(part, bits) for part in parts if part.size)
    else:
        rows = packed_rows(samples, bits)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before
    return start + chunk(b"IDAT", zlib.compress(rows, 9)) + after + chunk(b"IEND", b"")


def write_png(name, data, expected, pillow=True):
    (HERE / f"{name}.png").write_bytes(data)
    write_raw(name, expected)
    if not pillow:  # Pillow drops the lower bytes of 16-bit colors
        return
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    channels = 1 if expected.ndim == 2 else expected.shape[2]
    mode = "I" if expected.itemsize == 2 else {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
    seen = np.asarray(image.convert(mode))
    assert np.array_equal(seen.reshape(expected.shape), expected), name


def levels(height, width, channels, bits):
    return RANDOM.integers(0, 1 << bits, (height, width, channels))


def make_pngs():
    for bits in (1, 2, 4, 8):
        gray = levels(7, 13, 1, bits)
        full = (gray * (255 // ((1 << bits) - 1))).astype(np.uint8)
        for suffix, interlaced in (("", False), ("-interlaced", True)):
            write_png(f"gray-{bits}{suffix}", png(gray, GRAY, bits, interlaced=interlaced), full)
        # One level of the gray is transparent.
        level = int(gray[3, 5, 0])
        alpha = np.where(gray == level, 0, 255).astype(np.uint8)
        data = png(gray, GRAY, bits, before=chunk(b"tRNS", struct.pack(">H", level)))
        # Pillow does not scale the transparent level of 2 and 4 bits to 8.
        expected = np.concatenate([full, alpha], axis=2)
        write_png(f"gray-{bits}-trns", data, expected, pillow=bits in (1, 8))

        colors = RANDOM.integers(0, 256, (1 << bits, 3)).astype(np.uint8)
        opacity = RANDOM.integers(0, 256, (1 << bits) - 1).astype(np.uint8)  # the last is opaque
        palette = chunk(b"PLTE", colors.tobytes())
        transparency = chunk(b"tRNS", opacity.tobytes())
        write_png(
            f"palette-{bits}", png(gray, PALETTE, bits, before=palette), colors[gray[:, :, 0]])
        table = np.concatenate([colors, np.append(opacity, np.uint8(255))[:, None]], axis=1)
        write_png(
            f"palette-{bits}-trns", png(gray, PALETTE, bits, before=palette + transparency),
            table[gray[:, :, 0]])

    for name, color_type, channels in (
        ("gray-alpha", GRAY_ALPHA, 2), ("rgb", RGB, 3), ("rgba", RGBA, 4)):
        for bits in (8, 16):
            pixels = levels(6, 9, channels, bits).astype(np.uint16 if bits == 16 else np.uint8)
            write_png(f"{name}-{bits}", png(pixels, color_type, bits), pixels, pillow=bits == 8)
            data = png(pixels, color_type, bits, interlaced=True)
            write_png(f"{name}-{bits}-interlaced", data, pixels, pillow=bits == 8)
    gray = levels(6, 9, 1, 16).astype(np.uint16)
    write_png("gray-16", png(gray, GRAY, 16), gray)

    for bits in (8, 16):
        dtype = np.uint16 if bits == 16 else np.uint8
        rgb = levels(6, 9, 3, bits).astype(dtype)
        key = rgb[2, 4]
        rgb[5, 8] = key
        alpha = np.where((rgb == key).all(axis=2), 0, np.iinfo(dtype).max).astype(dtype)
        trns = chunk(b"tRNS", struct.pack(">HHH", *key.tolist()))
        expected = np.concatenate([rgb, alpha[:, :, None]], axis=2)
        write_png(f"rgb-{bits}-trns", png(rgb, RGB, bits, before=trns), expected, pillow=bits == 8)

    rgb = levels(6, 9, 3, 8).astype(np.uint8)
    profile = (HERE / "srgb.icc").read_bytes()
    iccp = chunk(b"iCCP", b"made by Pillow\0\0" + zlib.compress(profile))
    write_png("icc", png(rgb, RGB, 8, before=iccp), rgb)
    gamma = chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"sRGB", b"\x01")
    write_png("gamma-srgb", png(rgb, RGB, 8, before=gamma), rgb)
    turned = chunk(b"eXIf", exif_block(6, ">"))
    upright = np.rot90(rgb, -1).copy()  # 6: turn clockwise
    write_png("exif-before", png(rgb, RGB, 8, before=turned), upright)
    write_png("exif-after", png(rgb, RGB, 8, after=turned), upright)


# Resizing, as Pillow does it


def make_resized():
    rgb = RANDOM.integers(0, 256, (24, 30, 3)).astype(np.uint8)
    write_raw("resize-rgb", rgb)
    # The fourth and fifth lose so many more rows than columns that Pillow takes the rows first.
    sizes = [(11, 17), (37, 45), (24, 13), (9, 27), (10, 40), (9, 30), (1, 1), (50, 8)]
    for height, width in sizes:
        for filter in (BICUBIC, BILINEAR, NEAREST):
            out = Image.fromarray(rgb).resize((width, height), filter)
            write_raw(f"resize-rgb-{height}x{width}-{filter.name.lower()}", np.asarray(out))
    gray = RANDOM.integers(0, 65536, (24, 30)).astype(np.uint16)
    write_raw("resize-gray16", gray)
    for height, width in ((11, 17), (37, 45), (9, 27)):
        for filter in (BICUBIC, BILINEAR):
            out = Image.fromarray(gray).resize((width, height), filter)
            name = f"resize-gray16-{height}x{width}-{filter.name.lower()}"
            write_raw(name, np.asarray(out).astype(np.uint16))
    rgba = RANDOM.integers(0, 256, (24, 30, 4)).astype(np.uint8)
    rgba[:12, :, 3] //= 8  # a half that is nearly transparent
    write_raw("resize-rgba", rgba)
    for height, width in ((11, 17), (37, 45)):
        out = Image.fromarray(rgba).resize((width, height), BICUBIC)
        write_raw(f"resize-rgba-{height}x{width}-bicubic", np.asarray(out))
    write_raw("convert-rgb-gray", np.asarray(Image.fromarray(rgb).convert("L")))
    composed = Image.new("RGBA", (30, 24), (250, 128, 3, 255))
    composed.paste(Image.fromarray(rgba[:, :, :3]), mask=Image.fromarray(rgba[:, :, 3]))
    write_raw("convert-rgba-over-orange", np.asarray(composed.convert("RGB")))


make_jpegs()
make_pngs()
make_resized()
