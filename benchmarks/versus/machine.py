"""Names the machine and the versions that a table of results holds for."""

import os
import re
import subprocess

from tools import Trouble, tool


def first_match(pattern, text):
    match = re.search(pattern, text, re.M)
    return match.group(1).strip() if match else None


def contents(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def words_of(*argv):
    try:
        done = subprocess.run([tool(argv[0]), *argv[1:]], text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20)
    except (Trouble, OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def describe():
    model = first_match(r"^model name\s*:\s*(.*)$", contents("/proc/cpuinfo")) or os.uname().machine
    boost = first_match(r'BOOST_LIB_VERSION "(.*)"', contents("/usr/include/boost/version.hpp"))
    cores = len(os.sched_getaffinity(0))
    parts = [f"{model}, {cores} core{'s' if cores != 1 else ''}", f"Linux {os.uname().release}"]
    for name, version in (("nginx", first_match(r"nginx/(\S+)", words_of("nginx", "-v"))),
                          ("OpenSSL", first_match(r"^OpenSSL (\S+)", words_of("openssl", "version"))),
                          ("Boost", boost and boost.replace("_", "."))):
        if version:
            parts.append(f"{name} {version}")
    return "; ".join(parts)
