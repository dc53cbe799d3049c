#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A study run that is killed (SIGKILL): nothing half-written can be seen, and the next run removes
what is hidden.

    killed_study.py PROGRAM
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def kill_when(words, ready, seconds=120):
    """Starts `words` and kills them as soon as `ready()`; False if they ended before."""
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + seconds
    while child.poll() is None and time.monotonic() < end:
        if ready():
            child.kill()
            child.wait()
            return True
        time.sleep(0.0005)
    child.kill()
    child.wait()
    return False


def seen(folder):
    """Names in `folder` that a user sees."""
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))


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


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as scratch:
        faults = check_study(program, pathlib.Path(scratch))
    print("\n".join(faults))
    print(f"{len(faults)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
