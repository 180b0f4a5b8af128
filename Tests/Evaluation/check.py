"""What `cyclegan evaluate` measures, beside what other programs measure on the same images.

    python3 check.py <the built tool>

The Inception network gets random weights, which say as much about its layers as trained ones: those cannot be fetched
in a test. Features, FID, KID and neighbors are then those of pytorch-fid, torch-fidelity and prdc within the rounding of
float32. Features through TorchScript are exact, so that the formulas have to agree within 1e-6.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

# pytorch-fid imports torchvision, whose file on PyPI needs a CUDA build of PyTorch for these operators alone.
LIBRARY = torch.library.Library("torchvision", "DEF")
for name in ["nms", "qnms"]:
    LIBRARY.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

from prdc import compute_prdc  # noqa: E402
from pytorch_fid import inception  # noqa: E402
from pytorch_fid.fid_score import calculate_frechet_distance  # noqa: E402
from torch_fidelity.metric_kid import kernel_mmd  # noqa: E402

KERNEL = dict(kid_kernel="poly", kid_kernel_poly_degree=3, kid_kernel_poly_gamma=None, kid_kernel_poly_coef0=1.0)


def write_images(folder, count, seed, shift):
    """Soft spots with noise; the sizes differ, so that the network's resizing counts."""
    random = np.random.default_rng(seed)
    folder.mkdir()
    for index in range(count):
        width, height = (64, 48) if index % 3 else (330, 310)
        spots = np.clip(random.normal(size=(6, 6, 3)) * 40 + 128 + shift, 0, 255).astype("uint8")
        image = np.asarray(Image.fromarray(spots).resize((width, height), Image.BICUBIC)).astype(float)
        noise = random.normal(size=image.shape) * 6
        Image.fromarray(np.clip(image + noise, 0, 255).astype("uint8")).save(folder / f"{index:03}.png")


def pixels(folder):
    for file in sorted(folder.glob("*.png")):
        yield torch.from_numpy(np.asarray(Image.open(file).convert("RGB")).copy()).permute(2, 0, 1)[None]


def random_inception(path):
    """pytorch-fid's network with random weights, which are saved as its file is."""
    torch.manual_seed(0)

    def fill(module, _):
        state = module.state_dict()
        for key, value in state.items():
            if key.endswith("conv.weight"):
                value.normal_(0, (2 / value[0].numel()) ** 0.5)
            elif key.endswith("bn.weight"):
                value.uniform_(0.8, 1.2)
            elif key.endswith("bn.bias") or key.endswith("running_mean"):
                value.normal_(0, 0.1)
            elif key.endswith("running_var"):
                value.uniform_(0.5, 1.5)
        torch.save(state, path)

    # In the place of fetching weights and loading them.
    inception.load_state_dict_from_url = lambda *_, **__: None
    original = nn.Module.load_state_dict
    nn.Module.load_state_dict = fill
    try:
        return inception.InceptionV3([3]).eval()
    finally:
        nn.Module.load_state_dict = original


class Flattened(nn.Module):
    """Features that are the image itself, 8x8 means of each channel: exact in float32 up to one rounding."""

    def forward(self, img: Tensor, return_features: bool = False) -> Tensor:
        x = torch.nn.functional.adaptive_avg_pool2d(img.to(torch.float64), [4, 4])
        features = (x / 256).flatten(1)
        return features if return_features else features.sum(1, keepdim=True)


def evaluate(tool, *arguments):
    command = [tool, "evaluate", *map(str, arguments), "--json", "--quiet", "--no-cache"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"error: {' '.join(command)}: {done.stderr}")
    return json.loads(done.stdout)["comparisons"]["translated"]["measures"]


def moments(features):
    return features.mean(axis=0), np.cov(features, rowvar=False)


def compare(tool, words, made, real, made_features, real_features, file, tolerance):
    # Subsets as large as the sets are the sets.
    count = len(made_features)
    found = evaluate(tool, made, real, "--features", file, "--kid-subset-size", count, "--kid-subsets", 1)
    expected = {
        "fid": calculate_frechet_distance(*moments(made_features), *moments(real_features)),
        "kid": kernel_mmd(made_features, real_features, **KERNEL),
        **compute_prdc(real_features, made_features, 5),
    }
    for key, value in expected.items():
        ours, theirs = found[key]["value"], float(value)
        difference = abs(ours - theirs) / max(abs(theirs), 1e-3)
        print(f"{words}: {key} {ours:.9g}, expected {theirs:.9g}, difference {difference:.1e}")
        if not difference <= tolerance:
            sys.exit(f"error: {words}: {key} is {ours}, not {theirs}")


def main():
    tool = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        made, real = root / "made", root / "real"
        write_images(made, 30, 1, 0)
        write_images(real, 30, 2, 10)

        module = Flattened()
        script = root / "flattened.pt"
        torch.jit.save(torch.jit.script(module), script)
        features = [
            torch.cat([module(image, True) for image in pixels(side)]).float().double().numpy()
            for side in (made, real)
        ]
        compare(tool, "TorchScript", made, real, *features, script, 1e-6)

        weights = root / "pt_inception-2015-12-05-6726825d.pth"
        network = random_inception(weights)
        with torch.no_grad():
            features = [
                torch.cat([network(image.float() / 255)[0].flatten(1) for image in pixels(side)]).double().numpy()
                for side in (made, real)
            ]
        # With fewer images than features pytorch-fid's square root is of a singular matrix.
        compare(tool, "Inception", made, real, *features, weights, 1e-4)


main()
