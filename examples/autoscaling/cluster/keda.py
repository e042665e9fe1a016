"""How does KEDA run in the adapter's place? Its operator, which makes the autoscaler, and its metrics server, which answers it."""

import os
import shutil

from cluster.processes import free_ports, http, until

EXTERNAL = "external.metrics.k8s.io"


def start(plane, prometheus_port):
    """The definitions of its kinds must be there. Prometheus is asked through a proxy, which is Prometheus itself: the generated
    file can then name it as in a cluster, whatever port it has here."""
    folder = plane.root / "keda"
    folder.mkdir()
    for source, name in [("servers.crt", "ca.crt"), ("keda.crt", "tls.crt"), ("keda.key", "tls.key")]:
        shutil.copy(plane.pki / source, folder / name)
    metrics, health, between, server, server_metrics = free_ports(5)
    kubeconfig = plane.pki / "kubeconfig"
    environment = {**os.environ, "KUBECONFIG": str(kubeconfig), "POD_NAMESPACE": "monitoring", "WATCH_NAMESPACE": "",
                   "KEDA_CLUSTER_OBJECT_NAMESPACE": "monitoring", "HTTP_PROXY": f"http://127.0.0.1:{prometheus_port}",
                   "NO_PROXY": "127.0.0.1,localhost"}
    plane.processes.start(
        "keda-operator", plane.program("keda-operator"), f"--metrics-bind-address=127.0.0.1:{metrics}",
        f"--health-probe-bind-address=127.0.0.1:{health}", f"--metrics-service-bind-address=127.0.0.1:{between}",
        f"--cert-dir={folder}", "--enable-cert-rotation=false", "--enable-webhook-patching=false",
        "--enable-apiservice-patching=false", env=environment)
    until("KEDA's operator", lambda: http(f"http://127.0.0.1:{health}/readyz"), 60)
    plane.processes.start(
        "keda-adapter", plane.program("keda-adapter"), f"--secure-port={server}", "--bind-address=127.0.0.1",
        f"--cert-dir={folder}", f"--port={server_metrics}", f"--tls-cert-file={plane.pki}/keda.crt",
        f"--tls-private-key-file={plane.pki}/keda.key", f"--lister-kubeconfig={kubeconfig}",
        f"--authentication-kubeconfig={kubeconfig}", f"--authorization-kubeconfig={kubeconfig}",
        f"--metrics-service-address=127.0.0.1:{between}", env=environment)
    until("KEDA's metrics server", lambda: plane.raw("/readyz", server=f"https://127.0.0.1:{server}"), 60)
    plane.register(EXTERNAL, "v1beta1", "keda-operator-metrics-apiserver", server)
