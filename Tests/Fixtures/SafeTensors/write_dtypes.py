"""Writes dtypes.safetensors: one tensor of every element type the project reads, by the format's own library.

Tensors: f32, f64, f16, bf16, u8 and i64, each [2, 3] with the values 0, 1, 2, 3, 4, 5 (all exact in
every type); scalar, float32 without axes, -1.5; empty, float32 [0, 3]; and one whose name needs
escaping in JSON: the five characters quote, backslash, dot, slash and e acute, uint8 [1], 7.
Metadata: format = pt, note = a line break between two words.

Versions used: Python 3.11, torch 2.13.0 (CPU), safetensors 0.8.0.
Command: python write_dtypes.py
"""

import pathlib

import safetensors.torch
import torch

TYPES = {
    "f32": torch.float32,
    "f64": torch.float64,
    "f16": torch.float16,
    "bf16": torch.bfloat16,
    "u8": torch.uint8,
    "i64": torch.int64,
}

tensors = {name: torch.arange(6).reshape(2, 3).to(dtype) for name, dtype in TYPES.items()}
tensors["scalar"] = torch.tensor(-1.5)
tensors["empty"] = torch.zeros(0, 3)
tensors['"\\./\u00e9'] = torch.tensor([7], dtype=torch.uint8)
safetensors.torch.save_file(
    tensors,
    pathlib.Path(__file__).parent / "dtypes.safetensors",
    {"format": "pt", "note": "two\nwords"},
)
