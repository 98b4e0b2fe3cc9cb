#!/usr/bin/env bash
# Each public header compiles by itself, and reaches none of Beast, OpenSSL and Boost.JSON.
# Arguments: the source directory, the compiler, more flags for it.
set -euo pipefail
source=${1:?the source directory}
compiler=${2:-${CXX:-g++}}
flags=(-std=c++20 -fsyntax-only -Wfatal-errors -Wall -Wextra -Wpedantic -Werror)
for library in beast openssl json; do
    [[ -d $source/src/barriers/$library ]] || { echo "$source/src/barriers/$library: missing"; exit 1; }
    flags+=("-I$source/src/barriers/$library")
done
flags+=("-I$source/include" "${@:3}")

failed=0 count=0
for header in "$source"/include/dbxapps/*.hpp; do
    name=dbxapps/${header##*/}
    count=$((count + 1))
    # Twice: a header that lacks its guard fails, too.
    if ! printf '#include <%s>\n#include <%s>\n' "$name" "$name" | "$compiler" "${flags[@]}" -x c++ -; then
        echo "include/$name: does not compile alone and without Beast, OpenSSL and Boost.JSON (the reason is above)"
        failed=1
    fi
done
((count > 1)) || { echo "$source/include/dbxapps: no headers"; exit 1; }
((failed == 0)) && echo "$count headers compile alone"
exit "$failed"
