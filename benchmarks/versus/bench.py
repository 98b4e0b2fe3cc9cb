#!/usr/bin/env python3
"""Compares the library with other clients against a real nginx and writes the results next to the programs.

./dev bench calls it; its exit status tells whether everything ran and no call failed, never how fast anything was.
"""

import argparse
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from functools import partial

sys.dont_write_bytecode = True

import connections
import counts
import loads
import machine
import ours_only
import report
from clients import H2load, Program, Wrk
from server import Server
from tools import Children, Cores, Trouble, raise_file_limit

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAMS = {"ours": "ours", "bare": "bare epoll + OpenSSL", "beast": "Beast as in its examples",
            "curl": "libcurl multi"}
SCENARIOS = {
    "cpu_1": partial(loads.cpu, in_flight=1),
    "cpu_64": partial(loads.cpu, in_flight=64),
    "cpu_512": partial(loads.cpu, in_flight=512),
    "body_64k": partial(loads.body, size="64k"),
    "body_1m": partial(loads.body, size="1m"),
    "fanout": connections.fanout,
    "reconnect": connections.reconnect,
    "instructions": counts.instructions,
    "syscalls": counts.syscalls,
    "allocations": counts.allocations,
    "idle_512": partial(connections.idle, connections=512),
    "idle_4096": partial(connections.idle, connections=4096),
    "storm": ours_only.storm,
    "outage": ours_only.outage,
    "threads": ours_only.threads,
    "micro": ours_only.micro,
}


class Bench:
    """What the scenarios share: the server, the clients, and how long and how often to measure."""

    def __init__(self, options, home):
        quick = options.quick
        self.quick, self.bin = quick, os.path.abspath(options.bin)
        self.children, self.cores = Children(home), Cores()
        self.clients = {key: Program(self.bin, key, label) for key, label in PROGRAMS.items()}
        self.clients |= {each.key: each for each in (Wrk(), H2load(False), H2load(True))}
        self.random = random.Random(options.seed)
        self.rounds = options.rounds or (3 if quick else 10)
        self.timing = loads.Timing(0.06, 0.15, 0.06) if quick else loads.Timing(0.15, 0.5, 0.1)
        self.memory_runs = 1 if quick else 2
        self.strace_calls = (500, 1500) if quick else (2000, 6000)
        self.callgrind_calls = (200, 1200, 16) if quick and not options.repeat else (200, 4200, 64)
        self.storm_rounds, self.storm_seconds = (2, 2.5) if quick else (10, 4.5)
        self.outage_rounds, self.outage_seconds = (3, 2) if quick else (5, 5)
        self.thread_seconds, self.micro_seconds = (0.2, 0.02) if quick else (0.8, 0.2)
        self.notes = []
        self.server = Server(self.children, self.cores, home, raise_file_limit())

    def note(self, text):
        self.notes.append(text)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, metavar="DIR", help="the folder of the programs; results go there, too")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and shorter windows")
    parser.add_argument("--only", metavar="PATTERN", default="",
                        help="only the scenarios whose name matches; there are " + ", ".join(SCENARIOS))
    parser.add_argument("--readme", action="store_true", help="also put the table into README.md")
    parser.add_argument("--repeat", action="store_true", help="only count instructions twice and compare")
    parser.add_argument("--rounds", type=int, help="10, or 3 with --quick")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the order within the rounds")
    options = parser.parse_args()
    if options.readme and options.only:
        parser.error("--readme wants all scenarios, so it does not go with --only")
    if not os.path.isdir(options.bin):
        parser.error(f"there is no folder {options.bin}")
    return options


def run_one(bench, name):
    """Its rows, and None or what went wrong."""
    try:
        bench.server.start_again_if_ended()
        return SCENARIOS[name](bench), None
    except Trouble as trouble:
        return [], str(trouble)
    except Exception as error:  # a fault of this driver or nginx's end; the other scenarios can still be run
        traceback.print_exc()
        return [], f"{type(error).__name__}: {error}"


def run_all(bench, names):
    """Rows of all scenarios, what went wrong by scenario, and the seconds each took."""
    rows, wrong, seconds = [], {}, {}
    for name in names:
        print(f"{name} ...", end=" ", flush=True)
        began = time.monotonic()
        more, problem = run_one(bench, name)
        seconds[name] = time.monotonic() - began
        rows += more
        if problem is not None:
            wrong[name] = problem
        print(problem or f"{seconds[name]:.1f} s", flush=True)
    return rows, wrong, seconds


def close_report(bench, options, names, began):
    rows, wrong, seconds = run_all(bench, names)
    words = [word for word, given in (("--quick", options.quick), (f"--only '{options.only}'", options.only)) if given]
    about = (f"Made by `{' '.join(['./dev bench', *words])}` ({bench.rounds} rounds; {bench.cores.describe()}) on: "
             f"{machine.describe()}.")
    problems = [f"NO RESULT of {name}: {text}" for name, text in wrong.items()]
    print("\n" + report.write(bench.bin, rows, [*bench.notes, *problems], about))
    print("seconds by scenario: " + ", ".join(f"{name} {took:.1f}" for name, took in seconds.items()))
    print(f"{time.monotonic() - began:.0f} s in all; results.json, results.txt, results.md, chart.svg: {bench.bin}")
    if options.readme and not wrong:
        report.update_readme(os.path.join(ROOT, "README.md"), rows, about)
    if options.readme and wrong:
        problems.append("README.md was left as it is, because results are missing")
    for line in problems:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def stop_by_signal(children, number, _):
    """Tells all children to end at once, so that no thread goes on waiting for one; the rest is done on the way out."""
    children.tell_all(signal.SIGTERM)
    raise KeyboardInterrupt(signal.Signals(number).name)


def run(options, home):
    began = time.monotonic()
    names = [name for name in SCENARIOS if re.search(options.only, name)]
    if not names:
        raise Trouble(f"no scenario matches {options.only}; there are: {', '.join(SCENARIOS)}")
    bench = Bench(options, home)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, partial(stop_by_signal, bench.children))
    try:
        bench.server.start()
        print(f"{bench.rounds} rounds, seed {options.seed}; {bench.cores.describe()}", flush=True)
        if options.repeat:
            return 0 if counts.repeat_check(bench) else 1
        return close_report(bench, options, names, began)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        bench.children.end_all()


def main():
    options = arguments()
    home = tempfile.mkdtemp(prefix="bench-")
    try:
        return run(options, home)
    except Trouble as trouble:
        print(f"bench: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt as signal_name:
        print(f"bench: stopped {signal_name}", file=sys.stderr)
        return 130
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
