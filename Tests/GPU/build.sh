#!/usr/bin/env bash
# Builds the program for a machine with a GPU, where nothing can be installed: against the libtorch of that machine's
# PyTorch, with Swift's runtime inside, and packed with the libraries it needs beside libtorch.
#
#   Tests/GPU/build.sh [folder]      writes <folder>/kit.tar.xz, at most 64 MiB; the folder is .gpu by default
#
# TORCH is the version of PyTorch there, 2.11.0 by default. Its wheels, with CUDA's and NCCL's headers, are taken from
# PyPI into .build/gpu-<version>; 8 GB are needed. Neither a GPU nor a driver is.
set -euo pipefail
cd "$(dirname "$0")/../.."
torch=${TORCH:-2.11.0}
output=$(mkdir -p "${1:-.gpu}" && cd "${1:-.gpu}" && pwd)
work=$PWD/.build/gpu-$torch
mkdir -p "$work"

if [ ! -x "$work/python/bin/python" ]; then
  python3 -m venv "$work/python.new"
  # PyTorch brings CUDA's libraries and most headers; the compiler's own (crt) and CUDA's C++ ones are wheels apart,
  # whose version is that of the CUDA runtime.
  "$work/python.new/bin/pip" install -q "torch==$torch" numpy pillow safetensors
  runtime=$("$work/python.new/bin/pip" show nvidia-cuda-runtime | sed -n 's/^Version: \([0-9]*\.[0-9]*\).*/\1/p')
  "$work/python.new/bin/pip" install -q "nvidia-cuda-crt==$runtime.*" "nvidia-cuda-cccl==$runtime.*"
  mv "$work/python.new" "$work/python"
fi
site=$(echo "$work"/python/lib/python*/site-packages)
[ -e "$site/torch/lib/libtorch_cuda.so" ] || { echo "error: torch $torch is no build for CUDA" >&2; exit 1; }

# Libraries that only the driver or the other wheels define are looked up when the program starts.
LIBTORCH=$site/torch NVIDIA=$site/nvidia swift build -c release --product cyclegan --static-swift-stdlib \
  --scratch-path "$work/build" --jobs "${JOBS:-2}" -Xlinker --allow-shlib-undefined
built=$(LIBTORCH=$site/torch NVIDIA=$site/nvidia swift build -c release --scratch-path "$work/build" \
  --static-swift-stdlib --show-bin-path)/cyclegan

# What travels: the program, and every library that is neither PyTorch's, the C library's nor C++'s.
kit=$work/kit
rm -rf "$kit"
mkdir -p "$kit/lib"
cp "$built" "$kit/cyclegan"
strip "$kit/cyclegan"
libraries=$(LD_LIBRARY_PATH=$site/torch/lib:$(echo "$site"/nvidia/*/lib | tr ' ' ':') ldd "$kit/cyclegan")
if grep 'not found' <<<"$libraries"; then echo "error: libraries are missing" >&2; exit 1; fi
awk '$3 ~ /^\/(usr\/)?lib/ { print $3 }' <<<"$libraries" |
  grep -Ev '/(libc|libm|libdl|librt|libpthread|libutil|libresolv|libgcc_s|libstdc\+\+|libgomp|ld-linux[^/]*)\.' |
  xargs -r -I{} cp -L {} "$kit/lib/"
echo "$torch" >"$kit/torch-version"
tar -C "$work" -cJf "$output/kit.tar.xz" kit
size=$(stat -c %s "$output/kit.tar.xz")
echo "$output/kit.tar.xz: $size bytes, for torch $torch; the program alone has $(stat -c %s "$kit/cyclegan")"
[ "$size" -le $((64 << 20)) ] || { echo "error: that is more than 64 MiB" >&2; exit 1; }
