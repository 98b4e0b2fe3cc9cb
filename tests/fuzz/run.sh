#!/usr/bin/env bash
# Runs every target: first its corpus, then inputs made from it, for some seconds. A finding (a property that does not
# hold, a report of a sanitizer, a leak, a hang, too much memory) fails, and its input is kept.
# Arguments: the build directory, the seconds for each target, how many at a time, where their outputs go.
set -euo pipefail
corpora=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/corpus
build=$(readlink -f -- "${1:?the build directory}")
seconds=${2:?the seconds for each target}
at_once=${3:-2}
outputs=${4:-$build/output}
findings=$build/findings
mkdir -p -- "$outputs" "$findings"
outputs=$(readlink -f -- "$outputs")

# 20 s or 512 MiB for one input are findings, too. By the clock, so it is not less: the machine may be busy.
limits=(-timeout=20 -rss_limit_mb=1024 -malloc_limit_mb=512 -max_len=4096 -print_final_stats=1)
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1

explain() {
    local name=$1 log=$outputs/fuzz-$1.log input
    input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
    grep -aE '^does not hold: |^seen: |ERROR: |runtime error: |^SUMMARY: ' "$log" | head -n 12 || tail -n 20 "$log"
    echo "fuzz: $name has a finding; all of its output: $log"
    [[ -z $input ]] || echo "fuzz: its input is $input; to see it again: $build/fuzz_$name $input"
}

# The seeds alone first: a finding among them is told from one among what is made of them. What is new is kept in the
# build directory, and begins the next run.
one() {
    local name=$1 seeds=$corpora/$1 found=$build/corpus/$1 log=$outputs/fuzz-$1.log
    local run=("$build/fuzz_$name" "${limits[@]}" "-artifact_prefix=$findings/$name-")
    [[ -x ${run[0]} ]] || { echo "fuzz: $name is not built (${run[0]})"; return 1; }
    mkdir -p -- "$found"
    if ! { "${run[@]}" -runs=0 "$seeds" && "${run[@]}" "-max_total_time=$seconds" "$found" "$seeds"; } >"$log" 2>&1; then
        explain "$name"
        return 1
    fi
    printf '%-15s %3d seeds, then %8d inputs\n' "$name" "$(find "$seeds" -type f | wc -l)" \
        "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)"
}

failed=0 running=0
for seeds in "$corpora"/*/; do
    if ((running == at_once)); then
        wait -n || failed=1
        running=$((running - 1))
    fi
    one "$(basename -- "$seeds")" &
    running=$((running + 1))
done
while ((running > 0)); do
    wait -n || failed=1
    running=$((running - 1))
done
exit "$failed"
