"""What is asserted, and what counts as true? A check is one line, `ok` or `FAIL`, with what was seen.

Times are told, and asserted only as the bounds below. Checks of several workloads run side by side, each in a thread.
"""

import threading
import time

from cluster.processes import until

REACHED = 60   # seconds within which the right number of replicas is there
WINDOW = 20    # scale-down stabilisation of the generated files, which comes on top on the way down
HOLD = 20      # seconds for which it must then stay: four decisions of the autoscaler


class Checks:
    def __init__(self, plane, say):
        self.plane, self.say, self.results, self.lock = plane, say, [], threading.Lock()

    def note(self, what, passed, detail=""):
        with self.lock:
            self.results.append(bool(passed))
        self.say(f"{'ok  ' if passed else 'FAIL'}  {what}{': ' if detail else ''}{detail}")
        return bool(passed)

    def summary(self):
        return f"{sum(self.results)} passed, {len(self.results) - sum(self.results)} failed"

    def served(self, workload):
        """Puts the generated scaler in place and waits until it is served its signal."""
        self.plane.kubectl("apply", "-f", workload.scaler)
        until(f"a signal for {workload.folder}", lambda: self.plane.signal(workload), 90)

    def step(self, workload, what, right, hold=HOLD):
        """Reached in time, at most one beyond on the way, and then held."""
        began, since, seen = time.monotonic(), None, []
        before = self.plane.replicas(workload)
        limit = REACHED + (WINDOW if before > right else 0)
        while True:
            now, replicas = time.monotonic(), self.plane.replicas(workload)
            if not seen or replicas != seen[-1]:
                seen.append(replicas)
            since = (since or now) if replicas == right else None
            if since and now - since >= hold:
                break
            if (since is None and now - began > limit) or now - began > limit + hold:
                since = None  # never there, or it comes and goes
                break
            time.sleep(0.5)
        low, high = min(before, right), max(before, right)
        within = all(low <= number <= high + 1 for number in seen)
        reached = f"after {since - began:.0f} s, held {hold} s" if since else f"not within {limit} s"
        return self.note(f"{workload.folder}: {what}", since and within, f"{reached}, by way of {seen}")

    def stays(self, workload, what, right, seconds, most=None):
        """The replicas do not leave `right` (or, with `most`, what lies up to it) for so long."""
        end, seen = time.monotonic() + seconds, set()
        while time.monotonic() < end:
            seen.add(self.plane.replicas(workload))
            time.sleep(0.5)
        return self.note(f"{workload.folder}: {what}", seen and all(right <= number <= (most or right) for number in seen),
                         f"{sorted(seen)} in {seconds} s")
