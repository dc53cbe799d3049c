#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian 12 packages that are missing for a purpose: build, test, lint, fuzz, bench.
# Says what it is about to install; does nothing, and takes no time, when nothing is missing.
set -euo pipefail

build=(g++ cmake ninja-build lld ccache pkg-config python3
  libeigen3-dev libboost-math-dev libzip-dev libpugixml-dev librandom123-dev
  libcli11-dev libtomlplusplus-dev nlohmann-json3-dev libfmt-dev zlib1g-dev libgtest-dev
  libtiff-dev libpng-dev libhts-dev)
test=(python3-jsonschema)
lint=(clang-format clang-tidy clang)
fuzz=(clang libclang-rt-14-dev)
bench=(libbenchmark-dev python3-venv r-cran-survival r-cran-lme4 r-cran-pbkrtest)

declare -n wanted=${1:?usage: install_deps.sh build|test|lint|fuzz|bench}
missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ "$1" = build ]; then  # any Node.js from 18 on will do
  command -v node >/dev/null || missing+=(nodejs)
  command -v npm >/dev/null || missing+=(npm)
fi
[ ${#missing[@]} -eq 0 ] && exit 0

echo "About to install with apt-get: ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "This needs root or sudo." >&2; exit 1; }
  as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
echo "Installed."
