"""How does a Kubernetes control plane that only autoscales run on one machine? As a few processes on free ports.

etcd, kube-apiserver, kube-controller-manager with the three controllers of the loop, and prometheus-adapter; certificates
are made for each run. What they read of the generated files they read unchanged.
"""

import contextlib
import http.client
import json
import pathlib
import shutil
import ssl
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request

from cluster import certificates, processes
from cluster.processes import free_ports, until
from cluster.workload import NAME

HERE = pathlib.Path(__file__).resolve().parent
CUSTOM, RESOURCES = "custom.metrics.k8s.io", "metrics.k8s.io"
CONTROLLERS = "deployment-controller,replicaset-controller,horizontal-pod-autoscaler-controller"


class ControlPlane:
    def __init__(self, started, programs):
        self.processes, self.programs, self.root = started, programs, started.root
        self.pki, self.targets = self.root / "pki", self.root / "targets"
        self.ports = dict(zip(["etcd", "etcd-peers", "apiserver", "adapter"], free_ports(4), strict=True))
        self.server = f"https://127.0.0.1:{self.ports['apiserver']}"
        self.connections = threading.local()

    def program(self, name):
        found = self.programs / name
        return found if found.exists() else shutil.which(name) or self.absent(name)

    def absent(self, name):
        raise OSError(f"{name} is neither in {self.programs} nor on PATH: build-control-plane.sh makes the control "
                      "plane's programs; Prometheus, kubectl and openssl come from the system's packages")

    def start(self, name, *options):
        return self.processes.start(name, self.program(name), *options)

    # --- in the order in which they need each other ---

    def bring_up(self):
        self.targets.mkdir()
        certificates.make(self.pki, self.server)
        self.tls = ssl.create_default_context(cafile=self.pki / "servers.crt")
        self.tls.load_cert_chain(self.pki / "administrator.crt", self.pki / "administrator.key")
        self.start_etcd()
        self.start_apiserver()
        self.start_controllers()
        self.kubectl("apply", "-f", HERE / "cluster.yaml")

    def start_etcd(self):
        own, peers = (f"http://127.0.0.1:{self.ports[name]}" for name in ("etcd", "etcd-peers"))
        self.start("etcd", "--name=local", f"--data-dir={self.root}/etcd", "--unsafe-no-fsync",
                   f"--listen-client-urls={own}", f"--advertise-client-urls={own}", f"--listen-peer-urls={peers}",
                   f"--initial-advertise-peer-urls={peers}", f"--initial-cluster=local={peers}")
        until("etcd", lambda: processes.http(f"{own}/health"), 60)

    def start_apiserver(self):
        pki = self.pki
        self.start(
            "kube-apiserver", f"--etcd-servers=http://127.0.0.1:{self.ports['etcd']}",
            "--bind-address=127.0.0.1", f"--secure-port={self.ports['apiserver']}",
            # Only told to others, and refused if it is a loopback address: one that documentation is to use.
            "--advertise-address=192.0.2.1", "--endpoint-reconciler-type=none", "--service-cluster-ip-range=10.0.0.0/24",
            # Nobody hands out tokens for service accounts here.
            "--disable-admission-plugins=ServiceAccount", "--authorization-mode=RBAC",
            f"--tls-cert-file={pki}/apiserver.crt", f"--tls-private-key-file={pki}/apiserver.key",
            f"--client-ca-file={pki}/clients.crt", "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={pki}/service-accounts.key",
            f"--service-account-signing-key-file={pki}/service-accounts.key",
            f"--requestheader-client-ca-file={pki}/aggregated-requests.crt", "--requestheader-allowed-names=aggregator",
            "--requestheader-username-headers=X-Remote-User", "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            f"--proxy-client-cert-file={pki}/aggregator.crt", f"--proxy-client-key-file={pki}/aggregator.key")
        until("kube-apiserver", lambda: self.raw("/readyz"), 120)
        # The adapter reads at start from it whom to believe.
        until("its authentication for extensions", lambda: self.get(
            "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication"), 60)

    def start_controllers(self):
        self.start("kube-controller-manager", f"--kubeconfig={self.pki}/kubeconfig", "--secure-port=0",
                   "--leader-elect=false", f"--controllers={CONTROLLERS}",
                   "--horizontal-pod-autoscaler-sync-period=5s", "--v=2")

    def start_adapter(self, config, prometheus):
        """Registered only once it answers, and for what its configuration serves: a first refusal would keep it unavailable
        for half a minute more, and an API that nobody serves slows every discovery down."""
        port, kubeconfig = self.ports["adapter"], self.pki / "kubeconfig"
        self.start("prometheus-adapter", f"--secure-port={port}", "--bind-address=127.0.0.1",
                   f"--tls-cert-file={self.pki}/adapter.crt", f"--tls-private-key-file={self.pki}/adapter.key",
                   f"--lister-kubeconfig={kubeconfig}", f"--authentication-kubeconfig={kubeconfig}",
                   f"--authorization-kubeconfig={kubeconfig}", f"--prometheus-url={prometheus}/",
                   # As the generated Helm values have it.
                   "--prometheus-verb=POST", f"--config={config}",
                   # Not shorter than a scrape: a series that no scrape has renewed yet would come and go.
                   "--metrics-relist-interval=5s", "--metrics-max-age=30s", "--v=2")
        until("prometheus-adapter", lambda: self.raw("/readyz", server=f"https://127.0.0.1:{port}"), 60)
        serves = [(CUSTOM, "v1beta1", 100), (CUSTOM, "v1beta2", 200)]
        if "\nresourceRules:" in config.read_text():
            serves.append((RESOURCES, "v1beta1", 100))
        for group, version, priority in serves:
            self.register(group, version, "prometheus-adapter", port, priority)

    def register(self, group, version, service, port, priority=100):
        authority = subprocess.run(["base64", "-w0", self.pki / "servers.crt"], capture_output=True, text=True, check=True)
        spec = {"group": group, "version": version, "groupPriorityMinimum": 100, "versionPriority": priority,
                "caBundle": authority.stdout, "service": {"name": service, "namespace": "monitoring", "port": port}}
        self.kubectl("apply", "-f", "-", text=json.dumps(
            {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
             "metadata": {"name": f"{version}.{group}"}, "spec": spec}))
        until(f"the API {group}/{version}", lambda: self.get(f"/apis/{group}/{version}"), 60)

    def define_kinds(self):
        """Those of prometheus-operator and KEDA; too large for the annotation that an `apply` by the client leaves."""
        folder = self.programs / "definitions"
        self.kubectl("apply", "--server-side", "-f", folder)
        for path in folder.glob("*.yaml"):
            group, kind = path.stem.split("_")
            until(f"the kind {kind}", lambda name=f"{kind}.{group}": self.established(name), 60)

    def established(self, definition):
        found = self.get(f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{definition}")
        conditions = found.get("status", {}).get("conditions") or []
        return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)

    # --- asking it ---

    def raw(self, path, method="GET", body=None, kind="application/json", server=None):
        """Over the connection that this thread has had before, if any: a handshake costs more than a question."""
        server = server or self.server
        known = self.connections.__dict__.setdefault("known", {})
        headers = {"Content-Type": kind, "Accept": "application/json"}
        for again in (True, False):
            if server not in known:
                known[server] = http.client.HTTPSConnection(server.removeprefix("https://"), timeout=10, context=self.tls)
            try:
                known[server].request(method, path, body, headers)
                answer = known[server].getresponse()
                text = answer.read()
                break
            except (OSError, http.client.HTTPException) as error:
                known.pop(server).close()
                # It may have been closed since. What is asked here can be asked twice.
                if not again:
                    raise OSError(f"{method} {path}: {type(error).__name__} {error}") from error
        if answer.status >= 400:
            raise urllib.error.HTTPError(server + path, answer.status, text[:300].decode(errors="replace"), answer.headers, None)
        return text

    def get(self, path):
        return json.loads(self.raw(path))

    def patch(self, path, change):
        return self.raw(path, "PATCH", json.dumps(change).encode(), "application/merge-patch+json")

    def kubectl(self, *arguments, text=None):
        command = [self.program("kubectl"), f"--kubeconfig={self.pki}/kubeconfig", f"--cache-dir={self.root}/kubectl"]
        done = subprocess.run([*map(str, command), *map(str, arguments)], input=text, capture_output=True, text=True,
                              timeout=60, check=False)
        if done.returncode:
            raise OSError(f"kubectl {' '.join(map(str, arguments))}: {done.stderr.strip()}")
        return done.stdout.strip()

    def scale(self, workload):
        return self.get(f"/apis/apps/v1/namespaces/{workload.namespace}/deployments/{NAME}/scale")

    def replicas(self, workload):
        return self.scale(workload)["spec"].get("replicas", 0)

    def autoscaler(self, workload):
        """The HorizontalPodAutoscaler, whoever made it."""
        path = f"/apis/autoscaling/v2/namespaces/{workload.namespace}/horizontalpodautoscalers/{workload.autoscaler}"
        return self.get(path)

    def wanted(self, workload):
        """What the autoscaler asks for; None while it has not decided yet."""
        with contextlib.suppress(urllib.error.HTTPError):
            return self.autoscaler(workload)["status"].get("desiredReplicas")
        return None

    def signal(self, workload, container="app"):
        """A value for each pod, or the one of the namespace, exactly as the autoscaler is served them; of KEDA's, which gives
        the total, what the autoscaler notes down as the mean."""
        if workload.metric is None:
            current = self.autoscaler(workload)["status"].get("currentMetrics") or []
            values = [one["external"]["current"].get("averageValue", "0") for one in current if "external" in one]
            return {"mean": quantity(value) for value in values}
        of = "metrics" if workload.of == "namespace" else "pods/*"
        selector = {"metricLabelSelector": f"container={container}"} if container else {}
        items = self.get(f"/apis/{CUSTOM}/v1beta2/namespaces/{workload.namespace}/{of}/{workload.metric}?"
                         + urllib.parse.urlencode(selector))["items"]
        return {item["describedObject"]["name"]: quantity(item["value"]) for item in items}


def quantity(text):
    """Of Kubernetes' quantities those that a metric can be."""
    sizes = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "Ki": 1024, "Mi": 1024**2, "Gi": 1024**3}
    unit = text.lstrip("-0123456789.")
    return float(text.removesuffix(unit)) * (sizes[unit] if unit else 1)
