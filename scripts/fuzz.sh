#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the fuzz targets and runs them one after the other on their corpora, in so many seconds
# that they share evenly. Findings go to build-fuzz/findings/<target>/; exit 1 if there is one.
#   scripts/fuzz.sh SECONDS [TARGET...]     FUZZ_SEED=N: the same inputs each time
set -euo pipefail
total=${1:?usage: scripts/fuzz.sh SECONDS [TARGET...]}
shift
cd "$(dirname "$0")/.."

cmake --preset fuzz >/dev/null
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for source in tests/fuzz/*_fuzz.cpp; do
    targets+=("$(basename "$source" _fuzz.cpp)")
  done
fi
cmake --build --preset fuzz --target "${targets[@]/#/fuzz_}"

seconds=$(((total + ${#targets[@]} - 1) / ${#targets[@]}))
echo "${#targets[@]} readers, $seconds s each"
failed=0
for target in "${targets[@]}"; do
  findings=build-fuzz/findings/$target
  work=build-fuzz/corpus/$target  # grows from run to run; the seeds in the repository do not
  mkdir -p "$findings" "$work"
  log=build-fuzz/$target.log
  program=$(find build-fuzz -name "fuzz_$target" -type f -perm -u+x | head -1)
  if "$program" -max_total_time="$seconds" -seed="${FUZZ_SEED:-0}" -rss_limit_mb=2048 -timeout=25 -max_len=65536 \
    -print_final_stats=1 -artifact_prefix="$findings/" "$work" "tests/fuzz/corpus/$target" \
    >"$log" 2>&1; then
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    echo "$target: $runs inputs in $seconds s, no finding"
  else
    failed=1
    echo "$target: FINDING, see $log and $findings/"
    tail -30 "$log"
  fi
done
exit $failed
