"""Scenarios that compare our client with itself: across a token refresh, in an outage, by threads; and its parts."""

import json
import os
import re
import subprocess

from connections import run
from rows import paired_row, row
from tools import Trouble


def storm(bench):
    """The slowest calls while the token is refreshed in the background beside those of a quiet time."""
    told = []
    for _ in range(bench.storm_rounds):
        said = run(bench, bench.clients["ours"], "storm", in_flight=64, seconds=bench.storm_seconds)
        if said.get("refreshes", 0) < 1:
            raise Trouble("no token was refreshed in the storm")
        told.append(said)
    return [paired_row(f"storm_{name}", [said[f"{name}_refresh_us"] for said in told],
                       [said[f"{name}_quiet_us"] for said in told], "without a refresh", "us")
            for name in ("p999", "p99", "max")]


def outage(bench):
    """The slowest calls to fourteen hosts while two more are out of order, beside those of a quiet time."""
    told = []
    for _ in range(bench.outage_rounds):
        said = run(bench, bench.clients["ours"], "outage", hosts=16, in_flight=64, seconds=bench.outage_seconds)
        if said.get("sick_failed", 0) < 1:
            raise Trouble("no call met the outage")
        told.append(said)
    return [paired_row(f"outage_{name}", [said[f"{name}_outage_us"] for said in told],
                       [said[f"{name}_quiet_us"] for said in told], "without an outage", "us")
            for name in ("p99", "p50")]


def threads(bench):
    """Calls per second with two threads beside one; neither client nor server is pinned, and nginx has two workers."""
    bench.note("threads: nothing is pinned, and two workers of nginx share all cores with the client")
    bench.server.stop()
    bench.server.start(workers=2, pinned=False)
    try:
        rates = {(kind, count): [] for kind in ("shared", "each") for count in (1, 2)}
        for _ in range(bench.rounds):
            for kind, count in bench.random.sample(list(rates), len(rates)):
                said = run(bench, bench.clients["ours"], "threads", pinned=False, path="/small", in_flight=64,
                           seconds=bench.thread_seconds, threads=count, clients=kind)
                rates[kind, count].append(said["calls"] / said["seconds"])
    finally:
        bench.server.stop()
        bench.server.start()
    return [paired_row(f"threads_{kind}", rates[kind, 2], rates[kind, 1], "one thread", "calls/s")
            for kind in ("shared", "each")]


def micro(bench):
    """Google Benchmark's figures; where it repeats, only the medians."""
    program = os.path.join(bench.bin, "bench_micro")
    if not os.access(program, os.X_OK):
        raise Trouble(f"the program {program} is missing")
    argv = [program, "--benchmark_format=json", f"--benchmark_min_time={bench.micro_seconds / 3:.3f}",
            "--benchmark_repetitions=3", "--benchmark_report_aggregates_only=true"]
    status, text = bench.children.run(argv, 240, stderr=subprocess.DEVNULL)
    if status != 0:
        raise Trouble(f"bench_micro failed with status {status}: {text[-300:]}")
    return micro_rows(json.loads(text)["benchmarks"])


def micro_rows(benchmarks):
    to_ns = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
    repeated = any(each.get("run_type") == "aggregate" for each in benchmarks)
    rows = []
    for each in benchmarks:
        if each.get("error_occurred"):
            raise Trouble(f"bench_micro: {each['name']}: {each.get('error_message')}")
        if repeated and each.get("aggregate_name") != "median":
            continue
        name = re.sub(r"\W+", "_", each.get("run_name", each["name"])).strip("_")
        rows.append(row(f"micro_{name}", each["real_time"] * to_ns[each["time_unit"]], None, None, "ns"))
    return rows
