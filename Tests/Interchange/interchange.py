"""Networks from PyTorch to cyclegan and back, by files of every form, compared number by number.

For each kind of network PyTorch makes random weights and writes them by torch.save (both forms) and
torch.jit.save. cyclegan reads each and exports it in every format, and the real clients read those: torch.load with
weights_only, load_state_dict with strict, safetensors, torch.jit.load, onnx.checker, ONNX Runtime and OpenVINO. Then
images are translated by cyclegan and by PyTorch. The images are crops of the photographs that scikit-image carries.

Versions used: Python 3.11, torch 2.13.0 (CPU), safetensors 0.8.0, onnx 1.23.2, onnxruntime 1.32.0, openvino 2026.4.1,
scikit-image 0.26.0.
Command: Tests/Interchange/check.sh, or python interchange.py <the built tool>
"""

import importlib.util
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
import openvino
import PIL.Image
import safetensors.torch
import torch
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Fixtures" / "Reference"))
from networks import ResnetGenerator, UNetGenerator  # noqa: E402

TOOL = pathlib.Path(sys.argv[1]).resolve()
ONNX_TOLERANCE, SCRIPT_TOLERANCE = 1e-4, 1e-5
worst = {}

# The package's files alone: its code needs more than is installed here.
PHOTOGRAPHS = [pathlib.Path(importlib.util.find_spec("skimage").submodule_search_locations[0]) / "data" / name
               for name in ("chelsea.png", "coffee.png", "rocket.jpg", "astronaut.png", "motorcycle_left.png")]


def photograph(number: int, channels: int, height: int, width: int) -> np.ndarray:
    """A crop of a photograph as it is: [height, width, channels] in bytes."""
    with PIL.Image.open(PHOTOGRAPHS[number % len(PHOTOGRAPHS)]) as image:
        pixels = np.asarray(image.convert("RGB" if channels == 3 else "L"))
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    return pixels[top:top + height, left:left + width].reshape(height, width, channels)


def scaled(pixels: np.ndarray) -> torch.Tensor:
    """[1, channels, height, width] in [-1, 1]."""
    return torch.tensor(pixels).permute(2, 0, 1)[None].float() * (2 / 255) - 1


def dcgan(size: int, channels: int, filters: int, latent: int) -> nn.Module:
    """PyTorch's DCGAN example with the sizes of ours; `main.0` and so on are its keys."""
    start = 7 if size == 28 else 4
    widths, side = [], start
    while side < size:
        widths.append(filters << len(widths))
        side *= 2
    widths.reverse()
    layers = [nn.ConvTranspose2d(latent, widths[0], start, 1, 0, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()]
    for before, after in zip(widths, widths[1:]):
        layers += [nn.ConvTranspose2d(before, after, 4, 2, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
    layers += [nn.ConvTranspose2d(widths[-1], channels, 4, 2, 1, bias=False), nn.Tanh()]
    return Samples(nn.Sequential(*layers), lambda z: z[:, :, None, None], None)


def fully_connected(side: int, channels: int, hidden: list[int], latent: int) -> nn.Module:
    widths = [latent] + hidden + [channels * side * side]
    layers = []
    for before, after in zip(widths, widths[1:]):
        layers += [nn.Linear(before, after), nn.ReLU()]
    layers[-1] = nn.Tanh()
    return Samples(nn.Sequential(*layers), None, (channels, side, side))


class Samples(nn.Module):
    def __init__(self, main: nn.Module, before, after):
        super().__init__()
        self.main, self.before, self.after = main, before, after

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        x = self.main(self.before(z) if self.before else z)
        return x.reshape(-1, *self.after) if self.after else x


class OwnGenerator(ResnetGenerator):
    """What --skips and --upsampling make of the ResNet. A file has to say them: the tensors have the same names."""

    def __init__(self, skips: str, upsampling: str, filters: int, blocks: int, norm: str = "instance"):
        super().__init__(filters=filters, blocks=blocks, norm=norm)
        self.skips, self.upsampling, self.blocks = skips, upsampling, blocks
        self.metadata = {"skips": skips, "upsampling": upsampling}
        if upsampling == "bilinear":
            for index in (10 + blocks, 13 + blocks):
                old = self.model[index]
                self.model[index] = nn.Conv2d(old.in_channels, old.out_channels, 3, bias=old.bias is not None)

    def up(self, x: torch.Tensor, index: int) -> torch.Tensor:
        if self.upsampling == "bilinear":
            x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = self.model[index](F.pad(x, (1, 1, 1, 1), mode="reflect"))
        else:
            x = self.model[index](x)
        if self.upsampling == "smoothed":
            line = torch.tensor([1.0, 2.0, 1.0]) / 4
            kernel = torch.outer(line, line).expand(x.shape[1], 1, 3, 3)
            x = F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), kernel, groups=x.shape[1])
        return self.model[index + 1:index + 3](x)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        around = 1 if self.skips == "features" else 0
        end = 10 + self.blocks
        full = self.model[:4](x)
        half = self.model[4:7](full)
        inner = self.model[7:end](half)
        back = self.up(inner, end) + around * half
        return self.model[end + 6:](self.up(back, end + 3) + around * full)


# Name, network, inputs at three sizes (a batch of several among them).
def images(channels: int, sizes: list[tuple[int, int]]) -> list[torch.Tensor]:
    return [torch.cat([scaled(photograph(index + number, channels, *size)) for number in range(1 + index)])
            for index, size in enumerate(sizes)]


def latents(count: int) -> list[torch.Tensor]:
    return [torch.randn(batch, count) for batch in (1, 2, 5)]


SMALL, LARGE = [(64, 64), (100, 60), (8, 256)], [(128, 128), (128, 256), (256, 128)]
RESNET = [(norm, dropout) for norm in ("instance", "batch", "none") for dropout in (False, True)]
torch.manual_seed(0)
CASES = [(f"resnet {norm}{' dropout' if dropout else ''}",
          ResnetGenerator(filters=8, blocks=3, norm=norm, dropout=dropout), images(3, SMALL))
         for norm, dropout in RESNET]
CASES += [(f"resnet {a} to {b}", ResnetGenerator(inputs=a, outputs=b, filters=4, blocks=1), images(a, SMALL))
          for a, b in ((1, 3), (3, 1), (1, 1))]
CASES += [(f"skips {skips}, {upsampling}", OwnGenerator(skips, upsampling, filters, 2), images(3, SMALL))
          for skips, upsampling, filters in (("features", "transposed", 8), ("none", "smoothed", 6),
                                             ("features", "smoothed", 16), ("features", "bilinear", 8))]
CASES += [("skips features, smoothed, batch", OwnGenerator("features", "smoothed", 8, 1, "batch"), images(3, SMALL))]
CASES += [(f"unet {norm}{' dropout' if dropout else ''}", UNetGenerator(filters=4, downs=7, norm=norm, dropout=dropout),
           images(3, LARGE)) for norm, dropout in (("batch", True), ("instance", False))]
CASES += [(f"dcgan {size}", dcgan(size, 1 if size == 28 else 3, 4, 100), latents(100)) for size in (28, 32, 64, 128)]
CASES += [("mlp", fully_connected(28, 1, [64, 128], 100), latents(100)),
          ("mlp color", fully_connected(8, 3, [], 6), latents(6))]


def run(*arguments: object) -> str:
    done = subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"error: cyclegan {' '.join(map(str, arguments))}\n{done.stderr}")
    return done.stdout


def note(what: str, found: float, allowed: float, case: str) -> None:
    if not found <= allowed:
        sys.exit(f"error: {case}: {what} differs by {found}, more than {allowed}")
    worst[what] = max(worst.get(what, 0), found)


def same(found: dict, expected: dict, case: str) -> None:
    if list(found) != list(expected) and set(found) != set(expected):
        sys.exit(f"error: {case}: other tensors: {set(found) ^ set(expected)}")
    for name, tensor in expected.items():
        if not torch.equal(found[name], tensor) or found[name].dtype != tensor.dtype:
            sys.exit(f"error: {case}: {name} has changed")


def difference(a, b) -> float:
    return float(np.abs(np.asarray(a, np.float64) - np.asarray(b, np.float64)).max())


def check(case: str, network: nn.Module, inputs: list[torch.Tensor], folder: pathlib.Path) -> None:
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
    network.eval()
    expected = network.state_dict()
    metadata = getattr(network, "metadata", None)
    sources = {"zip": folder / "zip.pth", "legacy": folder / "legacy.pth", "nested": folder / "nested.pth"}
    torch.save(expected, sources["zip"])
    torch.save(expected, sources["legacy"], _use_new_zipfile_serialization=False)
    torch.save({"epoch": 3, "state_dict": {f"module.{key}": value for key, value in expected.items()}},
               sources["nested"])
    if metadata:
        # No other form says what the network is.
        sources = {"safetensors": folder / "in.safetensors"}
        safetensors.torch.save_file(expected, sources["safetensors"], metadata=metadata)
    elif not isinstance(network, Samples):
        sources["script"] = folder / "script.pt"
        torch.jit.script(network).save(str(sources["script"]))

    for form, source in sources.items():
        out = folder / f"{form}-out"
        run("export", source, "--format", "pth", "--output", f"{out}.pth")
        written = torch.load(f"{out}.pth", weights_only=True)
        same(written, expected, f"{case}, {form} to .pth")
        network.load_state_dict(written, strict=True)

    source = next(iter(sources.values()))
    run("export", source, "--format", "safetensors", "--output", folder / "out.safetensors")
    same(safetensors.torch.load_file(folder / "out.safetensors"), expected, f"{case} to safetensors")
    if metadata:
        with safetensors.safe_open(folder / "out.safetensors", "pt") as file:
            said = file.metadata()
        # The shapes show interpolation.
        unsaid = "bilinear" if metadata["upsampling"] == "bilinear" else "transposed"
        if (said.get("skips", "none"), said.get("upsampling", unsaid)) != tuple(metadata.values()):
            sys.exit(f"error: {case}: the file says {said}")
    for half in ([], ["--half"]):
        kind = " half" if half else ""
        tolerance = 0.05 if half else 0.0
        script = folder / f"out{len(half)}.pt"
        run("export", source, "--format", "torchscript", "--output", script, *half)
        scripted = torch.jit.load(script)
        model = folder / f"out{len(half)}.onnx"
        run("export", source, "--format", "onnx", "--output", model, *half)
        onnx.checker.check_model(str(model), full_check=True)
        onnx.shape_inference.infer_shapes(onnx.load(model), check_type=True, strict_mode=True)
        session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
        # Its plug-in for CPUs takes smaller types where it can, unless it is told.
        compiled = openvino.Core().compile_model(str(model), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        name = session.get_inputs()[0].name
        assert name == ("latent" if isinstance(network, Samples) else "image")
        assert session.get_outputs()[0].name == ("image" if isinstance(network, Samples) else "translated")
        for value in inputs:
            with torch.no_grad():
                wanted = network(value).numpy()
                note(f"TorchScript{kind}", difference(scripted(value), wanted), tolerance or SCRIPT_TOLERANCE, case)
            for program, found in (("ONNX Runtime", session.run(None, {name: value.numpy()})[0]),
                                   ("OpenVINO", compiled({name: value.numpy()})[0])):
                note(f"{program}{kind}", difference(found, wanted), tolerance or ONNX_TOLERANCE, case)

    if not isinstance(network, Samples):
        check_pixels(case, network, source, inputs[0], folder)


def check_pixels(case: str, network: nn.Module, source: pathlib.Path, like: torch.Tensor, folder: pathlib.Path) -> None:
    """Bytes in and out: `--include-preprocessing`, and `translate` itself."""
    channels, height, width = like.shape[1:]
    pixels = photograph(0, channels, height, width)
    with torch.no_grad():
        exact = ((network(scaled(pixels)) + 1) * 127.5).clamp(0, 255)[0].permute(1, 2, 0).numpy()
    run("export", source, "--format", "onnx", "--include-preprocessing", "--output", folder / "pixels.onnx")
    session = onnxruntime.InferenceSession(str(folder / "pixels.onnx"), providers=["CPUExecutionProvider"])
    levels = session.run(None, {"image": pixels[None]})[0][0]
    assert levels.dtype == np.uint8
    note("bytes by ONNX (levels)", difference(levels, exact), 0.6, case)
    picture = folder / "picture.png"
    PIL.Image.fromarray(pixels if channels == 3 else pixels[:, :, 0]).save(picture)
    run("translate", source, picture, "--output", folder / "translated", "--precision", "fp32", "--overwrite")
    with PIL.Image.open(folder / "translated" / "picture.png") as image:
        found = np.asarray(image).reshape(exact.shape)
    note("translate (levels)", difference(found, exact), 0.6, case)


for case, network, inputs in CASES:
    with tempfile.TemporaryDirectory() as folder:
        check(case, network, inputs, pathlib.Path(folder))
    print(f"{case}: same", flush=True)
for what, found in sorted(worst.items()):
    print(f"largest difference, {what}: {found:.2g}")
