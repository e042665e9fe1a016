"""Which load asks for how many replicas, signal by signal, and what must not move them?

Each function is what one workload goes through; `run` starts those that do not disturb each other side by side.
"""

import concurrent.futures
import signal
import time

from cluster.checks import HOLD
from cluster.load import USUAL
from cluster.processes import http, until

OUTAGE = 45    # seconds without Prometheus
MAXIMUM = 12   # replicas, as declared

# Target 10 in flight, 10 busy, 15 per second, a queue of 30. No load is a whole multiple of its target: a reading that
# is a thousandth too high would rightly ask for one replica more. Nor may one replica fewer be within the autoscaler's
# tolerance of a tenth where the reading rises over some seconds, as a rate does: of 75 it rests at 7 when it comes by there.
IN_FLIGHT = [(0, 1), (35, 4), (75, 8), (0, 1)]
BUSY = [(0, 1), (35, 4), (78, 8), (0, 1)]
PER_SECOND = [(0, 1), (55, 4), (117, 8), (0, 1)]
QUEUE = [(0, 1), (100, 4), (220, 8), (0, 1)]


class Scenarios:
    def __init__(self, checks, node, monitoring):
        self.checks, self.plane, self.node, self.monitoring = checks, checks.plane, node, monitoring

    # --- how load is offered ---

    def in_flight(self, workload, amount):
        if 0 < workload.offered < amount:
            self.after_a_decision(workload)
        workload.offered = workload.load.in_flight = amount

    def per_second(self, workload, amount):
        workload.load.path = "/work?hold=0.2"
        workload.offered = workload.load.per_second = amount

    def queue(self, workload, depth):
        workload.offered = depth
        http(f"http://{workload.queue}/depth/{depth}", method="PUT")

    def after_a_decision(self, workload):
        """So that the next one sees all of a change, not the half of it that has been scraped: it decides at a constant pace,
        and one request more shows in its status when it does."""
        before = self.reading(workload)
        workload.load.in_flight += 1
        until("the autoscaler to notice one request more", lambda: self.reading(workload) != before, 30)

    def reading(self, workload):
        return self.plane.autoscaler(workload).get("status", {}).get("currentMetrics")

    # --- what a workload goes through ---

    def follows(self, workload, offer, what, steps):
        """The steps of one signal, and that no request was lost, on the way down least of all."""
        self.checks.served(workload)
        load, lost = workload.load, workload.load.lost
        for amount, right in steps:
            offer(workload, amount)
            self.checks.step(workload, f"{amount} {what} ask for {right}", right)
        if offer != self.queue:
            self.checks.note(f"{workload.folder}: no request was lost", load.lost == lost and load.answered,
                             f"{load.answered} answered{load.why_lost()}")

    def settled(self, workload, offer, amount, right):
        offer(workload, amount)
        return self.checks.step(workload, f"{amount} offered ask for {right} again", right, 5)

    def one_process_dies(self, workload):
        """Its Pod stays Running, as one whose process hangs would: a value is missing, and missing is not zero."""
        if not self.settled(workload, self.in_flight, 35, 4):
            return
        until("four values", lambda: len(self.plane.signal(workload)) == 4, 30)
        victim = self.node.reachable(workload)[0]
        self.plane.processes.stop(victim.processes["app"], how=signal.SIGKILL)
        until("its value to be missing", lambda: len(self.plane.signal(workload)) == 3, 60)
        self.checks.stays(workload, "one of four processes is killed, its Pod stays Running: replicas stay", 4, 60)
        self.plane.raw(f"/api/v1/namespaces/{workload.namespace}/pods/{victim.name}", "DELETE")
        until("a Pod in its place", lambda: len(self.node.reachable(workload)) == 4, 60)

    def only_the_named_container(self, workload):
        """The second one has more in flight than the first, exposes the same, and counts for nothing."""
        self.checks.served(workload)
        workload.beside[0].in_flight = 55
        self.in_flight(workload, 35)
        self.checks.step(workload, "35 in flight in the named container, 55 in the other ask for 4", 4)
        own, both = sum(self.plane.signal(workload).values()), sum(self.plane.signal(workload, container=None).values())
        self.checks.note(f"{workload.folder}: the selector tells them apart", own < 45 and both > 75,
                         f"{own:.0f} with it, {both:.0f} without")
        self.in_flight(workload, 0)
        self.checks.step(workload, "0 in the named container, 55 in the other ask for 1", 1, 5)
        workload.beside[0].in_flight = 0

    def clients_give_up(self, workload):
        """Each hangs up after a fifth of what an answer takes, and asks again at once."""
        workload.load.gives_up, workload.load.path = 1.5, "/work?hold=8"
        self.in_flight(workload, 35)
        self.checks.step(workload, "35 clients that give up ask for 4", 4, 5)
        # While the last replicas begin, some are scraped before and some after clients have moved to them.
        until("a share of the load on each replica", lambda: self.spread(workload, 4), 60)
        readings, missing, end = [], 0, time.monotonic() + HOLD
        while time.monotonic() < end:
            values = self.plane.signal(workload).values()
            # A scrape that failed is a value that is missing, for which the autoscaler has its own rule.
            readings, missing = ([*readings, sum(values)], missing) if len(values) == 4 else (readings, missing + 1)
            time.sleep(1)
        # One that hangs up and the next that comes may both be counted for a moment, or neither.
        true = [reading for reading in readings if abs(reading - 35) <= 5]
        self.checks.note(f"{workload.folder}: the signal stays true while clients give up",
                         len(readings) > missing and len(true) >= 0.9 * len(readings),
                         f"{min(readings, default=0):.0f} to {max(readings, default=0):.0f} of 35 in {HOLD} s, {missing} readings "
                         f"incomplete, {workload.load.given_up} gave up")
        self.in_flight(workload, 0)
        self.checks.step(workload, "they leave, and 1 is asked for", 1)
        self.checks.note(f"{workload.folder}: nothing is left in flight", sum(self.plane.signal(workload).values()) == 0)
        selector = f'{{namespace="{workload.namespace}",error_type="cancelled"}}'
        cancelled = self.monitoring.number(f"sum(max_over_time(http_server_requests_total{selector}[10m]))") or 0
        self.checks.note(f"{workload.folder}: they are counted as cancelled", cancelled > 0, f"{cancelled:.0f}")
        workload.load.gives_up, workload.load.path = None, USUAL

    def spread(self, workload, replicas):
        values = self.plane.signal(workload).values()
        return len(values) == replicas and min(values) > 0 and abs(sum(values) - workload.offered) <= 2

    def negative_control(self, workload):
        """5 in flight of half a second: one replica is right by requests in flight. By a p99 against 0.25 s, which
        metrics-kube refuses and which is forced on KEDA here, every replica asks for more, and none helps."""
        workload.load.path = "/work?hold=0.5"
        self.in_flight(workload, 5)
        self.checks.step(workload, "5 in flight for 0.5 s each ask for 1", 1)
        self.plane.kubectl("apply", "-f", "-", text=forced(workload))
        self.checks.step(workload, f"the same load by its p99, target 0.25 s, runs to {MAXIMUM} and stays", MAXIMUM)
        self.plane.kubectl("apply", "-f", workload.scaler)
        self.checks.step(workload, "and by requests in flight is back at 1", 1, 5)
        workload.load.path = USUAL

    # --- what all of them go through ---

    def prometheus_goes(self, held, forget):
        """`held`: workloads that rest at four replicas. Together: (re)starts and waits are the same for all."""
        how = "returns empty" if forget else "returns with its data"
        self.monitoring.stop_prometheus(forget)
        together([(self.checks.stays, workload, f"Prometheus is away for {OUTAGE} s: replicas stay", 4, OUTAGE)
                  for workload in held])
        self.monitoring.start_prometheus()
        together([(self.checks.stays, workload, f"Prometheus {how}: never below", 4, 30, 5) for workload in held])


def forced(workload):
    """The generated ScaledObject with a latency in the place of its signal."""
    lines = []
    for line in workload.scaler.read_text().splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        if line.lstrip().startswith("query:"):
            bucket = f'http_server_request_duration_seconds_bucket{{namespace="{workload.namespace}",container="app"}}'
            line = f"{indent}query: histogram_quantile(0.99, sum by (le) (rate({bucket}[8s])))"
        elif line.lstrip().startswith("threshold:"):
            line = f"{indent}threshold: '0.25'"
        elif line.lstrip().startswith("metricType:"):
            line = f"{indent}metricType: Value"
        lines.append(line)
    return "\n".join(lines)


def together(calls):
    """Each a function and its arguments, in a thread of its own; what one of them raises is raised here."""
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as hands:
        for done in concurrent.futures.as_completed([hands.submit(*call) for call in calls]):
            done.result()
