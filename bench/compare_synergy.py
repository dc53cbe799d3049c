#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One 8 x 8 x 3 matrix, side by side with the Python package synergy (PyPI), in one run.

    compare_synergy.py TOOL        TOOL: build/bench/kinescape_combination_tool

SynergyFinder is quoted, not run: 1.5 s CPU for two 6 x 6 blocks (R 4.2.2, SynergyFinder 3.15).
Needs: pip install synergy numpy
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
from synergy.combination import HSA, ZIP, Bliss, Loewe, MuSyC
from synergy.single import Hill


def matrix(seed=1):
    """Wells of three repeats: doses, and the viability of a MuSyC surface with 3 % noise."""
    rng = np.random.default_rng(seed)
    axis = np.concatenate([[0.0], 3.0 * 10 ** np.linspace(0, 3, 7)])
    truth = MuSyC(E0=1.0, E1=0.2, E2=0.3, E3=0.05, h1=1.2, h2=1.0, C1=90.0, C2=200.0, alpha12=3.0,
                  alpha21=1.0, gamma12=1.0, gamma21=1.0)
    a, b = (m.ravel() for m in np.meshgrid(axis, axis, indexing="ij"))
    return a, b, [truth.E(a, b) + 0.03 * rng.standard_normal(a.size) for _ in range(3)]


def cpu(f):
    start = time.process_time()
    f()
    return time.process_time() - start


def main():
    a, b, repeats = matrix()
    lines = ["drug_a,dose_a_nM,drug_b,dose_b_nM,repeat,viability_fraction"]
    for r, values in enumerate(repeats, 1):
        lines += [f"A,{x!r},B,{y!r},{r},{v!r}" for x, y, v in zip(a.tolist(), b.tolist(), values.tolist())]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "matrix.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        ours = json.loads(subprocess.run([sys.argv[1], str(path)], capture_output=True, text=True,
                                         check=True).stdout)
    mean = np.mean(repeats, axis=0)
    models = [HSA(), Bliss(), Loewe(drug1_model=Hill(), drug2_model=Hill()), ZIP()]
    theirs = cpu(lambda: [model.fit(a, b, mean) for model in models])
    all_a, all_b, all_v = np.tile(a, 3), np.tile(b, 3), np.concatenate(repeats)
    musyc = cpu(lambda: MuSyC().fit(all_a, all_b, all_v, bootstrap_iterations=50))
    finder = 1.5 / 2
    print(f"point scores         ours {1e3 * ours['point_scores_s']:.3f} ms, synergy {1e3 * theirs:.1f} ms "
          f"({theirs / ours['point_scores_s']:.0f} times), SynergyFinder quoted {1e3 * finder:.0f} ms a "
          f"6 x 6 block ({finder / ours['point_scores_s']:.0f} times)")
    print(f"scores and intervals ours {1e3 * ours['with_intervals_s']:.2f} ms")
    print(f"MuSyC and intervals  ours {1e3 * ours['musyc_s']:.1f} ms, synergy with 50 bootstraps "
          f"{1e3 * musyc:.0f} ms ({musyc / ours['musyc_s']:.0f} times)")


if __name__ == "__main__":
    main()
