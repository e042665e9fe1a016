"""Who scrapes, evaluates the rules and passes the alerts on? Prometheus and Alertmanager, with the generated files as they are."""

import json
import shutil
import urllib.parse

from cluster.processes import free_ports, http, until
from cluster.workload import DEPLOY

SCRAPE = "2s"  # what the local files are made for


class Monitoring:
    def __init__(self, plane, workloads):
        self.plane, self.root, self.workloads = plane, plane.root, workloads
        self.prometheus_port, self.alertmanager_port = free_ports(2)
        self.prometheus_url = f"http://127.0.0.1:{self.prometheus_port}"
        self.alertmanager_url = f"http://127.0.0.1:{self.alertmanager_port}"
        self.prometheus = None

    def bring_up(self):
        route = next(DEPLOY.glob("local*/alertmanager-route.yaml"))
        self.plane.start("prometheus-alertmanager", f"--config.file={route}", "--cluster.listen-address=",
                         f"--web.listen-address=127.0.0.1:{self.alertmanager_port}", f"--storage.path={self.root}/alertmanager")
        until("Alertmanager", lambda: http(f"{self.alertmanager_url}/-/ready"), 60)
        self.write_configuration()
        self.start_prometheus()

    def write_configuration(self):
        """The rules of every workload that takes part, and one scrape configuration: that of all of them is the same."""
        (self.root / "rules").mkdir()
        scrapes = {(DEPLOY / workload.folder / "scrape-config.yaml").read_text() for workload in self.workloads}
        if len(scrapes) != 1:
            raise OSError("the local environments have unlike scrape-config.yaml: one Prometheus cannot have them all")
        for workload in self.workloads:
            shutil.copy(DEPLOY / workload.folder / "prometheus-rules.yaml", self.root / "rules" / f"{workload.folder}.yaml")
        head = (f"global: {{scrape_interval: {SCRAPE}, scrape_timeout: {SCRAPE}, evaluation_interval: {SCRAPE}}}\n"
                "rule_files: [rules/*.yaml]\n"
                f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{self.alertmanager_port}']}}]}}]}}\n")
        (self.root / "prometheus.yml").write_text(head + scrapes.pop())

    def start_prometheus(self):
        """Again after `stop_prometheus` too, on the same port."""
        self.prometheus = self.plane.start("prometheus", f"--config.file={self.root}/prometheus.yml",
                                           f"--storage.tsdb.path={self.root}/tsdb",
                                           f"--web.listen-address=127.0.0.1:{self.prometheus_port}")
        until("Prometheus", lambda: http(f"{self.prometheus_url}/-/ready"), 60)

    def stop_prometheus(self, forget):
        self.plane.processes.stop(self.prometheus)
        if forget:
            shutil.rmtree(self.root / "tsdb")

    # --- asking ---

    def api(self, path, **parameters):
        return json.loads(http(f"{self.prometheus_url}/api/v1/{path}?" + urllib.parse.urlencode(parameters), 15))["data"]

    def query(self, text):
        return self.api("query", query=text)["result"]

    def number(self, text):
        """The one value of a query; None where there is none."""
        found = self.query(text)
        return float(found[0]["value"][1]) if found else None

    def firing(self, namespace, window):
        return [alert for alert in self.api("alerts")["alerts"] if alert["state"] == "firing"
                and alert["labels"].get("namespace") == namespace and alert["labels"].get("window") == window]

    def arrived(self, namespace, window):
        """What Alertmanager holds as not resolved."""
        filters = [("filter", f"namespace={namespace}"), ("filter", f"window={window}")]
        return json.loads(http(f"{self.alertmanager_url}/api/v2/alerts?" + urllib.parse.urlencode(filters)))
