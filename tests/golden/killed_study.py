#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A study run that is killed (SIGKILL): nothing half-written can be seen, and the next run removes
what is hidden.

    killed_study.py PROGRAM
"""
import pathlib
import shutil
import subprocess

from helpers.killing import kill_when, main, seen

ROOT = pathlib.Path(__file__).resolve().parents[2]


def check_study(program, scratch):
    """A study that is killed while it writes leaves a hidden folder, which the next run removes."""
    shutil.copytree(ROOT / "examples" / "starter", scratch / "study")
    subprocess.run([program, "viability", "simulate", scratch / "study" / "design.toml", "-o",
                    scratch / "study"], check=True, stdout=subprocess.DEVNULL)
    run = [program, "study", "run", scratch / "study" / "study.toml", "-o", scratch / "results"]

    def hidden():
        return [p for p in scratch.iterdir() if p.name.startswith(".results.")]

    faults = []
    if not kill_when(run, hidden):
        faults.append("study run: was not caught while it wrote")
    if seen(scratch) not in (["study"], ["results", "study"]):
        faults.append(f"study run: killed, and left {seen(scratch)}")
    if (scratch / "results").exists() and not (scratch / "results" / "report.html").exists():
        faults.append("study run: killed, and left half a result")
    subprocess.run(run, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if hidden():
        faults.append(f"study run: the next run left {hidden()}")
    if not (scratch / "results" / "report.html").exists():
        faults.append("study run: the next run made no report")
    return faults


if __name__ == "__main__":
    main(check_study)
