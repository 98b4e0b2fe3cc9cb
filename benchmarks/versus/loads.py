"""Scenarios under steady load: CPU per call and calls per second at 1, 64 and 512 in flight, and large bodies."""

import subprocess
import time

from clients import finish
from rows import rows_of_rounds
from sampling import sample
from server import FILES
from tools import Trouble, wait_until


class Timing:
    """How long a client is warmed up and watched, and by how much it must outlast that.

    A client that counts its seconds from before all its connections are there, by its nature or as its first run shows,
    gets the time that connecting took in its earlier runs.
    """

    def __init__(self, warm, window, slack):
        self.warm, self.window, self.slack = warm, window, slack
        self.connecting, self.late = {}, set()

    def seconds(self, client, in_flight):
        key, extra = (client.key, in_flight), 0.0004 * in_flight  # until its first calls are seen
        if client.counts_connecting or key in self.late:
            extra += 1.3 * self.connecting.get(key, 0.05 + 0.0015 * client.connections(in_flight))
        return self.warm + self.window + self.slack + extra

    def learn(self, client, in_flight, seconds):
        key = client.key, in_flight
        self.connecting[key] = max(seconds, self.connecting.get(key, 0))


class TooShort(Exception):
    """The client had ended before the second sample, or its time was up before it was connected."""


def start(bench, client, path, in_flight, seconds):
    argv = bench.cores.on(bench.cores.client, client.load(bench.server, path, in_flight, seconds))
    return bench.children.start(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def watch(bench, client, child, in_flight, calls_to_begin):
    """Two samples a window apart, once all connections are there and have carried some calls."""
    status, timing, began = bench.server.status, bench.timing, time.monotonic()
    _, base = status.read()

    def ready():
        active, requests = status.read()
        if child.poll() is not None:
            finish(client, child, patience=1)
            raise TooShort
        return active >= client.connections(in_flight) and requests - base >= calls_to_begin

    wait_until(ready, 20, f"{client.label} to have {in_flight} calls in flight")
    timing.learn(client, in_flight, time.monotonic() - began)
    time.sleep(timing.warm)
    first = sample(status, child.pid)
    time.sleep(timing.window)
    last = sample(status, child.pid)
    if last.active < client.connections(in_flight) or child.poll() is not None:
        raise TooShort
    return first, last


def measure(bench, client, path, in_flight, seconds):
    """CPU microseconds per call and calls per second of one client in one round."""
    wait_until(lambda: bench.server.status.read()[0] == 0, 10, "the connections of the client before to close")
    child = start(bench, client, path, in_flight, seconds)
    try:
        first, last = watch(bench, client, child, in_flight, (2 if path == "/small" else 1) * in_flight)
        if client.stop_signal is not None:
            child.send_signal(client.stop_signal)
        finish(client, child, patience=seconds + 3)
    except (FileNotFoundError, ProcessLookupError, subprocess.TimeoutExpired):
        raise TooShort from None
    finally:
        bench.children.end(child)
    calls = last.requests - first.requests
    if calls <= 0:
        raise Trouble(f"{client.label} made no call in {bench.timing.window} s")
    return {"cpu_us": (last.cpu - first.cpu) / calls * 1e6, "rate": calls / (last.time - first.time)}


def measure_patiently(bench, client, path, in_flight):
    """The same, and again with a longer life when the client had ended too early."""
    for factor in (1, 2, 4):
        try:
            return measure(bench, client, path, in_flight, factor * bench.timing.seconds(client, in_flight))
        except TooShort:
            bench.timing.late.add((client.key, in_flight))
    raise Trouble(f"{client.label} never ran for the time it was told to with {in_flight} calls in flight")


def all_rounds(bench, keys, path, in_flight):
    """A list of rounds; in each of them every client is measured once, in an order of its own."""
    clients = [bench.clients[key] for key in keys]
    for client in clients:
        client.load(bench.server, path, in_flight, 1)
    rounds = []
    for _ in range(bench.rounds):
        order = bench.random.sample(clients, len(clients))
        rounds.append({client.key: measure_patiently(bench, client, path, in_flight) for client in order})
    return rounds


def labels(bench, keys):
    return {key: bench.clients[key].label for key in keys}


def cpu(bench, in_flight):
    keys = ["ours", "bare", "wrk", "h2load_h1", "h2load_h2", "beast", "curl"]
    rounds = all_rounds(bench, keys, "/small", in_flight)
    return (rows_of_rounds(f"cpu_{in_flight}", rounds, labels(bench, keys), "us/call", lambda m: m["cpu_us"])
            + rows_of_rounds(f"rate_{in_flight}", rounds, labels(bench, keys), "calls/s", lambda m: m["rate"]))


def body(bench, size):
    keys = ["ours", "bare", "wrk", "beast", "curl"]
    rounds = all_rounds(bench, keys, f"/{size}", 16)
    if size == "64k":
        return rows_of_rounds("body_64k", rounds, labels(bench, keys), "us/call", lambda m: m["cpu_us"])
    return rows_of_rounds("body_1m", rounds, labels(bench, keys), "MB/CPU s", lambda m: FILES[size] / m["cpu_us"])
