"""Writes networks/<case>.safetensors: small networks with weights, an input and what comes out.

Tensors of a case (float32, NCHW):
  weights.<key>     every tensor of the state dict, num_batches_tracked (int64, no axes) included
  input             uniform in [-1, 1]
  output            of the network in evaluation mode
  output.training   batch norm without dropout only: output in training mode (batch statistics)
  updated.<key>     beside it: running_mean and running_var after that one training-mode pass
  gradient.input, gradient.<key>
                    two cases: gradients of mean(output^2), evaluation mode; <key> is the first and
                    the last convolution's weight and the last one's bias
Metadata (strings): network (resnet, unet, patch, pixel), filters, norm (instance, batch, none), in,
out, and for resnet blocks, for unet downs, for patch layers; dropout (true, false) for generators;
float32_difference: largest difference of PyTorch's own float32 result, a ground for tolerances.

Results are computed in float64 from the stored float32 weights and rounded once, so that they do
not depend on a machine's float32 kernels and a second run writes the same bytes.

Versions used: Python 3.11, torch 2.13.0 (CPU), safetensors 0.8.0.
Command: python write_networks.py
"""

import copy
import pathlib

import torch
from torch import nn

from fixture_file import save
from networks import PatchDiscriminator, PixelDiscriminator, ResnetGenerator, UNetGenerator

FOLDER = pathlib.Path(__file__).parent / "networks"

CONSTRUCTORS = {
    "resnet": ResnetGenerator,
    "unet": UNetGenerator,
    "patch": PatchDiscriminator,
    "pixel": PixelDiscriminator,
}

RESNET9 = dict(network="resnet", blocks=9, filters=2, size=(2, 16, 20))
RESNET6 = dict(network="resnet", blocks=6, filters=2, size=(2, 16, 20))
UNET128 = dict(network="unet", downs=7, filters=2, inputs=1, outputs=1, size=(1, 128, 128))
PATCH = dict(network="patch", layers=3, filters=4, size=(2, 32, 40))
PIXEL = dict(network="pixel", filters=4, size=(2, 12, 16))
# Multiples of 16 filters go through channel blocks where the CPU has kernels for them.
BLOCKED = dict(network="resnet", blocks=1, filters=16, size=(2, 24, 20))

# Two images at once where that is cheap: batch and instance statistics then differ.
CASES = {
    "resnet9-instance": dict(RESNET9, norm="instance", gradients=("model.1", "model.26")),
    "resnet9-batch": dict(RESNET9, norm="batch"),
    "resnet6-instance": dict(RESNET6, norm="instance"),
    "resnet6-batch": dict(RESNET6, norm="batch"),
    "resnet6-none": dict(RESNET6, norm="none"),
    "resnet6-instance-1-to-3": dict(RESNET6, norm="instance", inputs=1),
    "resnet6-instance-3-to-1": dict(RESNET6, norm="instance", outputs=1),
    "resnet6-instance-dropout": dict(RESNET6, norm="instance", dropout=True),
    "resnet6-batch-dropout": dict(RESNET6, norm="batch", dropout=True),
    "unet128-instance": dict(UNET128, norm="instance"),
    "unet128-batch": dict(UNET128, norm="batch"),
    "patch3-instance": dict(PATCH, norm="instance", gradients=("model.0", "model.11")),
    "patch3-batch": dict(PATCH, norm="batch"),
    "pixel-instance": dict(PIXEL, norm="instance"),
    "pixel-batch": dict(PIXEL, norm="batch"),
    "resnet1-instance-16": dict(BLOCKED, norm="instance", gradients=("model.1", "model.18")),
    "resnet1-none-16": dict(BLOCKED, norm="none"),
    "patch2-instance-16": dict(
        PATCH, layers=2, filters=16, norm="instance", gradients=("model.0", "model.8")
    ),
    "pixel-instance-16": dict(PIXEL, filters=16, norm="instance"),
}


def randomize(network: nn.Module, generator: torch.Generator) -> None:
    """Weights that keep the spread of what passes, so that no output saturates or vanishes."""
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            stride = module.stride[0] if isinstance(module, nn.ConvTranspose2d) else 1
            terms = module.in_channels * module.kernel_size[0] ** 2 / stride**2
            module.weight.normal_(0, terms**-0.5, generator=generator)
        elif isinstance(module, nn.BatchNorm2d):
            module.weight.normal_(1, 0.2, generator=generator)
            module.running_mean.normal_(0, 0.2, generator=generator)
            module.running_var.uniform_(0.5, 1.5, generator=generator)
            module.num_batches_tracked.fill_(7)
        else:
            continue
        if module.bias is not None:
            module.bias.normal_(0, 0.2, generator=generator)


def gradients(network: nn.Module, x: torch.Tensor, first: str, last: str) -> dict:
    """Gradients of mean(output^2) with respect to the input, the first and the last convolution."""
    x = x.clone().requires_grad_()
    parameters = dict(network.named_parameters())
    keys = [f"{first}.weight", f"{last}.weight", f"{last}.bias"]
    loss = network(x).square().mean()
    values = torch.autograd.grad(loss, [x] + [parameters[key] for key in keys])
    return {f"gradient.{name}": value for name, value in zip(["input"] + keys, values)}


def results(network: nn.Module, x: torch.Tensor, case: dict) -> dict:
    """Everything a case pins, in the precision of the network and x."""
    tensors = {}
    with torch.no_grad():
        tensors["output"] = network.eval()(x)
        if case["norm"] == "batch" and not case.get("dropout"):
            training = copy.deepcopy(network).train()
            tensors["output.training"] = training(x)
            for key, value in training.state_dict().items():
                if key.endswith(("running_mean", "running_var")):
                    tensors[f"updated.{key}"] = value
    if "gradients" in case:
        tensors |= gradients(network, x, *case["gradients"])
    return tensors


def metadata(case: dict) -> dict[str, str]:
    described = {key: str(case[key]) for key in ("network", "filters", "norm")}
    described |= {key: str(case[key]) for key in ("blocks", "downs", "layers") if key in case}
    described["in"] = str(case.get("inputs", 3))
    if case["network"] in ("resnet", "unet"):
        described["out"] = str(case.get("outputs", 3))
        described["dropout"] = str(case.get("dropout", False)).lower()
    else:
        described["out"] = "1"
    return described


def write(name: str, case: dict, generator: torch.Generator) -> str:
    options = {k: v for k, v in case.items() if k not in ("network", "size", "gradients")}
    network = CONSTRUCTORS[case["network"]](**options)
    with torch.no_grad():
        randomize(network, generator)
    batch, height, width = case["size"]
    x = torch.rand(batch, case.get("inputs", 3), height, width, generator=generator) * 2 - 1

    exact = results(copy.deepcopy(network).double(), x.double(), case)
    single = results(network, x, case)
    difference = max(float((exact[key] - single[key]).abs().max()) for key in exact)
    output = exact["output"]
    spread = float(output.std())
    saturated = float((output.abs() > 0.999).double().mean()) if "blocks" in case else 0.0
    assert difference < 2e-5, f"{name}: float32 is off by {difference}"
    assert 0.1 < spread < 3 and saturated < 0.2, f"{name}: {spread=} {saturated=}"

    tensors = {f"weights.{key}": value for key, value in network.state_dict().items()}
    tensors |= {"input": x} | {key: value.float() for key, value in exact.items()}
    described = metadata(case) | {"float32_difference": f"{difference:.1e}"}
    size = save(tensors, FOLDER / f"{name}.safetensors", described)
    return f"{name:26}{size:8}  float32 {difference:.1e}  spread {spread:.2f}"


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    FOLDER.mkdir(exist_ok=True)
    for seed, (name, case) in enumerate(CASES.items()):
        print(write(name, case, torch.Generator().manual_seed(seed)))
