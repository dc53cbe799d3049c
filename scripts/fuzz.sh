#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the fuzz targets and runs them one after the other on their corpora, in so many seconds of
# processor time (not of the clock: a busy machine fuzzes less) that they share evenly. Findings go
# to build-fuzz/findings/<target>/; exit 1 if there is one.
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
echo "${#targets[@]} readers, $seconds s of processor time each"
TIMEFORMAT='%U %S'
failed=0
spent=0
for target in "${targets[@]}"; do
  findings=build-fuzz/findings/$target
  work=build-fuzz/corpus/$target  # grows from run to run; the seeds in the repository do not
  mkdir -p "$findings" "$work"
  log=build-fuzz/$target.log
  program=$(find build-fuzz -name "fuzz_$target" -type f -perm -u+x | head -1)
  : >"$log"
  used=0
  found=0
  while [ $found -eq 0 ] && [ "$used" -lt "$seconds" ]; do
    cpu=$({ time "$program" -max_total_time=$((seconds - used)) -seed="${FUZZ_SEED:-0}" -rss_limit_mb=2048 \
      -timeout=25 -max_len=65536 -print_final_stats=1 -artifact_prefix="$findings/" "$work" \
      "tests/fuzz/corpus/$target" >>"$log" 2>&1; } 2>&1) || found=1
    used=$(awk -v used=$used "{ cpu = \$1 + \$2; print used + (cpu < 1 ? 1 : int(cpu + 0.5)) }" <<<"$cpu")
  done
  spent=$((spent + used))
  if [ $found -eq 0 ]; then
    runs=$(awk '/^stat::number_of_executed_units:/ { n += $2 } END { print n }' "$log")
    echo "$target: $runs inputs in $used s, no finding"
  else
    failed=1
    echo "$target: FINDING, see $log and $findings/"
    tail -30 "$log"
  fi
done
echo "$spent s of processor time in all"
exit $failed
