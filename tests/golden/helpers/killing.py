# SPDX-License-Identifier: Apache-2.0
"""Killing the program at the worst moment, for the tests of what is left behind."""
import pathlib
import subprocess
import sys
import tempfile
import time


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


def main(check):
    """Runs check(program, scratch folder), prints the faults that it returns, and exits."""
    program = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as scratch:
        faults = check(program, pathlib.Path(scratch))
    print("\n".join(faults))
    print(f"{len(faults)} faults")
    sys.exit(1 if faults else 0)
