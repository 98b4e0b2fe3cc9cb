"""Instructions per call by callgrind: two runs of different length, so that start and handshakes cancel out.

Usable from other scripts: instructions_per_call(lambda calls: [...], 200, 1200, "/tmp/somewhere").
"""

import os
import re
import tempfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

from tools import Children, Trouble, tool

PATIENCE = 300


class Names:
    """The names of one kind in a file; "(7) name" defines a short form and "(7)" uses it."""

    def __init__(self):
        self.known = {}

    def full(self, text):
        match = re.fullmatch(r"\((\d+)\)(?: (.*))?", text)
        if match is None:
            return text
        if match.group(2) is not None:
            self.known[match.group(1)] = match.group(2)
        return self.known[match.group(1)]


def self_cost_by_object(lines):
    """The first event's self cost by object; what a call costs inclusively, the line after `calls=`, is left out."""
    objects, cost = Names(), defaultdict(int)
    current, columns, skip = "???", 1, False
    for line in lines:
        line = line.rstrip("\n")
        key, equals, value = line.partition("=")
        if equals:
            if key == "ob":
                current = objects.full(value)
            elif key == "cob":
                objects.full(value)
            skip = skip or key == "calls"
        elif line.startswith("positions:"):
            columns = len(line.split()) - 1
        elif line[:1] in "+-*" or line[:1].isdigit():
            fields = line.split()
            if not skip and len(fields) > columns:
                cost[current] += int(fields[columns])
            skip = False
    return dict(cost)


def group_of(object_file, program):
    name = os.path.basename(object_file)
    if os.path.realpath(object_file) == os.path.realpath(program) or name.startswith("libdbxapps"):
        return "ours"
    for prefix, group in (("libssl", "OpenSSL"), ("libcrypto", "OpenSSL"), ("libc.so", "libc"), ("libc-", "libc"),
                          ("libstdc++", "libstdc++")):
        if name.startswith(prefix):
            return group
    return "other"


def count(argv, workdir, children):
    """One run under callgrind: instructions by group, checked against callgrind's own total."""
    out = os.path.join(tempfile.mkdtemp(prefix="callgrind-", dir=workdir), "out")
    words = [tool("valgrind"), "--tool=callgrind", "--compress-strings=no", "--compress-pos=no", "--trace-children=no",
             f"--callgrind-out-file={out}", *argv]
    status, text = children.run(words, PATIENCE, cwd=workdir)
    if status != 0 or not os.path.exists(out):
        raise Trouble(f"{os.path.basename(argv[0])} failed under callgrind: {text.strip()[-500:]}")
    groups = defaultdict(int)
    with open(out, encoding="utf-8", errors="replace") as lines:
        for object_file, cost in self_cost_by_object(lines).items():
            groups[group_of(object_file, argv[0])] += cost
    check_total(out, sum(groups.values()))
    return groups


def check_total(out, total):
    with open(out, encoding="utf-8", errors="replace") as lines:
        said = re.search(r"^(?:totals|summary): (\d+)", lines.read(), re.M)
    if said and abs(int(said.group(1)) - total) > 0.001 * total:
        raise Trouble(f"the costs read from {out} sum up to {total}, but callgrind says {said.group(1)}")


def instructions_per_call(command_for, c1, c2, workdir, children=None):
    """Instructions by group, and their "total", of one call: what c2 calls cost more than c1 calls, per call."""
    children = children or Children(workdir)
    with ThreadPoolExecutor(2) as pool:
        few, many = pool.map(lambda calls: count(command_for(calls), workdir, children), (c1, c2))
    per_call = {group: (many[group] - few[group]) / (c2 - c1) for group in {*few, *many}}
    for group in ("OpenSSL", "libc", "libstdc++", "ours", "other"):
        per_call.setdefault(group, 0.0)
    per_call["total"] = sum(per_call.values())
    return per_call
