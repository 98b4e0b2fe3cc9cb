#!/usr/bin/env bash
# Who may include what. The barriers of the build stop what is compiled; this also reads what is not, and says where.
# Argument: the source directory.
set -euo pipefail
cd -- "${1:?the source directory}"
for place in include/dbxapps src/{core,oauth,config,text,apps,net,emulator}; do
    [[ -d $place ]] || { echo "layers: $PWD has no $place"; exit 1; }
done
failed=0

# Lines "file:line: #include <..>" of the sources in the given places.
includes() { grep -rnE --include='*.hpp' --include='*.cpp' '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]' "$@"; }

# complain <rule>; reads the offending lines.
complain() {
    local line
    while IFS= read -r line; do
        echo "$line   <- $1"
        failed=1
    done
}

of() { grep -E "[<\"]($1)" || true; }
outside() { grep -vE "^($1)/" || true; }

asio='boost/asio'
beast='boost/beast'
openssl='openssl/|boost/asio/ssl'
json='boost/json'

for layer in src/core src/oauth src/config src/text src/apps; do
    complain "$layer is pure: no Asio, Beast or OpenSSL" < <(includes "$layer" | of "$asio|$beast|$openssl")
    complain "$layer stands below that" < <(includes "$layer" | of 'net/|login/|emulator/')
done
complain 'src/core includes the standard library, itself, dbxapps/time.hpp and the options of its machines only' \
    < <(includes src/core | grep -vE '<[a-z_]+>|<core/[a-z_]+\.hpp>|<dbxapps/(time|retry_options|circuit_options|hedge_options|latency_histogram)\.hpp>' || true)
complain 'src/net stands below that' < <(includes src/net | of 'login/|emulator/|client_impl|token_cache_impl')
complain 'only the emulator includes its own parts' < <(includes src include | outside src/emulator | of 'emulator/')
complain 'only src/net and src/emulator know Beast and OpenSSL' \
    < <(includes src include | outside 'src/net|src/emulator' | of "$beast|$openssl")
complain 'public headers know neither Beast nor OpenSSL nor Boost.JSON' \
    < <(includes include | of "$beast|$openssl|$json")
# A library that sets one breaks the program of everybody who sets another: all of Asio is inline.
complain 'no BOOST_ASIO_ macro is set' < <(
    grep -rnE --exclude-dir=build --include='*.hpp' --include='*.h' --include='*.cpp' \
        '#[[:space:]]*define[[:space:]]+BOOST_ASIO_' . || true
    grep -rnE --exclude-dir=build --include=CMakeLists.txt --include='*.cmake' --include='CMake*.json' \
        'BOOST_ASIO_' . || true
)

((failed == 0)) && echo 'every include keeps to its layer'
exit "$failed"
