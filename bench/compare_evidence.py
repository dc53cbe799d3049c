#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How well values of an unseen source are predicted: ours beside the geometric mean of the other
sources and a plain hierarchical Tobit model, on the same rows with the same sources left out.

    bench/compare_evidence.py build/kinescape [--draws N] [--engineered] [--table CSV]

The plain model: log10 IC50 = mean + agent + variant + agent:variant + source + residual, all
Gaussian, bounds censored (Tobin 1958, doi:10.2307/1907382), spreads from the data, by Gibbs
sampling with the bounds drawn (Chib 1992, doi:10.1016/0304-4076(92)90041-T). It knows nothing of
readouts, systems or words. Standard errors are over sources, whose values hang together.
--engineered gives the plain model (ours sees all rows) only the rows of engineered cells.
--table: not the shipped packs but such a table (tests/reference/abl1_cells.csv), of a target that
no shipped pack has.
Needs: pip install numpy scipy
"""
import argparse
import csv
import json
import pathlib
import subprocess
import tempfile

import numpy as np
from scipy.special import ndtr, ndtri

KNOWLEDGE = pathlib.Path(__file__).resolve().parent.parent / "knowledge"
PACKS = [KNOWLEDGE / name for name in ("literature", "literature-unread", "panels")]
COLUMNS = ("gene", "agent", "variant", "system", "assay", "value", "source")


def printed_rows(packs, engineered):
    """Every row with a number: (id, agent, variant, pair, source, relation, log10 nM)."""
    rows = []
    for folder in packs:
        pack = json.loads((folder / "pack.json").read_text())["name"]
        kinds = {r["system"]: r["kind"] for r in csv.DictReader(open(folder / "system.csv"))}
        for r in csv.DictReader(open(folder / "measurement.csv")):
            if r["value_nM"] and not (engineered and kinds.get(r["system"]) != "engineered"):
                variant = (r["gene"], r["variant"])
                rows.append((f"{pack}:{r['row']}", r["agent"], variant, (r["agent"], *variant),
                             r["source"], r["relation"], np.log10(float(r["value_nM"]))))
    return rows


def design(rows, levels):
    columns = 1 + sum(map(len, levels))
    x = np.zeros((len(rows), columns))
    x[:, 0] = 1
    first = 1
    for factor, known in enumerate(levels):
        for i, row in enumerate(rows):
            x[i, first + known[row[1 + factor]]] = 1
        first += len(known)
    return x


def tobit(train, held, draws, rng):
    """Posterior mean of each held row's expectation; the first quarter of the draws is dropped."""
    levels = []
    for factor in range(1, 5):
        levels.append({name: i for i, name in enumerate(dict.fromkeys(r[factor] for r in train + held))})
    x, ahead = design(train, levels), design(held, levels)
    sizes = [len(known) for known in levels]
    y = np.array([r[6] for r in train])
    above = np.array([r[5].startswith(">") for r in train])
    below = np.array([r[5].startswith("<") for r in train])
    filled, gram = y.copy(), x.T @ x
    residual, spreads = 0.2, np.array([0.8, 0.5, 0.2, 0.1])
    total = np.zeros(len(held))
    for draw in range(draws):
        precision = np.concatenate([[1e-4]] + [np.full(n, 1 / v) for n, v in zip(sizes, spreads)])
        root = np.linalg.cholesky(gram / residual + np.diag(precision))
        mean = np.linalg.solve(root.T, np.linalg.solve(root, x.T @ filled / residual))
        effects = mean + np.linalg.solve(root.T, rng.standard_normal(len(mean)))
        expected, sd = x @ effects, np.sqrt(residual)
        for side, sign in ((above, -1), (below, 1)):  # a bound is drawn from beyond itself
            tail = ndtr(sign * (y[side] - expected[side]) / sd)
            u = np.clip(rng.uniform(size=side.sum()) * tail, 1e-300, 1)
            filled[side] = expected[side] + sign * sd * ndtri(u)
        off = filled - expected
        residual = (0.5 * off @ off + 0.02) / rng.gamma(len(off) / 2 + 0.5)
        first = 1
        for i, n in enumerate(sizes):
            level = effects[first:first + n]
            spreads[i] = (0.5 * level @ level + 0.02) / rng.gamma(n / 2 + 0.5)
            first += n
        if draw >= draws // 4:
            total += ahead @ mean
    return total / (draws - draws // 4)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("program")
    options.add_argument("--draws", type=int, default=800)
    options.add_argument("--engineered", action="store_true")
    options.add_argument("--table", type=pathlib.Path)
    o = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        compare(o, [imported(o, pathlib.Path(scratch) / "table")] if o.table else PACKS)


def imported(o, folder):
    maps = [w for c in COLUMNS for w in ("--map", f"{c}={c}")]
    subprocess.run([o.program, "evidence", "import", str(o.table), "--from", "csv", "--unit", "nM", "--date", "2026-11-26",
                    *maps, "-o", str(folder)], capture_output=True, check=True)
    return folder


def compare(o, packs):
    named = [w for p in packs for w in ("--pack", str(p))]
    answer = subprocess.run([o.program, "evidence", "validate", "--include-unread", "--json", *named],
                            capture_output=True, check=True)
    held_out = {f"{v['pack']}:{v['row']}": v for v in json.loads(answer.stdout)["values"]
                if v["geometric_mean_log10_nM"] is not None}
    rows, rng, errors, sources = printed_rows(packs, o.engineered), np.random.default_rng(1), [], []
    for source in dict.fromkeys(r[4] for r in rows):
        held = [r for r in rows if r[4] == source and r[0] in held_out]
        if not held:
            continue
        plain = tobit([r for r in rows if r[4] != source], held, o.draws, rng)
        for row, tobit_says in zip(held, plain):
            v = held_out[row[0]]
            errors.append([row[6] - x for x in (v["expected_log10_nM"], v["geometric_mean_log10_nM"], tobit_says)])
            sources.append(source)
    e = np.array(errors)
    print(f"evidence: {len(e)} printed values of {len(set(sources))} sources, each predicted from the others, "
          "root mean square error in log10 units")
    for name, column in zip(("kinescape", "geometric mean of the others", "plain hierarchical Tobit"), e.T):
        gain = column**2 - e[:, 0] ** 2
        by_source = np.array([sum(g for g, s in zip(gain, sources) if s == source) for source in set(sources)])
        beside = "" if name == "kinescape" else (
            f"   squared error above ours by {gain.mean():.3f} +- {np.sqrt(by_source @ by_source) / len(e):.3f}")
        print(f"  {name:30} {np.sqrt(np.mean(column**2)):.3f}{beside}")


if __name__ == "__main__":
    main()
