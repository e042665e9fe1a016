"""What does a person see while it runs? One line that is written anew, and stays whenever the replicas change."""

import sys
import threading
import time
import urllib.error

HEAD = f"{'time':>6}  {'load':>4}  {'wanted':>6}  {'replicas':>8}  {'running':>7}  signal per pod, as the autoscaler is served it"


class Table(threading.Thread):
    def __init__(self, plane, node, load):
        super().__init__(name="table", daemon=True)
        self.plane, self.node, self.load = plane, node, load
        self.metric, self.of, self.offered = None, "pods", lambda: load.wanted
        self.began, self.ending, self.lock = time.monotonic(), threading.Event(), threading.Lock()
        self.live = sys.stdout.isatty()

    def run(self):
        self.say(HEAD)
        last = None
        while not self.ending.is_set():
            try:
                row, replicas = self.row()
            except (OSError, ValueError, KeyError):
                self.ending.wait(1)
                continue
            if replicas != last:
                self.say(row)
                last = replicas
            elif self.live:
                with self.lock:
                    print(f"\r\x1b[K{row[:160]}", end="", flush=True)
            self.ending.wait(1)

    def row(self):
        replicas, wanted = self.plane.replicas(), self.plane.wanted()
        columns = [f"{time.monotonic() - self.began:5.0f}s", f"{self.offered():4}", f"{wanted or '-':>6}", f"{replicas:8}",
                   f"{len(self.node.reachable()):7}", self.signal()]
        return "  ".join(columns), replicas

    def signal(self):
        try:
            values = self.plane.signal(self.metric, self.of).values() if self.metric else []
        except (urllib.error.URLError, OSError, ValueError, KeyError):
            return "none served"
        return " ".join(f"{value:.3g}" for value in sorted(values, reverse=True))

    def say(self, text):
        """A line that stays, above the one that is written anew."""
        with self.lock:
            print(f"\r\x1b[K{text}" if self.live else text, flush=True)
