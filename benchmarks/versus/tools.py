"""What every part of the driver needs: errors, programs found by name, children that are surely ended, the cores."""

import os
import resource
import shutil
import signal
import subprocess
import time

SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PACKAGES = {"nginx": "nginx-light", "wrk": "wrk", "h2load": "nghttp2-client", "strace": "strace",
            "valgrind": "valgrind", "openssl": "openssl", "taskset": "util-linux"}


class Trouble(Exception):
    """Something that keeps a scenario from giving a figure; its text is for the user."""


def tool(name):
    """The full path of a program of the system."""
    path = shutil.which(name) or shutil.which(name, path=SEARCH_PATH)
    if path is None:
        raise Trouble(f"{name} is missing (Debian package {PACKAGES.get(name, name)})")
    return path


def environment(home):
    """The same few variables for every child, so that nothing of the user's shell moves a count."""
    return {"PATH": SEARCH_PATH, "LANG": "C", "LC_ALL": "C", "HOME": home, "TZ": "UTC"}


def raise_file_limit():
    """As many open files as are allowed, and never more than anything here needs."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return limit


class Cores:
    """One core for the clients and another one for the server, or no pinning where there is only one."""

    def __init__(self):
        allowed = sorted(os.sched_getaffinity(0))
        self.pinned = len(allowed) > 1
        self.client, self.server = (allowed[0], allowed[1]) if self.pinned else (None, None)

    def on(self, core, argv):
        if core is None:
            return argv
        return [tool("taskset"), "-c", str(core), *argv]

    def describe(self):
        if not self.pinned:
            return "one core: client and server share it, nothing is pinned"
        return f"client on core {self.client}, server on core {self.server}"


class Children:
    """Every process started here leads a session of its own and is ended by its id when the driver ends."""

    def __init__(self, home):
        self.home = home
        self.running = []

    def start(self, argv, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        try:
            child = subprocess.Popen(argv, env=environment(self.home), start_new_session=True, **options)
        except OSError as error:
            raise Trouble(f"cannot start {argv[0]}: {error}") from None
        self.running.append(child)
        return child

    def run(self, argv, patience, **options):
        """Exit status and output, both streams in one, of a child that ends by itself."""
        options.setdefault("stderr", subprocess.STDOUT)
        child = self.start(argv, stdout=subprocess.PIPE, text=True, errors="replace", **options)
        try:
            text, _ = child.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            raise Trouble(f"{os.path.basename(argv[0])} did not end within {patience} s") from None
        finally:
            self.end(child)
        return child.returncode, text

    def end(self, child, first=signal.SIGTERM, patience=3.0):
        if child.poll() is None:
            self._signal(child, first)
            try:
                child.wait(patience)
            except subprocess.TimeoutExpired:
                self._signal(child, signal.SIGKILL)
                child.wait()
        if child in self.running:
            self.running.remove(child)

    def tell_all(self, number):
        for child in list(self.running):
            if child.returncode is None:
                self._signal(child, number)

    def end_all(self):
        for child in reversed(list(self.running)):
            self.end(child)

    @staticmethod
    def _signal(child, number):
        try:
            os.killpg(child.pid, number)
        except ProcessLookupError:
            pass


def wait_until(condition, patience, what):
    """Asks every few milliseconds until the condition holds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise Trouble(f"waited {patience:.0f} s in vain for {what}")
        time.sleep(0.005)
