#!/usr/bin/env bash
# What has no place in the sources of the library: paths of somebody's machine, and notes of what is left to do.
# Argument: the source directory.
set -euo pipefail
cd -- "${1:?the source directory}"
[[ -d include && -d src ]] || { echo "words: $PWD is not the source directory"; exit 1; }
if grep -rnIE '(^|[^A-Za-z0-9_.])/(work|root|home)/|\.\./shared|\b(TODO|FIXME|XXX)\b' include src; then
    echo 'the lines above name a path of one machine, or leave something to do'
    exit 1
fi
echo 'no such words'
