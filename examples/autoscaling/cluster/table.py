"""What does a person see while it runs? A line for each workload whenever its replicas change; of one alone, also one that is
written anew every second."""

import sys
import threading
import time
import urllib.error

HEAD = (f"{'time':>6}  {'load':>4}  {'wanted':>6}  {'replicas':>8}  {'running':>7}  {'':14}  "
        "signal per pod, as the autoscaler is served it")


class Table(threading.Thread):
    def __init__(self, plane, node, workloads):
        super().__init__(name="table", daemon=True)
        self.plane, self.node, self.workloads = plane, node, workloads
        self.began, self.ending, self.lock = time.monotonic(), threading.Event(), threading.Lock()
        self.live = sys.stdout.isatty()

    def run(self):
        self.say(HEAD)
        last = {}
        while not self.ending.is_set():
            for workload in self.workloads:
                self.show(workload, last)
            self.ending.wait(1)

    def show(self, workload, last):
        try:
            replicas = self.plane.replicas(workload)
            if replicas != last.get(workload):
                self.say(self.row(workload, replicas))
                last[workload] = replicas
            elif self.live and len(self.workloads) == 1:
                row = self.row(workload, replicas)
                with self.lock:
                    print(f"\r\x1b[K{row[:160]}", end="", flush=True)
        except (OSError, ValueError, KeyError):
            return  # asked again in a second

    def row(self, workload, replicas):
        return "  ".join([
            f"{time.monotonic() - self.began:5.0f}s", f"{workload.offered:4}", f"{self.plane.wanted(workload) or '-':>6}",
            f"{replicas:8}", f"{len(self.node.reachable(workload)):7}", f"{workload.folder:14}", self.signal(workload)])

    def signal(self, workload):
        try:
            values = self.plane.signal(workload).values()
        except (urllib.error.URLError, OSError, ValueError, KeyError):
            return "none served"
        return " ".join(f"{value:.3g}" for value in sorted(values, reverse=True))

    def say(self, text):
        """A line that stays, above the one that is written anew."""
        with self.lock:
            print(f"\r\x1b[K{text}" if self.live else text, flush=True)
