"""Scenarios that count instead of taking time: instructions, system calls and allocations per call."""

import os
import re
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from callgrind import instructions_per_call
from clients import Program
from connections import run
from rows import row
from tools import Trouble, tool

KEYS = ["ours", "bare", "beast", "curl"]
WAITS = ("epoll_wait", "epoll_pwait", "epoll_pwait2")


def instructions_of(bench, key):
    client = bench.clients[key]
    few, many, in_flight = bench.callgrind_calls

    def command_for(calls):
        return client.argv(bench.server, "calls", path="/small", calls=calls, in_flight=in_flight)

    return instructions_per_call(command_for, few, many, bench.server.home, bench.children)


def instructions(bench):
    found = {key: instructions_of(bench, key) for key in KEYS}
    few, many, in_flight = bench.callgrind_calls
    bench.note(f"instructions: what {many} calls cost more than {few}, {in_flight} in flight")
    for key in KEYS:
        groups = ", ".join(f"{group} {count:,.0f}" for group, count in sorted(found[key].items()) if group != "total")
        bench.note(f"instructions per call, {bench.clients[key].label}: {groups.replace('ours', 'the program itself')}")
    ours = found["ours"]
    return ([row("instructions_total", ours["total"], found[key]["total"], bench.clients[key].label, "instr/call")
             for key in KEYS if key != "ours"]
            + [row("instructions_openssl", ours["OpenSSL"], None, None, "instr/call"),
               row("instructions_own", ours["ours"], None, None, "instr/call")])


def repeat_check(bench):
    """Counts the instructions of our client twice; true when total and own part differ by at most 1 %."""
    first, second = instructions_of(bench, "ours"), instructions_of(bench, "ours")
    good = True
    for group in ("total", "ours"):
        difference = abs(second[group] - first[group]) / first[group]
        good = good and difference <= 0.01
        print(f"{group}: {first[group]:,.0f} and {second[group]:,.0f} instructions/call, {difference:.2%} apart")
    return good


def read_strace(text):
    """Calls by name from the table of strace -c."""
    found = Counter()
    for line in text.splitlines():
        match = re.match(r" *[\d.]+ +[\d.]+ +\d+ +(\d+)(?: +\d+)? +(\w+)$", line)
        if match and match.group(2) != "total":
            found[match.group(2)] += int(match.group(1))
    return found


def system_calls(bench, key, calls):
    out = os.path.join(tempfile.mkdtemp(prefix="strace-", dir=bench.server.home), "out")
    client = bench.clients[key]
    argv = client.argv(bench.server, "calls", path="/small", calls=calls, in_flight=64)
    status, text = bench.children.run([tool("strace"), "-f", "-c", "-o", out, *argv], 120)
    if not os.path.exists(out):
        raise Trouble(f"strace failed: {text.strip()[-300:]}")
    client.check(text, status)
    with open(out, encoding="ascii", errors="replace") as table:
        return read_strace(table.read())


def syscalls(bench):
    few, many = bench.strace_calls
    with ThreadPoolExecutor(2) as pool:
        tables = list(pool.map(lambda job: system_calls(bench, *job), [(k, n) for k in KEYS for n in (few, many)]))
    totals = {}
    for key, less, more in zip(KEYS, tables[::2], tables[1::2]):
        each = {name: (more[name] - less[name]) / (many - few) for name in more}
        totals[key] = sum(count for name, count in each.items() if name not in WAITS)
        names = ", ".join(f"{name} {count:.2f}" for name, count in sorted(each.items(), key=lambda i: -i[1])
                          if count >= 0.005)
        bench.note(f"system calls per call, {bench.clients[key].label}: {names}")
    return [row("syscalls", totals["ours"], totals[key], bench.clients[key].label, "syscalls/call")
            for key in KEYS if key != "ours"]


def allocations_of(bench, client):
    """Per call in steady state, which is what the last two thirds of a run add, and per hit of the token cache."""
    few, many = 20000, 60000
    said = [run(bench, client, "calls", path="/small", calls=n, in_flight=64) for n in (few, many)]
    totals = [each["allocations_per_call"] * n for each, n in zip(said, (few, many))]
    return (totals[1] - totals[0]) / (many - few), said[1]["allocations_per_token_hit"]


def allocations(bench):
    """Counted by our program itself in a build of its own, without OpenSSL's."""
    of_call, of_hit = allocations_of(bench, Program(bench.bin, "ours_counted", "ours, counted"))
    bench.note("allocations: those of OpenSSL are not counted")
    return [row("allocations", of_call, None, None, "allocations/call"),
            row("allocations_token_hit", of_hit, None, None, "allocations/hit")]
