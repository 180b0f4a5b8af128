#!/usr/bin/env bash
# Compiles the reader of PyTorch's files, without libtorch, under AddressSanitizer, and its C part under
# UndefinedBehaviorSanitizer as well (Swift traps by itself):
#   Tests/Fuzzing/build_checkpoint.sh fuzz|files <folder for what is built>
# makes <folder>/fuzz, which is libFuzzer, or <folder>/files, which reads the files named on its command line.
# Needs the Swift toolchain in PATH.
set -euo pipefail
cd "$(dirname "$0")/../.."
kind=$1
work=$2
mkdir -p "$work/modules"
maps=()
for module in CCodec CZlib; do
  header=$(find "$PWD/Sources/$module/include" -name '*.h')
  echo "module $module { header \"$header\" export * }" >"$work/modules/$module.modulemap"
  maps+=(-Xcc "-fmodule-map-file=$work/modules/$module.modulemap")
done
includes=(-ISources/CZlib/include -ISources/CCodec/include)
sanitizers=-fsanitize=address,undefined
harness=()
case $kind in
  fuzz) sanitizers+=,fuzzer-no-link; swift_sanitizers=address,fuzzer ;;
  files)
    swift_sanitizers=address
    clang -c -g Tests/Fuzzing/run_files.c -o "$work/run_files.o"
    harness=("$work/run_files.o")
    ;;
  *) echo "error: $kind is neither fuzz nor files" >&2; exit 64 ;;
esac
clang -c -g -O1 "$sanitizers" -fno-sanitize-recover=all "${includes[@]}" Sources/CZlib/raw.c -o "$work/raw.o"
clang -c -g -O1 "${includes[@]}" Sources/CCodec/codec.c -o "$work/codec.o"
swift=(swiftc -use-ld=lld -swift-version 6 -O -g -package-name cyclegan -parse-as-library -I "$work/modules")
for module in Machine Files; do
  "${swift[@]}" -module-name "$module" -emit-module -emit-library -static \
    -emit-module-path "$work/modules/$module.swiftmodule" Sources/$module/*.swift -o "$work/lib$module.a"
done
"${swift[@]}" -enforce-exclusivity=checked -module-name FuzzCheckpoint "-sanitize=$swift_sanitizers" \
  "${includes[@]}" "${maps[@]}" \
  Sources/Torch/State/{NetworkName,StateDictNames,UnusableWeights}.swift Sources/Torch/State/PyTorch/*.swift \
  Tests/Fuzzing/fuzz_checkpoint.swift "$work/raw.o" "$work/codec.o" ${harness[@]+"${harness[@]}"} \
  -L "$work" -lFiles -lMachine -lz -o "$work/$kind"
