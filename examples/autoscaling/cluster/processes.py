"""Which processes belong to this run, and how does every one of them end?"""

import contextlib
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request


class Unready(Exception):
    """Something did not become ready; says what was waited for, how long, and where to look."""


# Below those that the system gives to clients: Prometheus comes back to its port after a while, and must find it free.
SERVER_PORTS = range(20_000, 32_000)


def free_ports(count):
    """Ports that are free now, all unlike each other: they are held until the last is found."""
    with contextlib.ExitStack() as held:
        found = []
        for port in random.sample(SERVER_PORTS, len(SERVER_PORTS)):
            one = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                one.bind(("127.0.0.1", port))
                found.append(port)
            if len(found) == count:
                return found
    raise OSError(f"fewer than {count} ports of {SERVER_PORTS} are free")


def http(url, timeout=5, **request):
    with urllib.request.urlopen(urllib.request.Request(url, **request), timeout=timeout) as answer:
        return answer.read()


def until(what, condition, seconds):
    """The first true value of `condition`, which may fail while what it asks is not up yet."""
    end, last = time.monotonic() + seconds, "no answer"
    while time.monotonic() < end:
        try:
            if found := condition():
                return found
            last = f"it said {found!r}"
        except (OSError, KeyError, IndexError, ValueError) as error:
            last = f"{type(error).__name__}: {error}"
        time.sleep(0.2)
    raise Unready(f"{what}: not after {seconds} s; {last}")


class Processes:
    """Started by name with a log each, in a folder of their own; all stopped by id, the last started first."""

    def __init__(self, keep):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="autoscaling-"))
        # The node starts and stops from a thread of its own.
        self.keep, self.running, self.lock = keep, [], threading.Lock()

    def start(self, name, *command, **options):
        # A session of their own: ctrl-C reaches the program, which then stops them in order.
        with open(self.root / f"{name}.log", "ab") as log:
            process = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log, cwd=self.root,
                                       stdin=subprocess.DEVNULL, start_new_session=True, **options)
        with self.lock:
            self.running.append((name, process))
        return process

    def stop(self, process, seconds=15, how=signal.SIGTERM):
        process.send_signal(how)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with self.lock:
            self.running = [(name, other) for name, other in self.running if other is not process]

    def stop_all(self):
        for _, process in reversed(self.running):
            process.terminate()
        end = time.monotonic() + 15
        for _, process in self.running:
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self.keep:
            print(f"logs: {self.root}")
        else:
            shutil.rmtree(self.root, ignore_errors=True)

    def dead(self):
        """Names of those that ended by themselves."""
        return [name for name, process in list(self.running) if process.poll() is not None]
