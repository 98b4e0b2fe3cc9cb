"""The figures the project wants to reach; a report marks each as met or missed, and nothing fails by it."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A limit on a field of the rows with this name (a regular expression) and this peer (None: whichever)."""

    name: str
    peer_name: str | None
    field: str
    direction: str  # "<=" or ">="
    limit: float

    def fits(self, row):
        return re.fullmatch(self.name, row["name"]) and self.peer_name in (None, row["peer_name"])

    def met(self, row):
        value = row[self.field]
        return value is not None and (value <= self.limit if self.direction == "<=" else value >= self.limit)

    def text(self):
        sign = "≤" if self.direction == "<=" else "≥"
        return f"{sign} {self.limit:g}" + ("x" if self.field == "ratio" else "")


BEAST, CURL, BARE, WRK = "Beast as in its examples", "libcurl multi", "bare epoll + OpenSSL", "wrk"

TARGETS = [
    Target("instructions_total", None, "ours", "<=", 25_000),
    Target("instructions_total", BEAST, "ratio", "<=", 0.47),
    Target("instructions_total", CURL, "ratio", "<=", 0.15),
    Target("instructions_openssl", None, "ours", "<=", 15_000),  # "about 14 thousand"
    Target("allocations", None, "ours", "<=", 6),
    Target("allocations_token_hit", None, "ours", "<=", 0),
    Target("cpu_64", WRK, "ratio", "<=", 1.05),
    Target("cpu_512", WRK, "ratio", "<=", 1.05),
    Target("cpu_64", CURL, "ratio", "<=", 0.36),
    Target("syscalls", None, "ours", "<=", 3),
    Target("idle_4096", None, "ours", "<=", 40),
    Target("fanout_first", CURL, "ratio", "<=", 0.70),
    Target("fanout_first", BARE, "ratio", "<=", 1.05),
    Target("reconnect_cpu", None, "ratio", "<=", 0.52),
    Target("body_64k", WRK, "ratio", "<=", 1.05),
    Target("body_1m", BARE, "ratio", ">=", 0.9),
    Target(r"micro_\w*token_cache\w*hit(?!\w*thread)\w*", None, "ours", "<=", 40),
    Target("storm_p999", None, "ratio", "<=", 1.2),
    Target("outage_p99", None, "ratio", "<=", 1.2),
]


def judge(rows):
    """(target, row) for every target that some row answers; a target on our own figure is judged by one row only."""
    found = []
    for target in TARGETS:
        fitting = [row for row in rows if target.fits(row)]
        found += [(target, row) for row in (fitting[:1] if target.field == "ours" else fitting)]
    return found


def verdict(row, judged):
    """What the last column of a table says of this row."""
    return "; ".join(f"{target.text()} {'met' if target.met(row) else 'MISSED'}"
                     for target, its in judged if its is row)
