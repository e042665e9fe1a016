"""Does an autoscaler that reads cpu and custom metrics follow the larger wish, and does `kubectl top` answer?"""

import math
import time

from cluster.checks import HOLD, REACHED
from cluster.control_plane import quantity
from cluster.load import USUAL
from cluster.processes import until

TOLERANCE = 0.1  # a ratio this near to 1 asks for nothing


def cpu_and_custom(scenarios, workload):
    """Few requests that compute: cpu asks for more replicas than the requests in flight do."""
    checks, plane = scenarios.checks, scenarios.plane
    checks.served(workload)
    workload.load.path = "/work?hold=1&spin=0.06"
    scenarios.in_flight(workload, 5)
    until("a reading of each", lambda: len(readings(plane.autoscaler(workload))) == 3, 60)
    until("cpu to ask for more than one", lambda: wishes(plane.autoscaler(workload))["cpu"] > 1, 60)
    # A replica that has just begun has no reading yet and counts as idle: then less than the wish is right for a while.
    since, seen, end = None, [], time.monotonic() + REACHED + HOLD
    while time.monotonic() < end and not (since and time.monotonic() - since >= HOLD):
        autoscaler = plane.autoscaler(workload)
        asked, wanted = wishes(autoscaler), autoscaler["status"]["desiredReplicas"]
        followed = len(asked) == 3 and wanted >= max(asked.values()) and plane.replicas(workload) >= wanted
        since, seen = ((since or time.monotonic()), seen) if followed else (None, [])
        seen.append((wanted, *(f"{name} {wish}" for name, wish in sorted(asked.items()))))
        time.sleep(1)
    followed = since and any(f"cpu {one[0]}" in one for one in seen)
    checks.note(f"{workload.folder}: cpu and two custom metrics are all read, and the larger wish is followed", followed,
                "; ".join(f"wanted {wanted}: {', '.join(rest)}" for wanted, *rest in sorted(set(seen))))
    top = plane.kubectl("top", "pods", "-n", workload.namespace, "--no-headers").splitlines()
    checks.note(f"{workload.folder}: kubectl top pods answers", top and all(line.split()[1].endswith("m") for line in top),
                "; ".join(" ".join(line.split()[1:]) for line in top))
    workload.load.path = USUAL


def readings(autoscaler):
    """Of each metric in the autoscaler's status: its reading a replica."""
    found = {}
    for one in autoscaler["status"].get("currentMetrics") or []:
        about = one.get("pods") or one.get("object") or one.get("containerResource")
        if about and about["current"].get("averageValue"):
            found[about["metric"]["name"] if "metric" in about else about["name"]] = quantity(about["current"]["averageValue"])
    return found


def wishes(autoscaler):
    """How many replicas each metric asks for by its reading, as the autoscaler computes it."""
    replicas, found = autoscaler["status"]["currentReplicas"], {}
    current = readings(autoscaler)
    for one in autoscaler["spec"]["metrics"]:
        about = one.get("pods") or one.get("object") or one.get("containerResource")
        name = about["metric"]["name"] if "metric" in about else about["name"]
        if name in current:
            ratio = current[name] / quantity(about["target"]["averageValue"])
            found[name] = replicas if abs(ratio - 1) <= TOLERANCE else math.ceil(ratio * replicas - 1e-9)
    return found
