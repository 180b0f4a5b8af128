"""Writes features with what others measure on them, and modules of TorchScript, beside this script.

Made with Python 3.11, PyTorch 2.13.0, torchvision 0.28.0, numpy 2.4.6, pytorch-fid 0.3.0, torch-fidelity 0.4.0 and prdc 0.2.

values.json: two sets of features, the Fréchet distance that pytorch-fid has for them, torch-fidelity's unbiased
squared discrepancy with the kernel (x y / features + 1)^3 between the first 30 of each, and prdc's precision, recall,
density and coverage of x as made and y as real, with 5 neighbors.

features.pt: a module in the form of StyleGAN's inception-2015-12-05.pt: uint8 in, and features only where
`return_features` is true: of each channel the mean, and the mean square divided by 256.
plain.pt: takes float32 of [batch, 3, height, width] and returns the means of the channels and their sum; without
`return_features`.
distance.pt: takes two batches, as lpips does, and returns [batch, 1, 1, 1]: the mean absolute difference.
embedding.pt: in the form of StyleGAN's vgg16.pt: with `return_lpips` the means of the channels divided by 255, and 0
where it would resize.
"""

import json
import pathlib

import numpy as np
import torch
from torch import Tensor, nn

# pytorch-fid imports torchvision, whose file on PyPI needs a CUDA build of PyTorch for these operators alone.
LIBRARY = torch.library.Library("torchvision", "DEF")
for name in ["nms", "qnms"]:
    LIBRARY.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

HERE = pathlib.Path(__file__).parent


class Features(nn.Module):
    def forward(self, img: Tensor, return_features: bool = False) -> Tensor:
        assert img.dtype == torch.uint8, "uint8 is expected"
        x = img.to(torch.float32)
        features = torch.cat([x.mean(dim=[2, 3]), (x * x).mean(dim=[2, 3]) / 256], dim=1)
        return features if return_features else features.sum(dim=1, keepdim=True)


class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv2d(3, 4, 1, bias=False)
        weights = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]])
        self.convolution.weight.data = weights[:, :, None, None]

    def forward(self, x: Tensor) -> Tensor:
        return self.convolution(x).mean(dim=[2, 3])


class Distance(nn.Module):
    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return (a - b).abs().mean(dim=[1, 2, 3], keepdim=True)


class Embedding(nn.Module):
    def forward(self, img: Tensor, resize_images: bool = True, return_lpips: bool = False) -> Tensor:
        assert return_lpips, "without return_lpips"
        features = img.to(torch.float32).mean(dim=[2, 3]) / 255
        return features * 0 if resize_images else features


def values():
    from prdc import compute_prdc
    from pytorch_fid.fid_score import calculate_frechet_distance
    from torch_fidelity.metric_kid import kernel_mmd

    random = np.random.default_rng(13)
    x = random.normal(size=(35, 6)) @ random.normal(size=(6, 6)) + 0.5
    y = random.normal(size=(30, 6)) @ random.normal(size=(6, 6))
    x, y = x.astype("float32").astype("float64"), y.astype("float32").astype("float64")

    def moments(features):
        return features.mean(axis=0), np.cov(features, rowvar=False)

    kernel = dict(kid_kernel="poly", kid_kernel_poly_degree=3, kid_kernel_poly_gamma=None, kid_kernel_poly_coef0=1.0)
    return {
        "x": x.tolist(),
        "y": y.tolist(),
        "frechet": float(calculate_frechet_distance(*moments(x), *moments(y))),
        "kernel": float(kernel_mmd(x[:30], y[:30], **kernel)),
        **{name: float(value) for name, value in compute_prdc(y, x, 5).items()},
    }


for name, module in [
    ("features", Features()), ("plain", Plain()), ("distance", Distance()), ("embedding", Embedding()),
]:
    torch.jit.save(torch.jit.script(module), HERE / f"{name}.pt")
(HERE / "values.json").write_text(json.dumps(values()) + "\n")
