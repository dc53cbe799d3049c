#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Speed: our own benchmarks, then the same curves through us and the peers that are here. The peers
# from PyPI go into .venv/, inside this checkout; R's survival, lme4 and pbkrtest come with the benchmark's
# packages; drc is used when R has it.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset bench >/dev/null
cmake --build --preset bench -j "$(nproc)"
find build-bench/bench -maxdepth 1 -name '*_bench' -type f -perm -u+x -exec {} --benchmark_min_time=1 \;
peers=(numpy==2.4.6 scipy==1.17.1 curve-curator==0.6.0 lifelines synergy)
if ! .venv/bin/python -c 'import curve_curator, lifelines, numpy, scipy, synergy' 2>/dev/null; then
  echo "About to install into .venv/: ${peers[*]}"
  /usr/bin/python3 -m venv .venv
  .venv/bin/pip install --quiet "${peers[@]}" ||
    echo "Some peers could not be installed; those will be said to be missing."
fi
.venv/bin/python bench/compare_peers.py build-bench/bench/kinescape_batch_fit_tool
.venv/bin/python bench/compare_trials.py build-bench/bench/kinescape_trials_tool
.venv/bin/python bench/compare_synergy.py build-bench/bench/kinescape_combination_tool
if [ -x build/kinescape ]; then
  .venv/bin/python bench/evidence_import.py build/kinescape
  .venv/bin/python bench/compare_evidence.py build/kinescape
fi
