#!/usr/bin/env bash
# Runs libFuzzer over the reader of PyTorch's files, starting from the fixtures, under AddressSanitizer:
#   Tests/Fuzzing/fuzz_checkpoint.sh [seconds, 600 unless given]
# Needs the Swift toolchain in PATH, and Python for the corpus. A finding ends it and leaves the input behind.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-600}
work=.build/fuzz-checkpoint
mkdir -p "$work/corpus"
cp Tests/Fixtures/PyTorch/*.pth Tests/Fixtures/PyTorch/*.pt "$work/corpus"
python3 - "$work/corpus" <<'PYTHON'
import base64, pathlib, sys, zlib
for number, line in enumerate(open("Tests/Fixtures/PyTorch/hostile.txt")):
    content = zlib.decompress(base64.b64decode(line.split("\t")[3]))
    if len(content) < 65536:
        (pathlib.Path(sys.argv[1]) / f"hostile-{number}").write_bytes(content)
PYTHON
Tests/Fuzzing/build_checkpoint.sh fuzz "$work"
# Swift's own backtraces take minutes here.
SWIFT_BACKTRACE=enable=no "$work/fuzz" -max_total_time="$seconds" -max_len=65536 -timeout=20 -rss_limit_mb=2048 \
  -artifact_prefix="$work/" -print_final_stats=1 "$work/corpus"
