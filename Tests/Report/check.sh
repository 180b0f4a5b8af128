#!/usr/bin/env bash
# Reads a run's page with Chromium and its events with TensorBoard.
# Needs the release program, the demo's images, python3-venv, and Debian's and PyPI's packages.
set -euo pipefail
cd "$(dirname "$0")/../.."
export DEBIAN_FRONTEND=noninteractive
command -v chromium >/dev/null || apt-get install -y -qq --no-install-recommends chromium
python3 -m venv .build/report/python
.build/report/python/bin/pip install -q 'tensorboard==2.20.0' 'setuptools<81'
.build/report/python/bin/python Tests/Report/check.py --binary .build/release/cyclegan --data datasets/demo \
  --screenshots .build/report
