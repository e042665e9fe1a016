"""What is one thing that is scaled? A Deployment in a namespace of its own, the generated folder that scales it, its load."""

import json
import pathlib
import re

from cluster.load import Load

DEPLOY = pathlib.Path(__file__).resolve().parent.parent / "deploy"
NAME = "demo"
MARKED = f"app.kubernetes.io/name={NAME}"


class Workload:
    """Where it runs stands in the generated file: that is applied as it is."""

    def __init__(self, folder, metric=None, of="pods", queue=None, beside=()):
        self.folder, self.metric, self.of, self.queue = folder, metric, of, queue
        self.scaler = next(path for name in ("hpa.yaml", "scaledobject.yaml") if (path := DEPLOY / folder / name).exists())
        self.namespace = re.search(r"^  namespace: (\S+)", self.scaler.read_text(), re.MULTILINE).group(1)
        # KEDA makes the autoscaler itself, and names it.
        self.autoscaler = NAME if self.scaler.name == "hpa.yaml" else f"keda-hpa-{NAME}"
        self.containers = ["app", *beside]
        self.load, self.beside = Load("app"), [Load(name) for name in beside]
        self.offered = 0

    def objects(self):
        """Namespace and Deployment; no `replicas`: that field is the autoscaler's."""
        labels = {"app.kubernetes.io/name": NAME}
        container = {"image": "autoscaled.invalid/autoscaled:local",
                     "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}}}
        containers = [{"name": name, "ports": [{"name": "metrics" if name == "app" else f"{name}-metrics",
                                                "containerPort": 8080 + number}], **container}
                      for number, name in enumerate(self.containers)]
        spec = {"selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels},
                             "spec": {"automountServiceAccountToken": False, "containers": containers}}}
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}}
        deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "spec": spec,
                      "metadata": {"name": NAME, "namespace": self.namespace, "labels": labels}}
        return json.dumps({"apiVersion": "v1", "kind": "List", "items": [namespace, deployment]})

    def command(self, service):
        """What a container of its Pods runs, but for the address to listen on."""
        return [service / "autoscaled", *(["--queue", self.queue] if self.queue else [])]
