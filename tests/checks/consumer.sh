#!/usr/bin/env bash
# An installed dbxapps can be found, linked and used by another project.
# Arguments: the source directory, a finished build, CMake, the compiler, more arguments for the configuration.
set -euo pipefail
source=${1:?the source directory}
build=${2:?the build directory}
cmake=${3:-cmake}
compiler=${4:-${CXX:-g++}}
place=$(mktemp -d)
trap 'rm -rf -- "$place"' EXIT

step() {
    local what=$1
    shift
    "$@" >"$place/log" 2>&1 && return
    cat "$place/log"
    echo "tests/consumer: $what failed (its output is above)"
    exit 1
}

step 'the installation' "$cmake" --install "$build" --prefix "$place/prefix"
step 'the configuration' "$cmake" -S "$source/tests/consumer" -B "$place/build" -G Ninja -DCMAKE_BUILD_TYPE=Debug \
    "-DCMAKE_PREFIX_PATH=$place/prefix" "-DCMAKE_CXX_COMPILER=$compiler" "${@:5}"
step 'the build' "$cmake" --build "$place/build"
step 'the program' "$place/build/consumer"
[[ $(<"$place/log") == '200 {"message":"hello","app":"orders"}' ]] || {
    cat "$place/log"
    echo 'tests/consumer: the program printed something else than the answer of the app'
    exit 1
}
echo 'found, built, linked and run from an installation'
