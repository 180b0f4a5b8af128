"""Writes checkpoints in every form that PyTorch saves, and what torch.load finds in each as safetensors.

expected.safetensors holds the tensors of every file under "<file>/<name>". The files:
  optimizer.pth             optimizers and no network
  zip.pth, legacy.pth       an OrderedDict of every element type, views of one storage with offset, strides and
                            stride 0, a transposed tensor, a scalar and an empty one
  protocol4.pth             the same by pickle's protocol 4
  plain.pth                 a dict instead of an OrderedDict
  parameters.pth            nn.Parameter instead of tensors
  attributes.pth            nn.Buffer, and a parameter and a tensor with attributes of their own
  nested.pth                {"epoch", "optimizer", "state_dict": {"module._orig_mod.<name>"}}
  several.pth               {"G_A": ..., "netG_B": ..., "D_A": ...}
  deflated.pth, zip64.pth   zip.pth, packed again by zipfile
  unchecked.pth             zip.pth without checksums
  script.pt                 TorchScript with a submodule, batch norm and instance norm
  leftovers.pth             a generator's convolution with the running statistics that 0.3 saved

Versions used: Python 3.11, torch 2.13.0 (CPU), safetensors 0.8.0.
Command: python write_checkpoints.py
"""

import collections
import pathlib
import sys
import zipfile

import torch

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "Reference"))
import fixture_file  # noqa: E402

TYPES = {
    "f32": torch.float32, "f64": torch.float64, "f16": torch.float16, "bf16": torch.bfloat16, "u8": torch.uint8,
    "i64": torch.int64, "i32": torch.int32, "i16": torch.int16, "i8": torch.int8, "bool": torch.bool,
}
expected = {}


def values() -> collections.OrderedDict:
    tensors = collections.OrderedDict((name, torch.arange(-2, 4).reshape(2, 3).to(dtype))
                                      for name, dtype in TYPES.items())
    shared = torch.arange(24.0)
    tensors["whole"] = shared.reshape(4, 6)
    tensors["offset"] = shared[5:9]
    tensors["strided"] = shared.reshape(4, 6)[1:4:2, 1::2]
    tensors["transposed"] = shared.reshape(2, 3, 4).permute(2, 0, 1)
    tensors["repeated"] = shared[3:6].expand(2, 3)
    tensors["scalar"] = torch.tensor(-1.5)
    tensors["empty"] = torch.zeros(0, 3)
    return tensors


def note(file: str, tensors) -> None:
    for name, tensor in tensors.items():
        if tensor.dtype in (torch.int32, torch.int16, torch.int8, torch.bool):
            tensor = tensor.long()
        expected[f"{file}/{name}"] = tensor.clone()


def save(file: str, found, value, **options) -> None:
    torch.save(value, HERE / file, **options)
    # Protocol 4 is beyond the reader that weights_only asks for.
    loaded = torch.load(HERE / file, weights_only="pickle_protocol" not in options)
    assert type(loaded) is type(value)
    note(file, found)


def generator(offset: float) -> collections.OrderedDict:
    return collections.OrderedDict({"model.1.weight": torch.arange(6.0) + offset, "model.1.bias": torch.ones(2)})


save("zip.pth", values(), values())
save("legacy.pth", values(), values(), _use_new_zipfile_serialization=False)
save("protocol4.pth", values(), values(), pickle_protocol=4)
save("plain.pth", generator(0), dict(generator(0)))
save("parameters.pth", generator(1), {name: torch.nn.Parameter(t) for name, t in generator(1).items()})
attributed = generator(7)
attributed["model.1.weight"] = torch.nn.Buffer(attributed["model.1.weight"])
attributed["model.1.bias"] = torch.nn.Parameter(attributed["model.1.bias"])
attributed["model.1.bias"].note = "mine"
attributed["model.4.weight"] = torch.ones(3, 1)
attributed["model.4.weight"].note = 5
save("attributes.pth", {name: t.detach() for name, t in attributed.items()}, attributed)
layer = torch.nn.Linear(2, 2)
adam = torch.optim.Adam(layer.parameters())
layer(torch.ones(1, 2)).sum().backward()
adam.step()
wrapped = collections.OrderedDict((f"module._orig_mod.{name}", t) for name, t in generator(2).items())
save("nested.pth", generator(2), {
    "epoch": 200, "loss": 0.25, "huge": 2**70, "optimizer": adam.state_dict(), "dtype": torch.float32,
    "loss_tensor": torch.tensor(1.0), "state_dict": wrapped})
save("several.pth", {f"{network}/{name}": t for network, offset in (("G_A", 3), ("G_B", 4), ("D_A", 5))
                     for name, t in generator(offset).items()},
     {"G_A": generator(3), "netG_B": generator(4), "D_A": generator(5)})
save("leftovers.pth", generator(6), collections.OrderedDict(
    **generator(6), **{"model.2.running_mean": torch.zeros(2), "model.2.running_var": torch.ones(2)}))
save("optimizer.pth", {}, {"epoch": 3, "optimizer_G": adam.state_dict(), "optimizer_D": adam.state_dict()})

torch.serialization.set_crc32_options(False)
save("unchecked.pth", values(), values())
torch.serialization.set_crc32_options(True)

with zipfile.ZipFile(HERE / "zip.pth") as source:
    with zipfile.ZipFile(HERE / "deflated.pth", "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.namelist():
            target.writestr(entry, source.read(entry))
    with zipfile.ZipFile(HERE / "zip64.pth", "w") as target:
        for entry in source.namelist():
            with target.open(entry, "w", force_zip64=True) as out:
                out.write(source.read(entry))
note("deflated.pth", values())
note("zip64.pth", values())

module = torch.nn.Sequential(
    torch.nn.Conv2d(2, 2, 1), torch.nn.InstanceNorm2d(2),
    torch.nn.Sequential(torch.nn.BatchNorm2d(2), torch.nn.ReflectionPad2d(1)))
with torch.no_grad():
    for index, tensor in enumerate(module.state_dict().values()):
        tensor.copy_(torch.full(tensor.shape, index + 1))
torch.jit.script(module).save(str(HERE / "script.pt"))
note("script.pt", module.state_dict())

fixture_file.save(expected, HERE / "expected.safetensors", {"format": "pt"})
