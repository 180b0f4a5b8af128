"""How close images come to the truth, and how much of a grid they show."""

import math

import numpy as np
from PIL import Image


def read(file):
    return np.asarray(Image.open(file).convert("RGB"), dtype=np.float64) / 255


def psnr(image, truth):
    """10 log10(1 / mean squared difference), in dB."""
    return -10 * math.log10(max(np.mean((image - truth) ** 2), 1e-10))


WINDOW = np.exp(-((np.arange(11) - 5) ** 2) / (2 * 1.5**2))
WINDOW /= WINDOW.sum()


def blurred(x):
    """By the Gaussian window, along both axes, where it lies inside."""
    x = np.apply_along_axis(np.convolve, 0, x, WINDOW, "valid")
    return np.apply_along_axis(np.convolve, 1, x, WINDOW, "valid")


def ssim(image, truth):
    """Wang et al. 2004, equation 13, with its Gaussian window; the mean over windows and channels."""
    mean_x, mean_y = blurred(image), blurred(truth)
    variance_x = blurred(image**2) - mean_x**2
    variance_y = blurred(truth**2) - mean_y**2
    covariance = blurred(image * truth) - mean_x * mean_y
    c1, c2 = 0.01**2, 0.03**2
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    return float(np.mean(luminance * (2 * covariance + c2) / (variance_x + variance_y + c2)))


def grid(image):
    """The energy at the frequencies of grids of 2 and 4 pixels, as a share of that at all others but the mean.

    A stride of 2 leaves its trace at half and a quarter of the sampling frequency along either axis.
    """
    gray = image.mean(axis=2)
    height, width = (side // 4 * 4 for side in gray.shape)
    energy = np.abs(np.fft.fft2(gray[:height, :width] - gray.mean())) ** 2
    lines = np.zeros(energy.shape, dtype=bool)
    for part in (height // 4, height // 2, height * 3 // 4):
        lines[part, :] = True
    for part in (width // 4, width // 2, width * 3 // 4):
        lines[:, part] = True
    # Neighboring frequencies are as strong in an image without a grid.
    beside = np.roll(lines, 1, (0, 1)) & ~lines | np.roll(lines, -1, (0, 1)) & ~lines
    return float(energy[lines].mean() / energy[beside].mean())


def folder_scores(results, truths):
    """Means over the images of both folders, which have the same names."""
    names = sorted(file.name for file in truths.glob("*.png"))
    pairs = [(read(results / name), read(truths / name)) for name in names]
    return {
        "psnr": float(np.mean([psnr(*pair) for pair in pairs])),
        "ssim": float(np.mean([ssim(*pair) for pair in pairs])),
        "grid": float(np.mean([grid(image) for image, _ in pairs])),
        "real_grid": float(np.mean([grid(truth) for _, truth in pairs])),
    }
