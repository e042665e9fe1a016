"""Do numbers that real clients send come back through a real Prometheus, and as statsd_exporter would show them?

proof.py PROGRAMS CLIENT: the folder of dogstatsd-bridge and datadog-to-promql, and the folder that has PyPI's `datadog`.
STATSD_EXPORTER names statsd_exporter v0.30.0; without it that part is left out and said so.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

PROGRAMS, CLIENT = sys.argv[1], sys.argv[2]
sys.path.insert(0, CLIENT)
HERE = os.path.dirname(os.path.abspath(__file__))
STARTED = []


def fetch(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def start(command, **options):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    STARTED.append(process)
    return process


def wait(what, condition, seconds=40):
    deadline = time.monotonic() + seconds
    while True:
        try:
            found = condition()
        except OSError:
            found = None
        if found:
            return found
        if time.monotonic() > deadline:
            sys.exit(f"FAILED: {what} did not come in {seconds} s")
        time.sleep(0.1)


def bridge(*arguments):
    """Starts the bridge on free ports; the address to send to and the one of its metrics."""
    command = [f"{PROGRAMS}/dogstatsd-bridge", "--listen", "udp://127.0.0.1:0", "--metrics", "127.0.0.1:0", *arguments]
    line = start(command).stdout.readline()
    found = re.fullmatch(r"listening on udp://127\.0\.0\.1:(\d+), metrics on http://([0-9.:]+)/metrics\n", line)
    if not found:
        sys.exit(f"FAILED: the bridge says {line!r}")
    return int(found[1]), found[2]


def send_all(port):
    """What the official client sends; the numbers are asserted below."""
    from datadog.dogstatsd.base import DogStatsd

    client = DogStatsd(host="127.0.0.1", port=port, constant_tags=["env:prod"], disable_buffering=False)
    client.disable_telemetry()
    for number in range(500):
        client.increment("shop.orders", tags=["payment:card", f"route:/{number % 2}"])
        client.distribution("shop.latency", 0.001 * (number + 1), tags=["route:/a"])
    client.increment("shop.orders", 7, tags=["payment:transfer", "service:cart"])
    client.count("shop.errors", 13, tags=["route:/0"])
    client.gauge("shop.queue-depth", 41.5, tags=["queue:mail"])
    client.timing("shop.charge", 250)
    client.timing("shop.charge", 750)
    client.histogram("shop.size", 2048)
    for user in range(300):
        client.set("shop.users", f"user-{user % 100}")
    client.event("Deployed", "Version 2", alert_type="success")
    client.service_check("db.up", DogStatsd.CRITICAL, tags=["shard:1"], message="no connection")
    client.flush()


EXPECTED = {
    'sum(shop_orders_total{payment="card"})': 500,
    'shop_orders_total{payment="card",route="/1",env="prod"}': 250,
    'shop_orders_total{payment="transfer",exported_service="cart"}': 7,
    "sum(shop_errors_total)": 13,
    'shop_queue_depth{queue="mail"}': 41.5,
    "shop_charge_seconds_sum": 1,
    'shop_charge_seconds_bucket{le="0.25"}': 1,
    "shop_size_sum": 2048,
    "shop_latency_count": 500,
    'shop_latency_bucket{le="0.25"}': 250,
    "shop_users": 100,
    'metrics_bridge_events_total{alert_type="success"}': 1,
    'db_up_status{shard="1"}': 2,
    "sum(metrics_bridge_refused_total)": 0,
    "sum(metrics_bridge_kernel_drops_total)": 0,
}
# Estimated by a sketch of 4096 registers: five standard errors.
TOLERANCE = {"shop_users": 0.08}


def prometheus(folder, metrics):
    """Starts Prometheus; a function that asks it."""
    with open(f"{folder}/prometheus.yml", "w") as file:
        file.write(f"global: {{scrape_interval: 1s}}\nscrape_configs:\n- job_name: bridge\n  static_configs: [{{targets: ['{metrics}']}}]\n")
    address = f"127.0.0.1:{free_port()}"
    start(["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
           f"--web.listen-address={address}", "--log.level=error"])

    def ask(query):
        url = f"http://{address}/api/v1/query?" + urllib.parse.urlencode({"query": query})
        try:
            answer = json.loads(fetch(url))
        except urllib.error.HTTPError as error:
            if error.code == 503:  # It starts.
                raise
            sys.exit(f"FAILED: Prometheus refuses {query}: {error.read().decode()}")
        result = answer["data"]["result"]
        return [float(row["value"][1]) for row in result] if answer["data"]["resultType"] == "vector" else result

    wait("Prometheus", lambda: ask("up{job=\"bridge\"} == 1"))
    return ask


def free_port():
    import socket
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def check_numbers(ask):
    for query, expected in EXPECTED.items():
        allowed = TOLERANCE.get(query, 0) * expected
        wait(f"{query} = {expected}, not {ask(query)},", lambda: any(abs(value - expected) <= allowed for value in ask(query)))
    print(f"ok: {len(EXPECTED)} numbers of the Python client are in Prometheus")


def check_queries(ask):
    """Every query of the test set is executed; those without a past to look at have a value."""
    rows = [line.rstrip("\n").split("\t") for line in open(f"{HERE}/../queries.tsv") if not line.startswith("#")]
    kinds = "shop.orders=c shop.errors=c shop.queue-depth=g shop.users=s shop.charge=ms shop.size=h shop.latency=d"
    command = [f"{PROGRAMS}/datadog-to-promql"] + [part for kind in kinds.split() for part in ("--metric", kind)]
    told = subprocess.run(command, input="\n".join(row[0] for row in rows), capture_output=True, text=True, check=True)
    translated = [line for line in told.stdout.splitlines() if not line.startswith("# ")]
    assert translated == [row[1] for row in rows], "the program translates otherwise than the library's test set"
    with_value = [query for query in translated if ask(query)]
    for query in ("sum (rate(shop_orders_total[5m]))", "avg (shop_queue_depth)",
                  "histogram_quantile(0.99, sum by (le) (rate(shop_latency_bucket[5m])))"):
        assert query in with_value, f"{query} has no value"
    print(f"ok: {len(rows)} translated queries are executed by Prometheus, {len(with_value)} with a value here")


def check_monitors(folder):
    kinds = "shop.orders=c shop.errors=c shop.queue-depth=g shop.latency=d"
    command = [f"{PROGRAMS}/datadog-to-promql", "--monitor", f"{HERE}/monitors.json"]
    command += [part for kind in kinds.split() for part in ("--metric", kind)]
    rules = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    with open(f"{folder}/rules.yml", "w") as file:
        file.write(rules)
    told = subprocess.run(["promtool", "check", "rules", f"{folder}/rules.yml"], capture_output=True, text=True)
    if told.returncode != 0 or "5 rules found" not in told.stdout:
        sys.exit(f"FAILED: promtool says\n{told.stdout}{told.stderr}\nof\n{rules}")
    print("ok: promtool accepts the rules of the translated monitors")


STREAM = [
    "shop.checkout.pay.latency:120|ms|#env:prod", "shop.checkout.pay.latency:480:90|ms|#env:prod",
    "shop.checkout.ship.latency:2|h|@0.1", "shop.orders.count:3|c|#env:prod,payment:card", "shop.orders.count:1|c|@0.1|#env:dev",
    "shop.queue.depth:7|g", "shop.queue.depth:+3|g", "shop.queue.depth:-1|g", "shop.percent:85|g", "legacy.x:1|c",
    "unmapped.gauge-one:5|g|#a.b:c", "4th.gauge:1|g", "shop.negative.count:-4|c", "broken", "shop.bad.count:x|c",
]


def series(text):
    """The samples of a text exposition without those that a program tells of itself."""
    own = ("metrics_", "statsd_", "go_", "process_", "promhttp_", "#")
    rows = {}
    for line in text.splitlines():
        if line and not line.startswith(own):
            name, value = line.rsplit(" ", 1)
            labels = re.search(r"\{(.*)\}", name)
            pairs = tuple(sorted(re.findall(r'(\w+)="([^"]*)"', labels[1]))) if labels else ()
            rows[(name.split("{")[0], pairs)] = float(value)
    return rows


def check_exporter():
    """The same stream and the same file through statsd_exporter give the same series."""
    exporter = os.environ.get("STATSD_EXPORTER")
    if not exporter:
        print("SKIPPED: the comparison with statsd_exporter: STATSD_EXPORTER does not name it")
        return
    import socket
    mapping = f"{HERE}/mapping.yaml"
    port, metrics = bridge("--mapping", mapping, "--plain-names")
    lines, web = free_port(), free_port()
    start([exporter, f"--statsd.mapping-config={mapping}", f"--statsd.listen-udp=127.0.0.1:{lines}", "--statsd.listen-tcp=",
           f"--web.listen-address=127.0.0.1:{web}", "--log.level=error"])
    wait("statsd_exporter", lambda: fetch(f"http://127.0.0.1:{web}/metrics"))
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for target in (port, lines):
        client.sendto("\n".join(STREAM).encode(), ("127.0.0.1", target))
    wait("the bridge's lines", lambda: f"metrics_bridge_lines_total {len(STREAM)}" in fetch(f"http://{metrics}/metrics"))
    wait("statsd_exporter's lines", lambda: "unmapped_gauge_one" in fetch(f"http://127.0.0.1:{web}/metrics"))
    ours, theirs = series(fetch(f"http://{metrics}/metrics")), series(fetch(f"http://127.0.0.1:{web}/metrics"))
    different = {key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)}
    for key in sorted(different):
        print(f"DIFFERENT: {key}: here {ours.get(key)}, statsd_exporter {theirs.get(key)}")
    if different:
        sys.exit("FAILED: statsd_exporter shows other series")
    print(f"ok: {len(ours)} series are the same as statsd_exporter's")


def main():
    with tempfile.TemporaryDirectory() as folder:
        port, metrics = bridge()
        ask = prometheus(folder, metrics)
        send_all(port)
        check_numbers(ask)
        # Rates need two scrapes.
        wait("a second scrape", lambda: ask("rate(shop_orders_total[5m])"))
        check_queries(ask)
        check_monitors(folder)
        check_exporter()


try:
    main()
finally:
    for process in STARTED:
        process.terminate()
    for process in STARTED:
        process.wait()
