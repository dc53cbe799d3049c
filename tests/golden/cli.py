#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden runs of the program.

Each folder of cases/ holds input files and case.txt: a command after `$ `, then what it must print
(`--- stdout`, `--- stderr`) and its exit code (`--- exit`). The command runs in a copy of the folder.
After it, `--- file PATH` sections, if any, must equal the files it wrote. A line `[...]` in an
expectation stands for any lines.

    cli.py PROGRAM             compare; exit 1 with a diff
    cli.py PROGRAM --approve   write what the program prints now (say why in the commit)
"""
import difflib
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

CASES = pathlib.Path(__file__).resolve().parent / "cases"


def parse(text):
    command, rest = text.split("\n", 1)
    assert command.startswith("$ "), "case.txt must begin with '$ command'"
    sections = {}
    for part in re.split(r"^--- ", rest, flags=re.M)[1:]:
        head, body = part.split("\n", 1)
        sections[head.strip()] = body
    return command[2:], sections


def run(program, case, command, names):
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "case"
        shutil.copytree(case, folder)
        words = shlex.split(command)
        words[0] = program
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120,
                              stdin=subprocess.DEVNULL)
        got = {"exit": f"{done.returncode}\n", "stdout": done.stdout, "stderr": done.stderr}
        for name in names:
            if name.startswith("file "):
                path = folder / name[5:]
                got[name] = path.read_text(encoding="utf-8") if path.is_file() else "(no such file)\n"
        return got


def same(want, got):
    pattern = "".join(r"(?:.*\n)*?" if line == "[...]\n" else re.escape(line)
                      for line in want.splitlines(keepends=True))
    return re.fullmatch(pattern, got) is not None


def main():
    program, approve = str(pathlib.Path(sys.argv[1]).resolve()), "--approve" in sys.argv
    failed, count = 0, 0
    for case in sorted(p.parent for p in CASES.glob("*/case.txt")):
        command, want = parse((case / "case.txt").read_text(encoding="utf-8"))
        got = run(program, case, command, want)
        count += 1
        if approve:
            text = f"$ {command}\n"
            for name in want or got:
                kept = want.get(name, "")
                text += f"--- {name}\n" + (kept if "[...]\n" in kept and same(kept, got[name]) else got[name])
            (case / "case.txt").write_text(text, encoding="utf-8")
            continue
        for name, expected in want.items():
            if not same(expected, got[name]):
                failed += 1
                print(f"{case.name}: {name} differs")
                sys.stdout.writelines(difflib.unified_diff(
                    expected.splitlines(True), got[name].splitlines(True), "want", "got"))
    print(f"{count} golden runs, {failed} differences")
    sys.exit(1 if failed or not count else 0)


if __name__ == "__main__":
    main()
