#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A screen that is killed (SIGKILL) and run again gives the bytes of one that was not.

    killed_screen.py PROGRAM
"""
import filecmp
import subprocess

from helpers.killing import kill_when, main, seen


def check_screen(program, scratch):
    """A screen that is killed after a chunk goes on from there and ends with the same bytes."""
    with open(scratch / "screen.csv", "w", encoding="utf-8") as f:
        f.write("line,drug,dose_nM,viability\n")
        for i in range(40_000):  # three chunks
            half = 10 ** (i % 7 - 1)
            for d in range(6):
                dose = 10 ** (d - 1)
                noise = ((i * 7919 + d * 104729) % 1000 - 500) / 10000
                f.write(f"L{i % 100},d{i // 100},{dose:g},{1 / (1 + dose / half) + noise:.4f}\n")

    def words(folder):
        return [program, "viability", "analyze", scratch / "screen.csv", "--screen", "-q", "-o",
                scratch / folder]

    faults = []
    journal = scratch / "killed" / "curves.csv.journal"
    if not kill_when(words("killed"), journal.exists):
        faults.append("screen: was not caught between two chunks")
    if "curves.csv" in seen(scratch / "killed"):
        faults.append("screen: killed, and left a result that looks whole")
    for folder in ("killed", "whole"):
        subprocess.run(words(folder), check=True, stdout=subprocess.DEVNULL)
        if seen(scratch / folder) != ["curves.csv"]:
            faults.append(f"screen: {folder} holds {seen(scratch / folder)}")
    if not filecmp.cmp(scratch / "killed" / "curves.csv", scratch / "whole" / "curves.csv", False):
        faults.append("screen: killed and resumed, it gives other bytes")
    return faults


if __name__ == "__main__":
    main(check_screen)
