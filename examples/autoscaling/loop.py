#!/usr/bin/env python3
"""Does a real Prometheus, configured with the generated files of deploy/local*, see what the autoscaler needs?

Starts three replicas of `autoscaled`, the process with their shared queue, Prometheus and Alertmanager on free ports of
127.0.0.1, with the generated scrape configuration and rules as they are; then:

- keeps 35 requests in flight and wants the total of every generated signal (KEDA's queries, and the adapter's with its
  template filled in as the adapter does) to say so, and no signal to be missing for any pod;
- runs every query of the dashboard and of the rules and wants none to be refused;
- sends requests that fail and wants the burn-rate alert to fire in Prometheus and to arrive in Alertmanager; then good
  ones, and wants it resolved there.

    loop.py --bin FOLDER        FOLDER holds `autoscaled` and `shared-queue`, such as target/debug

No cluster is needed; the scaling itself is not part of this. Prints a line a check and `N passed, N failed`.
"""

import argparse
import contextlib
import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

DEPLOY = pathlib.Path(__file__).resolve().parent / "deploy"
PODS = ["demo-0", "demo-1", "demo-2"]
IN_FLIGHT = 35
results = []


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def http(url, **request):
    with urllib.request.urlopen(urllib.request.Request(url, **request), timeout=30) as answer:
        return answer.read()


def until(condition, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError, KeyError, IndexError, ValueError):
            if found := condition():
                return found
        time.sleep(0.3)
    return None


def check(what, passed, detail=""):
    results.append(bool(passed))
    print(f"{'ok  ' if passed else 'FAIL'} {what} {detail}".rstrip(), flush=True)


def parts(name):
    """A small reader for what is wanted from generated YAML: the values of one key, on their lines."""
    key, path = name
    return re.findall(rf"^ *(?:- )?{key}: (.*)$", (DEPLOY / path).read_text(), re.MULTILINE)


def unquoted(text):
    return text[1:-1].replace("''", "'") if text.startswith("'") else text


class Loop:
    def __init__(self, bins):
        self.bins, self.root = bins, pathlib.Path(tempfile.mkdtemp(prefix="autoscaled-"))
        self.processes, self.replicas = [], []
        self.wanted, self.path, self.stop = 0, "/work?hold=0.5", False
        self.prometheus = f"http://127.0.0.1:{free_port()}"
        self.alertmanager = f"http://127.0.0.1:{free_port()}"

    def start(self, name, *command):
        log = open(self.root / f"{name}.log", "ab")
        self.processes.append(subprocess.Popen([str(part) for part in command], stdout=log, stderr=log, cwd=self.root))

    def bring_up(self):
        queue = f"127.0.0.1:{free_port()}"
        self.start("queue", self.bins / "shared-queue", "--listen", queue)
        until(lambda: http(f"http://{queue}/depth/75", method="PUT"), 30)
        (self.root / "targets").mkdir()
        for pod in PODS:
            address = f"127.0.0.1:{free_port()}"
            self.start(pod, self.bins / "autoscaled", "--listen", address, "--queue", queue)
            until(lambda: http(f"http://{address}/healthz"), 30)
            labels = {"namespace": "demo", "pod": pod, "container": "app", "job": "demo"}
            (self.root / "targets" / f"{pod}.json").write_text(json.dumps([{"targets": [address], "labels": labels}]))
            self.replicas.append(address)
        self.start_alertmanager()
        self.start_prometheus()

    def start_alertmanager(self):
        config = self.root / "alertmanager.yml"
        config.write_text("route: {receiver: none, group_wait: 1s}\nreceivers: [{name: none}]\n")
        self.start("alertmanager", "prometheus-alertmanager", f"--config.file={config}", "--cluster.listen-address=",
                   f"--web.listen-address={self.alertmanager[7:]}", f"--storage.path={self.root}/alertmanager")

    def start_prometheus(self):
        shutil.copy(DEPLOY / "local/prometheus-rules.yaml", self.root)
        head = "global: {scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 2s}\nrule_files: [prometheus-rules.yaml]\n"
        alerting = f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['{self.alertmanager[7:]}']}}]}}]}}\n"
        scrape = (DEPLOY / "local/scrape-config.yaml").read_text()
        (self.root / "prometheus.yml").write_text(head + alerting + scrape)
        self.start("prometheus", "prometheus", f"--config.file={self.root}/prometheus.yml",
                   f"--storage.tsdb.path={self.root}/tsdb", f"--web.listen-address={self.prometheus[7:]}")

    def query(self, text):
        url = f"{self.prometheus}/api/v1/query?" + urllib.parse.urlencode({"query": text})
        return json.loads(http(url))["data"]["result"]

    def client(self, number):
        while not self.stop:
            if number >= self.wanted:
                time.sleep(0.1)
                continue
            with contextlib.suppress(OSError):
                http(f"http://{self.replicas[number % len(self.replicas)]}{self.path}")

    def drive(self):
        for number in range(IN_FLIGHT):
            threading.Thread(target=self.client, args=(number,), daemon=True).start()

    def tear_down(self):
        self.stop = True
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
        shutil.rmtree(self.root, ignore_errors=True)


def signals(loop):
    """Every signal as the adapter and as KEDA ask for it."""
    expected = {"http_server_active_requests": IN_FLIGHT, "http_server_busy_concurrency": IN_FLIGHT,
                "autoscaled_queue_depth": 75}
    served = [unquoted(name) for name in parts(("as", "local/prometheus-adapter.yaml"))]
    series = [unquoted(text).split("{")[0] for text in parts(("seriesQuery", "local/prometheus-adapter.yaml"))]
    templates = [unquoted(text) for text in parts(("metricsQuery", "local/prometheus-adapter.yaml"))]
    for name, of, template in zip(served, series, templates, strict=True):
        fleet = name == "autoscaled_queue_depth"
        matchers = 'namespace="demo"' if fleet else f'namespace="demo",pod=~"{"|".join(PODS)}"'
        for variable, value in {"Series": of, "LabelMatchers": matchers, "GroupBy": "namespace" if fleet else "pod"}.items():
            template = template.replace(f"<<.{variable}>>", value)
        wanted = expected.get(name)
        if wanted is None:
            found = until(lambda: (got := loop.query(template)) and len(got) == len(PODS) and got, 60)
            check(f"adapter: {name}", found, f"has a value for each of {len(found or [])} pods")
            continue
        near = lambda got: abs(sum(float(one["value"][1]) for one in got) - wanted) <= 2
        found = until(lambda: (got := loop.query(template)) and len(got) == (1 if fleet else len(PODS)) and near(got) and got, 60)
        check(f"adapter: {name}", found, f"adds up to {wanted}: {[one['value'][1] for one in found or loop.query(template)]}")
    for query in parts(("query", "local-keda/scaledobject.yaml")):
        query = query.replace("demo-keda", "demo")  # of its own namespace, and here there is only one
        found = until(lambda: (got := loop.query(unquoted(query))) and len(got) == 1 and abs(float(got[0]["value"][1]) - IN_FLIGHT) <= 2 and got, 60)
        check(f"KEDA: {query}", found, f"is {IN_FLIGHT}")


def every_query(loop):
    """None is refused by Prometheus; the panels that need no kube-state-metrics and no exemplary failures have data."""
    dashboard = json.loads((DEPLOY / "local/dashboard.json").read_text())
    refused, empty, count = [], [], 0
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            text = target["expr"].replace("$__rate_interval", "10s").replace("$namespace", "demo").replace("$job", "demo")
            count += 1
            try:
                if not until(lambda: loop.query(text), 15) and "kube_" not in text:
                    empty.append(text)
            except urllib.error.HTTPError as error:
                refused.append(f"{text}: {error}")
    check(f"all {count} queries of the dashboard run", not refused, "; ".join(refused))
    check("and have data, but for those on kube-state-metrics", not empty, "; ".join(empty))
    rules = json.loads(http(f"{loop.prometheus}/api/v1/rules"))["data"]["groups"]
    sick = [rule["name"] for group in rules for rule in group["rules"] if rule["health"] == "err"]
    check(f"all {sum(len(group['rules']) for group in rules)} rules are evaluated", rules and not sick, ", ".join(sick))


def alert(loop):
    loop.path = "/work?hold=0.05&status=500"
    firing = lambda: [one for one in json.loads(http(f"{loop.prometheus}/api/v1/alerts"))["data"]["alerts"]
                      if one["labels"]["alertname"] == "ErrorBudgetBurn" and one["state"] == "firing"]
    began = time.monotonic()
    check("the burn-rate alert fires in Prometheus", until(firing, 120), f"after {time.monotonic() - began:.0f} s")
    arrived = lambda: [one for one in json.loads(http(f"{loop.alertmanager}/api/v2/alerts"))
                       if one["labels"]["alertname"] == "ErrorBudgetBurn" and one["labels"]["severity"] == "page"]
    check("and arrives in Alertmanager", until(arrived, 60))
    loop.path, began = "/work?hold=0.05", time.monotonic()
    fastest = lambda: not [one for one in firing() if one["labels"]["window"] == "2m"]
    check("its fastest pair resolves while good traffic flows", until(fastest, 180), f"after {time.monotonic() - began:.0f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=pathlib.Path)
    loop = Loop(parser.parse_args().bin.resolve())
    try:
        loop.bring_up()
        check("Prometheus sees three replicas", until(lambda: len(loop.query("up == 1")) == len(PODS), 60))
        loop.drive()
        loop.wanted = IN_FLIGHT
        signals(loop)
        every_query(loop)
        alert(loop)
    finally:
        loop.tear_down()
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
