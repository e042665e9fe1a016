"""Does a real API server take every generated object, and a real Prometheus every generated query, and does an alert arrive?"""

import json
import re
import time
import urllib.error

from cluster.load import USUAL
from cluster.processes import Unready, until
from cluster.workload import DEPLOY, NAME

FASTEST = "2m"  # the long window of the fastest pair of an objective over a day


# The approved files of metrics-kube's tests: every way to scrape and to scale, and native histograms.
WAYS = DEPLOY.parents[2] / "metrics-kube/tests/fixtures"
KINDS = {"ConfigMap", "HorizontalPodAutoscaler", "NetworkPolicy", "PodMonitor", "PrometheusRule", "ScaledObject", "Service",
         "ServiceMonitor"}


def accepted_by_the_server(checks):
    """Every generated Kubernetes object, without applying it, and no misspelt one."""
    plane = checks.plane
    files = sorted(path for path in [*DEPLOY.glob("*/*.yaml"), *WAYS.glob("*/*/*.yaml")]
                   if re.search(r"^apiVersion: \S", path.read_text(), re.M))
    texts = [path.read_text() for path in files]
    for namespace in {name for text in texts for name in re.findall(r"^  namespace: (\S+)", text, re.M)}:
        plane.kubectl("apply", "-f", "-", text=json.dumps(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}))
    wanted = sum(len(re.findall(r"^kind: ", text, re.M)) for text in texts)
    try:
        said = plane.kubectl("apply", "--dry-run=server", *(f"--filename={path}" for path in files)).splitlines()
    except OSError as error:
        said = [str(error)]
    taken = [line for line in said if line.endswith("(server dry run)")]
    kinds = {kind for text in texts for kind in re.findall(r"^kind: (\S+)", text, re.M)}
    checks.note(f"kubectl apply --dry-run=server takes all {wanted} generated objects", len(taken) == wanted == len(said) > 0,
                ", ".join(sorted(kinds)) if len(taken) == wanted else "; ".join(line for line in said if line not in taken))
    checks.note("and every kind that is generated is among them", kinds == KINDS, ", ".join(sorted(kinds ^ KINDS)))
    for what, path, field in [("an autoscaler", DEPLOY / "local/hpa.yaml", "averageValue"),
                              ("a PodMonitor", WAYS / "native/operator/podmonitor.yaml", "scrapeNativeHistograms"),
                              ("a ServiceMonitor", WAYS / "ways/service/servicemonitor.yaml", "jobLabel"),
                              ("a ScaledObject", WAYS / "ways/keda/scaledobject.yaml", "pollingInterval"),
                              ("a NetworkPolicy", WAYS / "shop/production/networkpolicy.yaml", "podSelector")]:
        misspelt_is_refused(checks, what, path.read_text(), field)
    annotations_are_taken(checks)


def misspelt_is_refused(checks, what, text, field):
    misspelt = field[:-1]
    try:
        checks.plane.kubectl("apply", "--dry-run=server", "-f", "-", text=text.replace(f"{field}:", f"{misspelt}:"))
        refused = ""
    except OSError as error:
        refused = str(error)
    checks.note(f"and refuses {what} with a misspelt field", f"{misspelt}\"" in refused, refused and f"{field} without its end")


def annotations_are_taken(checks):
    """The patch for those whom neither monitor finds, shown to a Deployment that runs."""
    namespace = re.search(r"^  namespace: (\S+)", (DEPLOY / "local/hpa.yaml").read_text(), re.M).group(1)
    # It also gives the Pods the workload's name, which a Deployment's selector has to find.
    patch = (WAYS / "ways/annotations/pod-annotations.patch.yaml").read_text().replace("mailer", NAME)
    try:
        said = checks.plane.kubectl("patch", "deployment", NAME, f"--namespace={namespace}", f"--patch={patch}",
                                    "--dry-run=server", "--output=jsonpath={.spec.template.metadata.annotations}")
    except OSError as error:
        said = str(error)
    checks.note("kubectl patch --dry-run=server puts the generated annotations on a Deployment's Pods",
                "prometheus.io/scrape" in said, said)


def every_query(checks, monitoring, workload):
    """All panels of the workload's dashboard, all variables, and all rules of the server, while load flows."""
    refused, empty, count = [], [], 0
    for text in panel_queries(workload):
        count += 1
        try:
            # Nobody runs kube-state-metrics here: what is asked of it is only asked.
            until("data", lambda text=text: [monitoring.query(text), "kube_" in text] != [[], False], 20)
        except Unready as error:
            (refused if "HTTPError" in str(error) else empty).append(f"{text} ({error})")
    checks.note(f"all {count} panel queries of {workload.folder} run and have data", count and not refused and not empty,
                "; ".join(refused + empty))
    rules = [rule for group in monitoring.api("rules")["groups"] for rule in group["rules"]]
    sick, silent = [], []
    for rule in rules:
        labels = "".join(f",{name}={json.dumps(value)}" for name, value in rule.get("labels", {}).items())
        try:
            monitoring.query(rule["query"])
            if rule["type"] == "recording" and f'"{workload.namespace}"' in rule["query"]:
                until("a value", lambda r=rule, l=labels: monitoring.query(f'{r["name"]}{{namespace="{workload.namespace}"{l}}}'), 20)
        except urllib.error.HTTPError as error:
            sick.append(f"{rule['name']}: {error}")
        except Unready:
            silent.append(rule["name"])
    sick += [rule["name"] for rule in rules if rule["health"] == "err"]
    checks.note(f"all {len(rules)} rules run, and every recording of {workload.folder} has a value",
                rules and not sick and not silent, "; ".join(sick + silent))


def panel_queries(workload):
    """With Grafana's variables filled in."""
    dashboard = json.loads((DEPLOY / workload.folder / "dashboard.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            text = target["expr"].replace("$__rate_interval", "8s")
            yield text.replace("$namespace", workload.namespace).replace("$job", "demo")


def alert_arrives(checks, monitoring, workload):
    """Requests that fail break the objective; good ones mend it."""
    load, began = workload.load, time.monotonic()
    load.path, load.in_flight = "/work?hold=0.05&status=500", 5
    name = f"{workload.folder}: the burn-rate alert"
    passed = succeeds(lambda: monitoring.firing(workload.namespace, FASTEST), 120)
    checks.note(f"{name} fires in Prometheus while requests fail", passed, f"after {time.monotonic() - began:.0f} s")
    arrived = succeeds(lambda: monitoring.arrived(workload.namespace, FASTEST), 60)
    receivers = sorted({receiver["name"] for alert in arrived or [] for receiver in alert["receivers"]})
    checks.note(f"{name} arrives in Alertmanager, for whom the generated route says", receivers == ["page"], ", ".join(receivers))
    load.path, began = "/work?hold=0.05", time.monotonic()
    gone = succeeds(lambda: not monitoring.firing(workload.namespace, FASTEST), 120)
    checks.note(f"{name} resolves while good requests flow", gone, f"after {time.monotonic() - began:.0f} s")
    gone = succeeds(lambda: not monitoring.arrived(workload.namespace, FASTEST), 60)
    checks.note(f"{name} is resolved in Alertmanager too", gone, f"after {time.monotonic() - began:.0f} s")
    load.path, load.in_flight = USUAL, 0


def succeeds(condition, seconds):
    try:
        return until("it", condition, seconds)
    except Unready:
        return None
