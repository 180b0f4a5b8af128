"""Saves a safetensors file whose bytes depend on nothing but what is in it.

The safetensors package writes metadata in the order of a hash map, which differs from run to run.
Here its header is written again with the metadata sorted, so that a fixture made twice is one file.

Versions used: Python 3.11, torch 2.13.0 (CPU), safetensors 0.8.0.
Command: none; write_networks.py and write_training.py import it.
"""

import json
import pathlib

import safetensors.torch
import torch


def save(tensors: dict[str, torch.Tensor], path: pathlib.Path, metadata: dict[str, str]) -> int:
    """Writes the file and returns its size in bytes."""
    contiguous = {key: value.detach().contiguous() for key, value in tensors.items()}
    written = safetensors.torch.save(contiguous, metadata)
    data_start = 8 + int.from_bytes(written[:8], "little")
    header = json.loads(written[8:data_start])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the format asks for tensor data at a multiple of 8
    return path.write_bytes(len(text).to_bytes(8, "little") + text + written[data_start:])
