#!/usr/bin/env python3
"""Fails when a call through the client costs more than it used to: instructions in the program itself (the library and
the headers compiled into it, not OpenSSL or libc, which updates may move) and allocations. Never a time.

./dev test calls it. After a change that is worth its cost, raise the limits here and say why in the commit.
"""

import argparse
import os
import shutil
import sys
import tempfile
from types import SimpleNamespace

sys.dont_write_bytecode = True

from callgrind import instructions_per_call
from clients import Program
from counts import allocations_of
from server import Server
from tools import Children, Cores, Trouble, raise_file_limit

# 7,350 to 7,600 and 3.01 were measured (64 calls in flight, 256-byte answers); how often a read finds nothing varies.
LIMITS = {"instructions in the program itself": 7_700, "allocations": 3.5, "allocations of a token_cache hit": 0}


def measure(bin_folder, home, children):
    server = Server(children, Cores(), home, raise_file_limit())
    server.start()
    bench = SimpleNamespace(bin=bin_folder, server=server, children=children, cores=Cores())
    ours = Program(bin_folder, "ours", "ours")

    def command_for(calls):
        return ours.argv(server, "calls", path="/small", calls=calls, in_flight=64)

    found = instructions_per_call(command_for, 200, 1200, home, children)
    counted, of_hit = allocations_of(bench, Program(bin_folder, "ours_counted", "ours, counted"))
    return {"instructions in the program itself": found["ours"], "allocations": counted,
            "allocations of a token_cache hit": of_hit}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, metavar="DIR", help="the folder of the programs")
    folder = os.path.abspath(parser.parse_args().bin)
    home = tempfile.mkdtemp(prefix="gate-")
    children = Children(home)
    try:
        measured = measure(folder, home, children)
    except Trouble as trouble:
        print(f"gate: {trouble}", file=sys.stderr)
        return 1
    finally:
        children.end_all()
        shutil.rmtree(home, ignore_errors=True)
    for name, limit in LIMITS.items():
        print(f"{name} per call: {measured[name]:,.2f}, at most {limit:,}")
    return 0 if all(measured[name] <= limit for name, limit in LIMITS.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
