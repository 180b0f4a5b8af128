#!/usr/bin/env bash
# Runs libFuzzer over one codec's shim, starting from the fixtures, under AddressSanitizer and
# UndefinedBehaviorSanitizer:
#   Tests/Fuzzing/fuzz.sh jpeg|png|tiff|webp [seconds, 600 unless given]
# Needs the clang of the Swift toolchain in PATH. A finding ends it and leaves the input behind.
set -euo pipefail
cd "$(dirname "$0")/../.."
codec=${1:?jpeg, png, tiff or webp}
seconds=${2:-600}
case $codec in
  jpeg) sources=Sources/CJPEG; libraries=-ljpeg; pattern='*.jpg' ;;
  png) sources=Sources/CPNG; libraries='-lpng -lz'; pattern='*.png' ;;
  tiff) sources=Sources/CTIFF; libraries='-ltiff -lm'; pattern='*.tif' ;;
  webp) sources=Sources/CWebP; libraries='-lwebp -lwebpmux'; pattern='*.webp' ;;
  *) echo "error: $codec is neither jpeg, png, tiff nor webp" >&2; exit 64 ;;
esac
work=.build/fuzz-$codec
mkdir -p "$work/corpus"
find Tests/Fixtures/Imaging Tests/Fixtures/TIFF -name "$pattern" -exec cp {} "$work/corpus" \;
clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -I"$sources/include" -ISources/CCodec/include \
  "$sources"/*.c Sources/CCodec/codec.c "Tests/Fuzzing/fuzz_$codec.c" $libraries -o "$work/fuzz"
"$work/fuzz" -max_total_time="$seconds" -max_len=65536 -timeout=20 -rss_limit_mb=2048 \
  -artifact_prefix="$work/" -print_final_stats=1 "$work/corpus"
