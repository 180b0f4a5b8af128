#!/usr/bin/env bash
# Runs libFuzzer over the reader of PyTorch's files, starting from the fixtures, under AddressSanitizer:
#   Tests/Fuzzing/fuzz_checkpoint.sh [seconds, 600 unless given]
# Needs the Swift toolchain in PATH, and Python for the corpus. A finding ends it and leaves the input behind.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-600}
work=.build/fuzz-checkpoint
mkdir -p "$work/corpus" "$work/modules"
cp Tests/Fixtures/PyTorch/*.pth Tests/Fixtures/PyTorch/*.pt "$work/corpus"
python3 - "$work/corpus" <<'PYTHON'
import base64, pathlib, sys, zlib
for number, line in enumerate(open("Tests/Fixtures/PyTorch/hostile.txt")):
    content = zlib.decompress(base64.b64decode(line.split("\t")[3]))
    if len(content) < 65536:
        (pathlib.Path(sys.argv[1]) / f"hostile-{number}").write_bytes(content)
PYTHON
for module in CCodec CZlib; do
  header=$(find "$PWD/Sources/$module/include" -name '*.h')
  echo "module $module { header \"$header\" export * }" >"$work/modules/$module.modulemap"
done
maps=()
for module in CCodec CZlib; do maps+=(-Xcc "-fmodule-map-file=$work/modules/$module.modulemap"); done
clang -c -g -O1 -fsanitize=address,undefined,fuzzer-no-link -ISources/CZlib/include -ISources/CCodec/include \
  Sources/CZlib/raw.c -o "$work/raw.o"
clang -c -g -O1 -ISources/CCodec/include Sources/CCodec/codec.c -o "$work/codec.o"
swiftc -swift-version 6 -O -g -package-name cyclegan -module-name Files -parse-as-library -emit-module -emit-library -static \
  -emit-module-path "$work/modules/Files.swiftmodule" Sources/Files/*.swift -o "$work/libFiles.a"
reader=Sources/Torch/State
swiftc -swift-version 6 -O -g -enforce-exclusivity=checked -package-name cyclegan -module-name FuzzCheckpoint -parse-as-library \
  -sanitize=address,fuzzer -I "$work/modules" -I Sources/CCodec/include "${maps[@]}" \
  "$reader/UnusableWeights.swift" "$reader"/PyTorch/{ElementType,LegacyFile,LittleEndian,PickleInput,PickleReader}.swift \
  "$reader"/PyTorch/{PickleValue,PickledStateDict,PyTorchArchive,PyTorchFile,StridedTensor,ZipArchive}.swift \
  "$reader/PyTorch/ZipDirectory.swift" Tests/Fuzzing/fuzz_checkpoint.swift "$work/raw.o" "$work/codec.o" \
  -L "$work" -lFiles -lz -o "$work/fuzz"
# Swift's own backtraces take minutes here.
SWIFT_BACKTRACE=enable=no "$work/fuzz" -max_total_time="$seconds" -max_len=65536 -timeout=20 -rss_limit_mb=2048 \
  -artifact_prefix="$work/" -print_final_stats=1 "$work/corpus"
rm -f "/dev/shm/fuzz-checkpoint-"*
