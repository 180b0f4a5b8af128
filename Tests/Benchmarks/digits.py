"""Trains `cyclegan dcgan` on scikit-learn's 8x8 digits and lets a classifier read what it draws.

Writes the 1,797 digits as gray PNG files into one folder for each class, trains with the tool's defaults
(images of 28x28 pixels), generates 200 samples and labels them by their three nearest neighbors among
the real digits, resized as the tool does. The classifier's accuracy on held-out real digits is printed beside the
counts; the samples pass if at least 8 digits occur 5 times or more. `write` and `judge` do one part.

Versions used: Python 3.11, numpy 2.4, pillow 12.3, scikit-learn 1.9.
Command: python digits.py run --binary .build/release/cyclegan --folder /tmp/digits
"""

import argparse
import pathlib
import subprocess
import sys
import time

import numpy
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

SIZE = 28


def write(folder: pathlib.Path) -> None:
    """One PNG file for each digit, below a folder named after its class."""
    digits = load_digits()
    for index, (pixels, label) in enumerate(zip(digits.images, digits.target)):
        file = folder / str(label) / f"{index:04}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray((pixels * 255 / 16).round().astype(numpy.uint8)).save(file)


def judge(folder: pathlib.Path) -> bool:
    """Labels the images in a folder; prints the counts; whether there are 8 digits of 5 or more."""
    digits = load_digits()
    real = numpy.stack(
        [
            pixels_of(Image.fromarray((pixels * 255 / 16).round().astype(numpy.uint8)))
            for pixels in digits.images
        ]
    )
    classifier = KNeighborsClassifier(n_neighbors=3)
    train, test, train_labels, test_labels = train_test_split(
        real, digits.target, test_size=0.25, random_state=0
    )
    accuracy = classifier.fit(train, train_labels).score(test, test_labels)
    files = sorted(folder.glob("*.png"))
    samples = numpy.stack([pixels_of(Image.open(file)) for file in files])
    classifier.fit(real, digits.target)
    labels = classifier.predict(samples)
    nearest = classifier.kneighbors(samples)[0][:, 0].mean()
    held_out = KNeighborsClassifier(n_neighbors=1).fit(train, train_labels).kneighbors(test)[0].mean()
    counts = numpy.bincount(labels, minlength=10)
    print(f"accuracy on {len(test)} held-out real digits: {accuracy:.3f}")
    print(f"digits in {len(files)} samples: {dict(enumerate(counts.tolist()))}")
    print(f"mean distance to the nearest real digit: {nearest:.2f}; of a held-out real one: {held_out:.2f}")
    frequent = int((counts >= 5).sum())
    print(f"digits that occur 5 times or more: {frequent}")
    return accuracy > 0.95 and frequent >= 8


def pixels_of(image: Image.Image) -> numpy.ndarray:
    """The image as the networks see it, in one row, 0 to 1."""
    resized = image.convert("L").resize((SIZE, SIZE), Image.Resampling.BICUBIC)
    return numpy.asarray(resized, dtype=numpy.float64).ravel() / 255


def run(binary: str, folder: pathlib.Path, options: list[str]) -> bool:
    images = folder / "images"
    if not images.exists():
        write(images)
    runs, samples = folder / "runs", folder / f"samples-{time.time():.0f}"
    name = f"digits-{time.time():.0f}"
    begun = time.monotonic()
    train = [binary, "dcgan", "train", images, "--checkpoints-dir", runs, "--name", name]
    subprocess.run([str(word) for word in [*train, *options]], check=True)
    print(f"trained in {time.monotonic() - begun:.0f} s")
    generate = [binary, "dcgan", "generate", runs / name, "--count", 200, "--output", samples]
    generate += ["--sheet", folder / "sheet.png", "--overwrite", "--quiet"]
    subprocess.run([str(word) for word in generate], check=True, stdout=subprocess.DEVNULL)
    return judge(samples)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("part", choices=["run", "write", "judge"])
    parser.add_argument("--binary", default=".build/release/cyclegan")
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    options, others = parser.parse_known_args()
    if options.part == "write":
        write(options.folder)
    elif not (
        judge(options.folder)
        if options.part == "judge"
        else run(options.binary, options.folder, others)
    ):
        sys.exit("error: the samples do not show enough digits")


if __name__ == "__main__":
    main()
