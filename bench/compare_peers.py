#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our batched fit beside other programs, on the same simulated curves in one run, on one core.

    bench/compare_peers.py TOOL [--curves N] [--peer-curves N] [--seed S]

TOOL is kinescape_batch_fit_tool. Peers: scipy's curve_fit, CurveCurator (PyPI curve-curator) and R's
drc; one that is not installed is said to be so. For each: curves a second, how many times slower
than ours, curves without an answer, curves whose residual sum is more than 1e-6 above the best
that any program found, and the median error of log10 EC50 on sigmoid curves.

The curves: 8 doses x 3 wells, 80 % sigmoid, 10 % partial (midpoint above the doses), 10 % flat;
5 % proportional and 0.02 additive noise.
"""
import argparse
import csv
import importlib.util
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

DOSES = [3, 10, 30, 100, 300, 1000, 3000, 10000]
WELLS = 3


def curve(dose, log10_ec50, slope, top, bottom):
    exponent = slope * math.log(10) * (math.log10(dose) - log10_ec50)
    return bottom + (top - bottom) / (1 + math.exp(min(exponent, 700)))


def simulate(count, seed):
    draw = random.Random(seed)
    rows, truths = [], []
    for i in range(count):
        kind = {8: "partial", 9: "flat"}.get(i % 10, "sigmoid")
        ec50 = draw.uniform(4.2, 5.2) if kind == "partial" else draw.uniform(0.8, 3.7)
        slope = 0.5 * math.exp(draw.uniform(0, 1.8))
        top = draw.uniform(0.95, 1.05)
        bottom = top if kind == "flat" else draw.uniform(0, 0.5)
        values = []
        for dose in DOSES:
            for _ in range(WELLS):
                y = curve(dose, ec50, slope, top, bottom)
                values.append(round(y * (1 + draw.gauss(0, 0.05)) + draw.gauss(0, 0.02), 4))
        rows.append(values)
        truths.append((kind, ec50))
    return rows, truths


def write(path, rows):
    with open(path, "w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["curve"] + [f"d{d}_r{r + 1}" for d in DOSES for r in range(WELLS)])
        for i, row in enumerate(rows):
            writer.writerow([i] + row)


def residual_sum(row, answer):
    ec50, slope, top, bottom = answer
    doses = (d for d in DOSES for _ in range(WELLS))
    return sum((y - curve(d, ec50, slope, top, bottom)) ** 2 for d, y in zip(doses, row))


def ours(tool, path, *flags):
    """Parameters of each curve and curves a second (processor time, best of 3)."""
    done = subprocess.run([tool, path, *flags], capture_output=True, text=True, check=True)
    answers = []
    for row in csv.DictReader(done.stdout.splitlines()):
        values = [float(row[k]) for k in ("log10_ec50", "hill_slope", "top", "bottom")]
        answers.append(values if all(map(math.isfinite, values)) else None)
    return answers, float(done.stderr.split()[2])


def scipy_peer(rows):
    import warnings

    import numpy
    from scipy.optimize import curve_fit

    warnings.simplefilter("ignore")
    x = numpy.repeat(numpy.log10(DOSES), WELLS)

    def model(z, ec50, slope, top, bottom):
        return bottom + (top - bottom) / (1 + numpy.exp(slope * math.log(10) * (z - ec50)))

    answers = []
    start = time.process_time()
    for row in rows:
        y = numpy.asarray(row)
        try:
            guess = [x.mean(), 1.0, y.max(), y.min()]
            answers.append(list(curve_fit(model, x, y, guess, maxfev=2000)[0]))
        except RuntimeError:
            answers.append(None)
    return answers, len(rows) / (time.process_time() - start)


def curve_curator_peer(rows):
    import numpy
    from curve_curator.models import LogisticModel

    x = numpy.repeat(numpy.log10(DOSES) - 9.0, WELLS)
    answers = []
    start = time.process_time()
    for row in rows:
        y = numpy.asarray(row)
        try:
            model = LogisticModel()
            model.set_boundaries(x)
            model.efficiently_fit_ols(x, y, noise=0.05)
            p = model.get_fitted_params()
            answers.append([9.0 - p["pec50"], p["slope"], p["front"], p["back"]])
        except Exception:  # a peer's failure is what is counted here
            answers.append(None)
    return answers, len(rows) / (time.process_time() - start)


DRC = """
suppressMessages(library(drc))
data <- read.csv(commandArgs(TRUE)[1], check.names = FALSE)
dose <- as.numeric(sub("_.*", "", sub("d", "", names(data)[-1])))
begin <- proc.time()[["user.self"]]
for (i in seq_len(nrow(data))) {
  y <- unlist(data[i, -1])
  fit <- tryCatch(suppressWarnings(drm(y ~ dose, fct = LL.4())), error = function(e) NULL)
  p <- if (is.null(fit)) rep(NA, 4) else coef(fit)
  cat(p, "\\n")
}
cat("time", proc.time()[["user.self"]] - begin, "\\n")
"""


def drc_peer(path, count):
    with tempfile.NamedTemporaryFile("w", suffix=".R") as script:
        script.write(DRC)
        script.flush()
        done = subprocess.run(
            ["Rscript", script.name, path], capture_output=True, text=True, check=True
        )
    answers, seconds = [], math.nan
    for line in done.stdout.splitlines():
        cells = line.split()
        if cells and cells[0] == "time":
            seconds = float(cells[1])
        elif len(cells) == 4:
            answers.append(
                None
                if "NA" in cells or float(cells[3]) <= 0
                else [math.log10(float(cells[3])), float(cells[0]), float(cells[2]), float(cells[1])]
            )
    return answers, count / seconds


def drc_installed():
    if shutil.which("Rscript") is None:
        return False
    test = ["Rscript", "-e", "if (!requireNamespace('drc', quietly = TRUE)) quit(status = 1)"]
    return subprocess.run(test, capture_output=True).returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tool")
    parser.add_argument("--curves", type=int, default=50000, help="for our own timing")
    parser.add_argument("--peer-curves", type=int, default=300, help="for peers and accuracy")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rows, truths = simulate(options.peer_curves, options.seed)
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        few = os.path.join(folder, "few.csv")
        write(few, rows)
        repeat = ["--repeat", str(max(1, options.curves // options.peer_curves))]
        for name, flags in (
            ("kinescape, shared doses", []),
            ("kinescape, own doses", ["--own-doses"]),
            ("kinescape, with intervals", ["--intervals"]),
        ):
            results[name] = ours(options.tool, few, *repeat, *flags)
        has = importlib.util.find_spec
        if has("scipy") and has("numpy"):
            results["scipy curve_fit"] = scipy_peer(rows)
        else:
            results["scipy curve_fit"] = None
        results["CurveCurator"] = curve_curator_peer(rows) if has("curve_curator") else None
        results["drc"] = drc_peer(few, len(rows)) if drc_installed() else None
    report(results, rows, truths)


def report(results, rows, truths):
    sums = {
        name: [residual_sum(r, a) if a else math.inf for r, a in zip(rows, result[0])]
        for name, result in results.items()
        if result
    }
    # Ours bounds slope and midpoint; the best of the bounded fits is what all are held against.
    bounded = [sums[name] for name in sums if name.startswith("kinescape")]
    best = [min(s) for s in zip(*bounded)]
    reference = results["kinescape, shared doses"][1]
    print(f"{'':28}{'curves/s':>12}{'ratio':>9}{'failed':>8}{'missed':>8}{'median error':>14}")
    for name, result in results.items():
        if result is None:
            print(f"{name:28}not installed")
            continue
        answers, speed = result
        failed = sum(a is None for a in answers)
        missed = sum(s > b * (1 + 1e-6) for s, b in zip(sums[name], best)) - failed
        errors = sorted(
            abs(a[0] - t[1]) for a, t in zip(answers, truths) if a and t[0] == "sigmoid"
        )
        middle = errors[len(errors) // 2] if errors else math.nan
        print(f"{name:28}{speed:12,.0f}{reference / speed:9,.1f}{failed:8}{missed:8}{middle:14.4f}")


if __name__ == "__main__":
    sys.exit(main())
