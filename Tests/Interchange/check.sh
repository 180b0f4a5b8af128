#!/usr/bin/env bash
# Checks what goes in and out against the programs that people use it with, PyTorch, ONNX Runtime and OpenVINO:
#   Tests/Interchange/check.sh [the built tool, .build/release/cyclegan unless given]
# Makes a virtual environment in .build/interchange; takes about two minutes after that.
set -euo pipefail
cd "$(dirname "$0")/../.."
tool=${1:-.build/release/cyclegan}
environment=.build/interchange
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
"$environment/bin/pip" install -q 'torch==2.13.0+cpu' numpy pillow safetensors onnx onnxruntime
# Of OpenVINO the runtime alone; of scikit-image the photographs that it carries.
"$environment/bin/pip" install -q --no-deps openvino scikit-image
"$environment/bin/python" Tests/Interchange/interchange.py "$tool"
