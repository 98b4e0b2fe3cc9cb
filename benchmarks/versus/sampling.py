"""Measures from outside, the same way for every client: calls by nginx's own counter, CPU time by the kernel's."""

import http.client
import os
import re
import time
from dataclasses import dataclass


class Status:
    """nginx's stub_status over one connection that stays; what it asks itself is subtracted from the counts."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self.asked = 0

    def answers(self):
        try:
            self.read()
            return True
        except OSError:
            self.connection.close()
            return False

    def read(self):
        """The connections open and the requests begun so far, both without this object's own."""
        self.connection.request("GET", "/status")
        text = self.connection.getresponse().read().decode()
        self.asked += 1
        active = int(re.search(r"Active connections: (\d+)", text).group(1))
        requests = int(re.search(r"^ *\d+ +\d+ +(\d+) *$", text, re.M).group(1))
        return active - 1, requests - self.asked

    def close(self):
        self.connection.close()


def cpu_seconds(pid):
    """CPU time of a process with all its threads, in full precision where the kernel lends its clock of it."""
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except OSError:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Sample:
    """One moment of a client under load."""

    active: int
    requests: int
    cpu: float
    time: float


def sample(status, pid):
    active, requests = status.read()
    return Sample(active, requests, cpu_seconds(pid), time.monotonic())
