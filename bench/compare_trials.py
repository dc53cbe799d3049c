#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our Cox model, mixed model and bootstrap beside other programs: same data, one run, one core.

    bench/compare_trials.py TOOL

TOOL is kinescape_trials_tool. Peers: R's survival, lme4 with pbkrtest, and lifelines (PyPI); one that
is not installed is said to be so. Times are of the fit alone, the shortest of several runs
(seven and five in R, three in lifelines).
"""
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

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"


def write(path, header, rows):
    with open(path, "w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([header, *rows])


def cox_data(path, n=10_000, p=10):
    draw = random.Random(1)
    beta = [0.3 * (-1) ** j / (1 + j) for j in range(p)]
    rows = []
    for _ in range(n):
        x = [draw.gauss(0, 1) for _ in range(p)]
        t = draw.expovariate(math.exp(sum(b * v for b, v in zip(beta, x))))
        c = draw.expovariate(0.5)
        rows.append([repr(min(t, c)), int(t <= c), *map(repr, x)])
    write(path, ["time", "event", *[f"x{j}" for j in range(p)]], rows)


def mixed_data(path, mice=200):
    draw = random.Random(2)
    rows = []
    for i in range(mice):
        level, rate = draw.gauss(5, 0.4), draw.gauss(0.07 - 0.02 * (i % 2), 0.012)
        rows += [[i, i % 2, day, repr(level + rate * day + draw.gauss(0, 0.15))] for day in range(0, 45, 3)]
    write(path, ["animal", "treated", "day", "lv"], rows)


def medians_data(path, n=300):
    draw = random.Random(3)
    rows = []
    for _ in range(n):
        t, c = draw.expovariate(0.1), draw.uniform(5, 40)
        rows.append([repr(min(t, c)), int(t <= c)])
    write(path, ["time", "event"], rows)


def ours(tool, what, path):
    seconds, answer = subprocess.run([tool, what, path], check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), float(answer)


def r(code):
    if not shutil.which("Rscript"):
        return None
    done = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True)
    if done.returncode:
        return None
    seconds, answer = done.stdout.split()[-2:]
    return float(seconds), float(answer)


def lifelines_cox(path):
    if not importlib.util.find_spec("lifelines"):
        return None
    import pandas
    from lifelines import CoxPHFitter
    table = pandas.read_csv(path)
    best, fit = math.inf, None
    for _ in range(3):
        begun = time.perf_counter()
        fit = CoxPHFitter().fit(table, "time", "event")
        best = min(best, time.perf_counter() - begun)
    return best, float(fit.params_.iloc[0])


def line(name, got, mine, aim=None):
    if got is None:
        print(f"  {name:<24} not installed")
        return
    ratio = got[0] / mine[0]
    said = "" if aim is None else f"   (aim {aim} x: {'met' if ratio >= aim else 'MISSED'})"
    print(f"  {name:<24} {got[0] * 1e3:10.3f} ms   {ratio:8.1f} x ours   answer {got[1]:.9g}{said}")


def main():
    tool = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        cox, mixed, medians = (os.path.join(folder, f) for f in ("cox.csv", "mixed.csv", "medians.csv"))
        cox_data(cox), mixed_data(mixed), medians_data(medians)
        mine = ours(tool, "cox", cox)
        print("Cox model, 10,000 patients, 10 covariates, Efron")
        line("kinescape", mine, mine)
        line("R survival", r(f'library(survival); d <- read.csv("{cox}"); f <- reformulate(paste0("x", 0:9), "Surv(time, event)"); s <- min(sapply(1:7, function(i) system.time(m <<- coxph(f, d))[3])); cat(s, coef(m)[1])'), mine, 10)
        line("lifelines", lifelines_cox(cox), mine, 100)
        mine = ours(tool, "mixed", mixed)
        print("Mixed model, 200 mice x 15 days, random slopes, Kenward-Roger")
        line("kinescape", mine, mine)
        lmer = f'suppressMessages(library(lme4)); d <- read.csv("{mixed}"); fit <- function() lmer(lv ~ day * treated + (day | animal), d); '
        line("R lme4 without KR", r(lmer + 's <- min(sapply(1:5, function(i) system.time(m <<- fit())[3])); cat(s, fixef(m)[4])'), mine)
        line("R lme4 + pbkrtest", r(lmer + 'suppressMessages(library(pbkrtest)); s <- min(sapply(1:3, function(i) system.time({m <- fit(); v <- vcovAdj(m); nu <<- Lb_ddf(c(0,0,0,1), vcov(m), v)})[3])); cat(s, nu)'), mine, 50)
        mine = ours(tool, "medians", medians)
        print("1,000 bootstrap Kaplan-Meier medians of 300 patients")
        line("kinescape", mine, mine)
        print(f"  {'aim: below 100 ms':<24} {'met' if mine[0] < 0.1 else 'MISSED'}")


if __name__ == "__main__":
    main()
