"""How each client is called and how its words about failures are read: our programs, wrk and h2load."""

import json
import os
import re
import signal

from tools import Trouble, tool

HOST = "app.bench.test"
HEADERS = {"User-Agent": "bench/1", "Accept": "application/json"}


class Program:
    """One of the programs in the folder of --bin; all of them share one command line."""

    stop_signal, counts_connecting = None, False

    def __init__(self, folder, key, label):
        self.key, self.label = key, label
        self.path = os.path.join(folder, f"peer_{key}")

    def require(self):
        if not os.access(self.path, os.X_OK):
            raise Trouble(f"the program {self.path} is missing")

    def exists(self):
        return os.access(self.path, os.X_OK)

    def argv(self, server, mode, **options):
        """The command line; option names with underscores get dashes."""
        self.require()
        words = [self.path, mode, "--port", str(server.port), "--ca", server.ca, "--token", server.token]
        for name, value in options.items():
            words += ["--" + name.replace("_", "-"), str(value)]
        return words

    def load(self, server, path, in_flight, seconds):
        return self.argv(server, "load", path=path, in_flight=in_flight, seconds=f"{seconds:.2f}")

    @staticmethod
    def connections(in_flight):
        return in_flight

    def check(self, text, status):
        """The JSON line printed, once nothing in it tells of a failure."""
        lines = [line for line in text.splitlines() if line.startswith("{")]
        try:
            said = json.loads(lines[-1]) if lines else {}
        except ValueError:
            raise Trouble(f"{self.label} printed no JSON but: {text[-200:]}") from None
        failed = sum(part.get("failures", 0) for part in (said, *said.values()) if isinstance(part, dict))
        if status != 0 or failed or not said:
            raise Trouble(f"{self.label}: {failed} failures, exit status {status}, output: {text.strip()[-300:]}")
        return said


class Wrk:
    """wrk with one thread; it runs until it is interrupted."""

    key, label = "wrk", "wrk"
    stop_signal, counts_connecting = signal.SIGINT, False

    def load(self, server, path, in_flight, seconds):
        words = [tool("wrk"), "-t1", f"-c{in_flight}", f"-d{int(seconds) + 30}s", "--timeout", "30s"]
        headers = {"Host": f"{HOST}:{server.port}", **HEADERS, "Authorization": bearer(server)}
        for name, value in headers.items():
            words += ["-H", f"{name}: {value}"]
        return [*words, f"https://127.0.0.1:{server.port}{path}"]

    @staticmethod
    def connections(in_flight):
        return in_flight

    def check(self, text, status):
        bad = re.findall(r"Non-2xx.*|Socket errors.*|unable to.*", text)
        if status != 0 or bad or "Requests/sec" not in text:
            raise Trouble(f"wrk: exit status {status}: {' '.join(bad) or text.strip()[-300:]}")
        return {}


class H2load:
    """h2load with one thread: a connection per call in HTTP/1.1, at most eight shared connections in HTTP/2.

    It never ends when its time is up before all its connections are there.
    """

    stop_signal, counts_connecting = None, True

    def __init__(self, http2):
        self.http2 = http2
        self.key = "h2load_h2" if http2 else "h2load_h1"
        self.label = "h2load HTTP/2" if http2 else "h2load HTTP/1.1"

    def load(self, server, path, in_flight, seconds):
        clients = self.connections(in_flight)
        port = server.port_h2 if self.http2 else server.port
        words = [tool("h2load"), "-t1", f"-c{clients}", f"-D{int(seconds * 1000)}ms",
                 f"--connect-to=127.0.0.1:{port}"]
        words += [f"-m{-(-in_flight // clients)}"] if self.http2 else ["--h1"]
        for name, value in {**HEADERS, "Authorization": bearer(server)}.items():
            words += ["-H", f"{name}: {value}"]
        return [*words, f"https://{HOST}:{port}{path}"]

    def connections(self, in_flight):
        return min(8, in_flight) if self.http2 else in_flight

    def check(self, text, status):
        counts = re.search(r"(\d+) failed, (\d+) errored, (\d+) timeout", text)
        codes = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", text)
        bad = [int(n) for n in (*counts.groups(), *codes.groups()[1:])] if counts and codes else [1]
        if status != 0 or any(bad) or int(codes.group(1)) == 0:
            raise Trouble(f"{self.label}: exit status {status}: {text.strip()[-300:]}")
        return {}


def bearer(server):
    with open(server.token, encoding="ascii") as token:
        return "Bearer " + token.read().strip()


def finish(client, child, patience):
    """Waits for the end of a client and gives what its check gives."""
    text, _ = child.communicate(timeout=patience)
    return client.check(text, child.returncode)
