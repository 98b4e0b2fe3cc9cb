#!/usr/bin/env bash
# The sources are as clang-format 14 leaves them; other versions format otherwise, so then it is skipped (77).
# Arguments: the source directory; "fix" to format instead of to complain.
set -euo pipefail
cd -- "${1:?the source directory}"
mode=${2:-check}
program=$(command -v clang-format-14 || command -v clang-format || true)
version=$([[ -z $program ]] || "$program" --version | sed -E 's/.*version ([0-9]+)\..*/\1/')
if [[ $version != 14 ]]; then
    echo "skipped: clang-format 14 is not installed (found: ${version:-none})"
    exit 77
fi

mapfile -d '' -t files < <(
    find include src tests examples benchmarks \( -name '*.hpp' -o -name '*.cpp' \) -print0 2>/dev/null
)
((${#files[@]} > 0)) || { echo "format: no sources in $PWD"; exit 1; }
if [[ $mode == fix ]]; then
    "$program" -i "${files[@]}"
    echo "${#files[@]} files are formatted"
elif complaints=$("$program" --dry-run -Werror "${files[@]}" 2>&1); then
    echo "${#files[@]} files are formatted"
else
    grep -oE '^[^: ][^:]*:[0-9]+:[0-9]+: error' <<<"$complaints" | cut -d: -f1,2 | sort -u -t: -k1,1 ||
        echo "$complaints"
    echo 'the files above are not formatted (first such line of each); ./dev format does it'
    exit 1
fi
