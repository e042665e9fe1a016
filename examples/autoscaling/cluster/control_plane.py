"""How does a Kubernetes control plane that only autoscales run on one machine? As five processes on free ports.

etcd, kube-apiserver, kube-controller-manager with the three controllers of the loop, Prometheus and prometheus-adapter;
certificates are made for each run. What they read of the generated files they read unchanged.
"""

import contextlib
import json
import pathlib
import shutil
import ssl
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from cluster import certificates
from cluster.processes import free_ports, http, until

HERE = pathlib.Path(__file__).resolve().parent
DEPLOY = HERE.parent / "deploy"
CUSTOM = "custom.metrics.k8s.io"
ADAPTER_SERVES = {"v1beta1": 100, "v1beta2": 200}
CONTROLLERS = "deployment-controller,replicaset-controller,horizontal-pod-autoscaler-controller"


class ControlPlane:
    def __init__(self, processes, programs):
        self.processes, self.programs, self.root = processes, programs, processes.root
        self.pki, self.targets = self.root / "pki", self.root / "targets"
        self.ports = dict(zip(["etcd", "etcd-peers", "apiserver", "adapter", "prometheus"], free_ports(5), strict=True))
        self.server = f"https://127.0.0.1:{self.ports['apiserver']}"
        self.prometheus_url = f"http://127.0.0.1:{self.ports['prometheus']}"
        self.prometheus = None

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
        self.start_prometheus()
        self.kubectl("apply", "-f", HERE / "cluster.yaml")

    def start_etcd(self):
        own, peers = (f"http://127.0.0.1:{self.ports[name]}" for name in ("etcd", "etcd-peers"))
        self.start("etcd", "--name=local", f"--data-dir={self.root}/etcd", "--unsafe-no-fsync",
                   f"--listen-client-urls={own}", f"--advertise-client-urls={own}", f"--listen-peer-urls={peers}",
                   f"--initial-advertise-peer-urls={peers}", f"--initial-cluster=local={peers}")
        until("etcd", lambda: http(f"{own}/health"), 60)

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

    def start_prometheus(self):
        """With the generated scrape configuration and rules; again after `stop_prometheus`, on the same port."""
        config = self.root / "prometheus.yml"
        shutil.copy(DEPLOY / "local/prometheus-rules.yaml", self.root)
        head = "global: {scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 2s}\n"
        config.write_text(head + "rule_files: [prometheus-rules.yaml]\n" + (DEPLOY / "local/scrape-config.yaml").read_text())
        self.prometheus = self.start("prometheus", f"--config.file={config}", f"--storage.tsdb.path={self.root}/tsdb",
                                     f"--web.listen-address=127.0.0.1:{self.ports['prometheus']}")
        until("Prometheus", lambda: http(f"{self.prometheus_url}/-/ready"), 60)

    def stop_prometheus(self, forget):
        self.processes.stop(self.prometheus)
        if forget:
            shutil.rmtree(self.root / "tsdb")

    def start_adapter(self):
        """Registered only once it answers: a first refusal would keep it unavailable for half a minute more."""
        port, kubeconfig = self.ports["adapter"], self.pki / "kubeconfig"
        self.start("prometheus-adapter", f"--secure-port={port}", "--bind-address=127.0.0.1",
                   f"--tls-cert-file={self.pki}/adapter.crt", f"--tls-private-key-file={self.pki}/adapter.key",
                   f"--lister-kubeconfig={kubeconfig}", f"--authentication-kubeconfig={kubeconfig}",
                   f"--authorization-kubeconfig={kubeconfig}", f"--prometheus-url={self.prometheus_url}/",
                   f"--config={DEPLOY}/local/prometheus-adapter.yaml",
                   # Not shorter than a scrape: a series that no scrape has renewed yet would come and go.
                   "--metrics-relist-interval=5s", "--metrics-max-age=30s", "--v=2")
        until("prometheus-adapter", lambda: self.raw("/readyz", server=f"https://127.0.0.1:{port}"), 60)
        for version, priority in ADAPTER_SERVES.items():
            self.kubectl("apply", "-f", "-", text=json.dumps(self.api_service(version, priority)))
        until("the API of custom metrics", lambda: self.get(f"/apis/{CUSTOM}/v1beta2"), 60)

    def api_service(self, version, priority):
        authority = subprocess.run(["base64", "-w0", self.pki / "servers.crt"], capture_output=True, text=True, check=True)
        return {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": f"{version}.{CUSTOM}"},
                "spec": {"group": CUSTOM, "version": version, "groupPriorityMinimum": 100, "versionPriority": priority,
                         "caBundle": authority.stdout, "service": {"name": "prometheus-adapter", "namespace": "monitoring",
                                                                   "port": self.ports["adapter"]}}}

    def define_kinds(self):
        """Those of prometheus-operator and KEDA; too large for the annotation that an `apply` by the client leaves."""
        folder = self.programs / "definitions"
        self.kubectl("apply", "--server-side", "-f", folder)
        for path in folder.glob("*.yaml"):
            group, kind = path.stem.split("_")
            self.kubectl("wait", "--for=condition=Established", "--timeout=30s", f"crd/{kind}.{group}")

    # --- asking it ---

    def raw(self, path, method="GET", body=None, kind="application/json", server=None):
        request = urllib.request.Request((server or self.server) + path, method=method, data=body,
                                         headers={"Content-Type": kind, "Accept": "application/json"})
        with urllib.request.urlopen(request, timeout=10, context=self.tls) as answer:
            return answer.read()

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

    def query(self, text):
        url = f"{self.prometheus_url}/api/v1/query?" + urllib.parse.urlencode({"query": text})
        return json.loads(http(url))["data"]["result"]

    def replicas(self):
        return self.get("/apis/apps/v1/namespaces/demo/deployments/demo/scale")["spec"].get("replicas", 0)

    def wanted(self):
        """What the autoscaler asks for; None while it has not decided yet."""
        path = "/apis/autoscaling/v2/namespaces/demo/horizontalpodautoscalers/demo"
        with contextlib.suppress(urllib.error.HTTPError):
            return self.get(path)["status"].get("desiredReplicas")
        return None

    def signal(self, metric, of):
        """A value for each pod, or the one of the namespace, exactly as the autoscaler is served them."""
        thing = f"namespaces/demo/metrics/{metric}" if of == "namespace" else f"namespaces/demo/pods/*/{metric}"
        selector = urllib.parse.urlencode({"metricLabelSelector": "container=app"})
        items = self.get(f"/apis/{CUSTOM}/v1beta2/{thing}?{selector}")["items"]
        return {item["describedObject"]["name"]: quantity(item["value"]) for item in items}


def quantity(text):
    """Of Kubernetes' quantities those that a metric can be."""
    return float(text[:-1]) / 1000 if text.endswith("m") else float(text[:-1]) * 1000 if text.endswith("k") else float(text)
