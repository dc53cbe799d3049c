#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Formatting, rooms, headers that compile alone, and clang-tidy on every source of the rooms.
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files '*.cpp' '*.hpp' | xargs clang-format --dry-run --Werror
python3 scripts/check_modules.py
cmake --preset lint >/dev/null
cmake --build --preset lint -j "$(nproc)" --target all_verify_interface_header_sets
git ls-files 'src/*.cpp' 'apps/*.cpp' | grep -v '_test\.cpp$' |
  xargs -P "$(nproc)" -n 4 clang-tidy -p build-lint --quiet
