"""What does a node do for a Pod, where there is no kubelet? A process a container, a scrape target each, the status Running."""

import concurrent.futures
import json
import re
import threading
import time
import urllib.error
import urllib.parse

from cluster.processes import Unready, http, until
from cluster.workload import MARKED

LEAVES_THE_BALANCER = 0.3  # seconds until no new request comes to a Pod that is to end; what a preStop hook waits for
AT_A_TIME = 16  # Pods that start or end


class Pod:
    def __init__(self, workload, name):
        self.workload, self.name = workload, name
        self.processes, self.addresses, self.ready = {}, {}, False
        self.gone, self.lock = False, threading.Lock()  # begun and ended one after the other
        self.in_flight = 0  # requests of the load, which spreads itself by this

    def alive(self):
        return self.ready and all(process.poll() is None for process in self.processes.values())


class Node(threading.Thread):
    """Follows the Pods of all workloads until told to stop. A process that dies is left dead, and its Pod Running: that is
    what a check needs."""

    def __init__(self, plane, service, workloads):
        super().__init__(name="node", daemon=True)
        self.plane, self.service = plane, service
        self.workloads = {workload.namespace: workload for workload in workloads}
        self.pods, self.errors, self.ending = {}, [], threading.Event()
        self.hands = concurrent.futures.ThreadPoolExecutor(AT_A_TIME, "node")
        for workload in workloads:
            for load in [workload.load, *workload.beside]:
                load.pods = lambda workload=workload: self.reachable(workload)

    def run(self):
        while not self.ending.is_set():
            with self.forgiven():
                self.follow()
            self.ending.wait(0.5)
        self.hands.shutdown()

    def forgiven(self):
        return Forgiven(self.errors)

    def follow(self):
        listed = self.plane.get("/api/v1/pods?" + urllib.parse.urlencode({"labelSelector": MARKED}))["items"]
        live = {(item["metadata"]["namespace"], item["metadata"]["name"]) for item in listed
                if not item["metadata"].get("deletionTimestamp")}
        for place in self.pods.keys() - live:
            self.hands.submit(self.end, self.pods.pop(place))
        for place in sorted(live - self.pods.keys()):
            namespace, name = place
            if namespace in self.workloads:
                self.pods[place] = Pod(self.workloads[namespace], name)
                self.hands.submit(self.begin, self.pods[place])

    def begin(self, pod):
        with self.forgiven(), pod.lock:
            if pod.gone:
                return
            start = self.plane.processes.start
            command = [*pod.workload.command(self.service), "--listen", "127.0.0.1:0"]
            pod.processes = {container: start(self.log(pod, container), *command) for container in pod.workload.containers}
            for container in pod.processes:
                address = until(f"{pod.name} to say where it listens", lambda c=container: self.listens(pod, c), 30)
                until(f"{pod.name} on {address}", lambda address=address: http(f"http://{address}/healthz"), 30)
                pod.addresses[container] = address
            self.tell_prometheus(pod)
            self.plane.patch(f"/api/v1/namespaces/{pod.workload.namespace}/pods/{pod.name}/status",
                             {"status": running(pod.workload.containers)})
            pod.ready = True

    def log(self, pod, container):
        return f"{pod.workload.namespace}.{pod.name}.{container}"

    def listens(self, pod, container):
        said = re.search(r"listens on http://(\S+)\n", (self.plane.root / f"{self.log(pod, container)}.log").read_text())
        return said and said.group(1)

    def targets(self, pod):
        return self.plane.targets / f"{pod.workload.namespace}.{pod.name}.json"

    def tell_prometheus(self, pod):
        """With the labels that a scrape in a cluster gives; renamed into place, since it is read at any moment."""
        entries = [{"targets": [address], "labels": {"namespace": pod.workload.namespace, "pod": pod.name,
                                                     "container": container, "job": "demo"}}
                   for container, address in pod.addresses.items()]
        draft = self.targets(pod).with_suffix(".draft")
        draft.write_text(json.dumps(entries))
        draft.rename(self.targets(pod))

    def end(self, pod):
        """First out of the balancer, which was told by its going from the list; then the signal to end: what is in flight
        is finished."""
        pod.gone = True
        time.sleep(LEAVES_THE_BALANCER)
        with pod.lock:
            self.targets(pod).unlink(missing_ok=True)
            for process in pod.processes.values():
                self.plane.processes.stop(process)

    def reachable(self, workload):
        return [pod for pod in list(self.pods.values()) if pod.workload is workload and pod.alive()]


class Forgiven:
    """Notes what went wrong, and goes on. A Pod that was deleted meanwhile is no error."""

    def __init__(self, errors):
        self.errors = errors

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        if not isinstance(error, (OSError, ValueError, Unready)):
            return False
        if not (isinstance(error, urllib.error.HTTPError) and error.code in (404, 409)):
            self.errors.append(f"{kind.__name__}: {error}")
        return True


def running(containers):
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    conditions = ["PodScheduled", "Initialized", "ContainersReady", "Ready"]
    statuses = [{"name": name, "image": "autoscaled.invalid/autoscaled:local", "imageID": "", "ready": True,
                 "started": True, "restartCount": 0, "state": {"running": {"startedAt": now}}} for name in containers]
    return {"phase": "Running", "startTime": now, "containerStatuses": statuses,
            "conditions": [{"type": name, "status": "True", "lastTransitionTime": now} for name in conditions]}
