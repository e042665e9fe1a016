"""What does a node do for a Pod, where there is no kubelet? One process, one scrape target, and the status Running."""

import json
import re
import threading
import time
import urllib.error

from cluster.processes import Unready, http, until

LEAVES_THE_BALANCER = 0.3  # seconds until no new request comes to a Pod that is to end; what a preStop hook waits for
DEMO = "/api/v1/namespaces/demo/pods"


class Pod:
    def __init__(self, name, process, address):
        self.name, self.process, self.address = name, process, address
        self.in_flight = 0  # requests of the load, which spreads itself by this

    def alive(self):
        return self.process.poll() is None


class Node(threading.Thread):
    """Follows the Pods of the Deployment until told to stop. A process that dies is left dead, and its Pod Running:
    that is what a check needs."""

    def __init__(self, plane, command):
        super().__init__(name="node", daemon=True)
        self.plane, self.command = plane, command
        self.pods, self.errors, self.ending = {}, [], threading.Event()

    def run(self):
        while not self.ending.is_set():
            try:
                self.follow()
            except (OSError, ValueError, Unready) as error:
                # A Pod that was deleted meanwhile is no error.
                if not (isinstance(error, urllib.error.HTTPError) and error.code in (404, 409)):
                    self.errors.append(f"{type(error).__name__}: {error}")
            self.ending.wait(0.5)

    def follow(self):
        listed = self.plane.get(DEMO)["items"]
        live = {item["metadata"]["name"] for item in listed if not item["metadata"].get("deletionTimestamp")}
        self.remove(self.pods.keys() - live)
        self.add(sorted(live - self.pods.keys()))

    def add(self, names):
        """All at once: the slowest start counts, not their sum."""
        started = {name: self.plane.processes.start(name, *self.command, "--listen", "127.0.0.1:0") for name in names}
        for name, process in started.items():
            address = until(f"{name} to say where it listens", lambda name=name: self.listens(name), 20)
            pod = Pod(name, process, address)
            until(f"{name} on {address}", lambda address=address: http(f"http://{address}/healthz"), 20)
            self.pods[pod.name] = pod
            self.tell_prometheus(pod)
            self.plane.patch(f"{DEMO}/{pod.name}/status", {"status": running()})

    def listens(self, name):
        said = re.search(r"listens on http://(\S+)\n", (self.plane.root / f"{name}.log").read_text())
        return said and said.group(1)

    def tell_prometheus(self, pod):
        """With the labels that a scrape in a cluster gives; renamed into place, since it is read at any moment."""
        labels = {"namespace": "demo", "pod": pod.name, "container": "app", "job": "demo"}
        draft = self.plane.targets / f"{pod.name}.draft"
        draft.write_text(json.dumps([{"targets": [pod.address], "labels": labels}]))
        draft.rename(self.plane.targets / f"{pod.name}.json")

    def remove(self, names):
        """First out of the balancer, then the signal to end: what is in flight is finished."""
        leaving = [self.pods.pop(name) for name in names]
        if leaving:
            time.sleep(LEAVES_THE_BALANCER)
        for pod in leaving:
            (self.plane.targets / f"{pod.name}.json").unlink(missing_ok=True)
            pod.process.terminate()
        for pod in leaving:
            self.plane.processes.stop(pod.process)

    def reachable(self):
        return [pod for pod in list(self.pods.values()) if pod.alive()]


def running():
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    conditions = ["PodScheduled", "Initialized", "ContainersReady", "Ready"]
    container = {"name": "app", "image": "autoscaled.invalid/autoscaled:local", "imageID": "", "ready": True,
                 "started": True, "restartCount": 0, "state": {"running": {"startedAt": now}}}
    return {"phase": "Running", "startTime": now, "containerStatuses": [container],
            "conditions": [{"type": name, "status": "True", "lastTransitionTime": now} for name in conditions]}
