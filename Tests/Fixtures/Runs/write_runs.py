"""Makes two small runs with a given cyclegan program, beside this script: python3 write_runs.py PROGRAM

Made with the program of format version 2 (commit 7c892c2), libtorch 1.13.1 and Pillow 13.0.0. Each run is
stopped inside its second epoch; `<run>-continued` holds the snapshot and the metrics that the same program
ended with when it went on, with Debian's reference BLAS on one thread. With OpenBLAS or two threads its weights
differ by up to 2e-8; with Adam's moments set to zero before going on, by 1e-3.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

from PIL import Image

HERE = pathlib.Path(__file__).parent
PROGRAM = pathlib.Path(sys.argv[1]).resolve()
TRAIN = {
    "cyclegan": (
        "train trainA trainB --blocks 1 --generator-filters 2 --discriminator-layers 1"
        " --discriminator-filters 2 --load-size 18 --crop-size 16 --pool-size 2 --precision fp32"
        " --epochs 2 --decay-epochs 1 --log-every 1 --seed 7 --steps 4"
    ),
    "dcgan": (
        "dcgan train trainA --size 28 --filters 2 --latent 5 --batch-size 1 --label-noise 0.2"
        " --epochs 3 --log-every 1 --seed 7 --steps 4"
    ),
}
RESUME = {
    "cyclegan": "train --resume --log-every 1 --steps 9",
    "dcgan": "dcgan train --resume --log-every 1 --steps 9",
}


def draw(folder, count, first):
    folder.mkdir(exist_ok=True)
    for number in range(count):
        image = Image.new("RGB", (20, 20))
        for y in range(20):
            for x in range(20):
                value = (first + number) * 37 + y * 5 + x * 3
                image.putpixel((x, y), (value % 256, (value + 61) % 256, (value * 3) % 256))
        image.save(folder / f"{number}.png")


def run(words, name, root):
    command = [PROGRAM, *words.split(), "--name", name, "--checkpoints-dir", "runs", "--threads", "1"]
    subprocess.run(command + ["--device", "cpu", "--quiet"], cwd=root, check=True)


def keep(run_folder, kept):
    """Everything but the sample sheets, with the latest snapshot alone."""
    shutil.rmtree(kept, ignore_errors=True)
    latest = (run_folder / "latest").resolve()
    shutil.copytree(latest, kept / "snapshots" / latest.name)
    (kept / "latest").symlink_to(f"snapshots/{latest.name}")
    for name in ["config.json", "metrics.jsonl"]:
        shutil.copy(run_folder / name, kept / name)


draw(HERE / "trainA", 3, 0)
draw(HERE / "trainB", 2, 50)
with tempfile.TemporaryDirectory() as temporary:
    root = pathlib.Path(temporary)
    for folder in ["trainA", "trainB"]:
        shutil.copytree(HERE / folder, root / folder)
    for name in TRAIN:
        run(TRAIN[name], name, root)
        keep(root / "runs" / name, HERE / name)
        run(RESUME[name], name, root)
        keep(root / "runs" / name, HERE / f"{name}-continued")
        # The networks and the metrics tell whether a continuation is the same.
        next((HERE / f"{name}-continued").glob("snapshots/*/training.safetensors")).unlink()
