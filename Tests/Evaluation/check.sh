#!/usr/bin/env bash
# Checks `cyclegan evaluate` against pytorch-fid, torch-fidelity and prdc:
#   Tests/Evaluation/check.sh [the built tool, .build/release/cyclegan unless given]
# Makes a virtual environment in .build/evaluation; takes about three minutes after that.
set -euo pipefail
cd "$(dirname "$0")/../.."
tool=${1:-.build/release/cyclegan}
environment=.build/evaluation
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
"$environment/bin/pip" install -q 'torch==2.13.0+cpu' numpy pillow scipy scikit-learn tqdm requests
# Of these the formulas and the network alone, without what else they ask for.
"$environment/bin/pip" install -q --no-deps torchvision==0.28.0 pytorch-fid==0.3.0 torch-fidelity==0.4.0 prdc==0.2
"$environment/bin/python" Tests/Evaluation/check.py "$tool"
