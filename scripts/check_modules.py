#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds every #include under src/ against MODULES. Exit 1 and one line per breach.

A room may include its own headers, those of the rooms MODULES allows it, the standard library, and
third parties in its .cpp and *_internal.hpp files only: a public header shows no third-party type.
Tests may include any room that their own room may, the headers of tests/, and GoogleTest.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')


def rooms():
    allowed = {}
    for line in (ROOT / "MODULES").read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        fields = [field.strip() for field in line.split("|")]
        if len(fields) != 4:
            sys.exit(f"MODULES: a row needs four fields separated by |: {line}")
        allowed[fields[0]] = set(fields[1].split()) | {fields[0]}
    return allowed


def breaches(allowed):
    folders = {p.name for p in (ROOT / "src").iterdir() if p.is_dir()}
    for room in sorted(folders ^ set(allowed)):
        yield f"MODULES: room '{room}' is not both a row there and a folder in src/"
    order = list(allowed)
    for room, others in allowed.items():
        for other in others - {room}:
            if other not in allowed or order.index(other) > order.index(room):
                yield f"MODULES: '{room}' includes '{other}', which does not come before it"
    for path in sorted((ROOT / "src").rglob("*.[ch]pp")):
        room = path.relative_to(ROOT / "src").parts[0]
        public = path.suffix == ".hpp" and not path.name.endswith("_internal.hpp")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            bracket, target = match.groups()
            place = f"{path.relative_to(ROOT)}:{number}"
            first = target.split("/")[0]
            if bracket == '"' and first in allowed and first not in allowed.get(room, ()):
                yield f"{place}: room '{room}' may not include \"{target}\""
            shared = path.name.endswith("_test.cpp") and (ROOT / "tests" / target).is_file()
            if bracket == '"' and first not in allowed and not shared:
                yield f"{place}: \"{target}\" is not <room>/<header>"
            if bracket == "<" and public and re.search(r"[/.]", target):
                yield f"{place}: a public header may not include <{target}>"


if __name__ == "__main__":
    found = list(breaches(rooms()))
    print("\n".join(found) if found else "MODULES holds: every #include is allowed")
    sys.exit(1 if found else 0)
