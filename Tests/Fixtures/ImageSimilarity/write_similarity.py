"""Writes pairs of images and their structural similarity, beside this script.

Made with Python 3, Pillow 13.0.0 and numpy. The similarity is equation 13 of Wang et al., "Image
quality assessment", IEEE TIP 13(4), 2004, in double precision, straight from the definition: for
each window of 11x11 pixels inside the image the weighted means, variances and covariance, and
the mean of the index over all windows and channels, for values in [0, 1].
"""

import json
import pathlib

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).parent
RANDOM = np.random.default_rng(20040404)


def window():
    distance = np.arange(11) - 5
    line = np.exp(-(distance**2) / (2 * 1.5**2))
    weights = np.outer(line, line)
    return weights / weights.sum()


def similarity(first, second):
    x, y = first / 255.0, second / 255.0
    weights, c1, c2 = window(), 0.01**2, 0.03**2
    values = []
    for channel in range(x.shape[2]):
        for top in range(x.shape[0] - 10):
            for left in range(x.shape[1] - 10):
                a = x[top : top + 11, left : left + 11, channel]
                b = y[top : top + 11, left : left + 11, channel]
                mean_a, mean_b = (weights * a).sum(), (weights * b).sum()
                variance_a = (weights * (a - mean_a) ** 2).sum()
                variance_b = (weights * (b - mean_b) ** 2).sum()
                covariance = (weights * (a - mean_a) * (b - mean_b)).sum()
                values.append(
                    (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
                    / ((mean_a**2 + mean_b**2 + c1) * (variance_a + variance_b + c2))
                )
    return float(np.mean(values))


def signal_to_noise(first, second):
    return float(10 * np.log10(1 / np.mean((first / 255.0 - second / 255.0) ** 2)))


def main():
    y, x = np.mgrid[0:20, 0:17].astype(float)
    waves = np.stack([128 + 90 * np.sin(x / (2 + c) + y / (5 - c)) for c in range(3)], axis=-1)
    truth = np.clip(waves + RANDOM.normal(0, 10, waves.shape), 0, 255).astype(np.uint8)
    images = {
        "noise": np.clip(truth + RANDOM.normal(0, 25, truth.shape), 0, 255).astype(np.uint8),
        "pale": (truth * 0.4 + 120).astype(np.uint8),
        "negative": 255 - truth,
        "flat": np.full_like(truth, 128),
    }
    Image.fromarray(truth).save(HERE / "truth.png")
    values = {}
    for name, image in images.items():
        Image.fromarray(image).save(HERE / f"{name}.png")
        values[name] = {
            "psnr": signal_to_noise(image, truth), "ssim": similarity(image, truth),
        }
    (HERE / "values.json").write_text(json.dumps(values, indent=2) + "\n")


if __name__ == "__main__":
    main()
