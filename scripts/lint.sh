#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Formatting, rooms, headers that compile alone, and clang-tidy on every source of the rooms.
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files '*.cpp' '*.hpp' | xargs clang-format --dry-run --Werror
python3 scripts/check_modules.py
cmake --preset lint >/dev/null
cmake --build --preset lint -j "$(nproc)" --target all_verify_interface_header_sets
# What is compiled, which is several sources at a time: a header is read a few dozen times, not hundreds.
python3 - <<'PY' | xargs -P "$(nproc)" -n 1 clang-tidy -p build-lint --quiet
import json
for command in json.load(open("build-lint/compile_commands.json")):
    if "_verify_interface_header_sets" not in command["file"]:
        print(command["file"])
PY
