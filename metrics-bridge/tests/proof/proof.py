"""Do numbers that real clients send come back through a real Prometheus, and as statsd_exporter would show them?

proof.py PROGRAMS CLIENT: the folder of dogstatsd-bridge, datadog-to-promql and examples/clients, and the folder that has PyPI's
`datadog`. STATSD_EXPORTER names statsd_exporter v0.30.0; without it that part is left out and said so.
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
    process = subprocess.Popen(command, **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, **options})
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
    """Starts the bridge on free ports; the port to send to and the address of its metrics."""
    command = [f"{PROGRAMS}/dogstatsd-bridge", "--listen", "udp://127.0.0.1:0", "--metrics", "127.0.0.1:0", *arguments]
    line = start(command, stderr=None).stdout.readline()
    found = re.fullmatch(r"listening on udp://127\.0\.0\.1:(\d+)(?: and unix://\S+)?, metrics on http://([0-9.:]+)/metrics\n", line)
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
# What examples/clients.rs sends with cadence, dogstatsd and metrics-exporter-dogstatsd.
EXPECTED_RUST = {
    'cadence_orders_total{env="prod"}': 400,
    'cadence_charge_seconds_sum{env="prod"}': 100,
    'cadence_charge_seconds_bucket{env="prod",le=~"0.25"}': 200,
    'cadence_users{env="prod"}': 50,
    'cadence_errors_total{env="prod",route="/a"}': 30,
    'cadence_depth{env="prod"}': 12.5,
    'cadence_size_sum{env="prod"}': 6,
    'cadence_latency_count{env="prod"}': 1,
    **{query.replace("WAY", way): expected for way in ("udp", "unix") for query, expected in {
        'dogstatsd_WAY_orders_total{payment="card",canary="true",env="prod"}': 111,
        "dogstatsd_WAY_charge_seconds_sum": 0.35,
        "dogstatsd_WAY_depth": 12.5,
        "dogstatsd_WAY_size_sum": 3,
        'dogstatsd_WAY_latency_bucket{le="0.25"}': 1,
        "dogstatsd_WAY_users": 1,
    }.items()},
    'db_up_status{payment="card"}': 1,
    'metrics_bridge_events_total{alert_type="info"}': 2,
    'exporter_orders_total{payment="card"}': 7,
    "exporter_depth": 3.5,
    "exporter_latency_count": 500,
    "exporter_latency_sum": 125,
    "sum(metrics_bridge_refused_total)": 0,
}
# Estimated by a sketch of 4096 registers: five standard errors.
TOLERANCE = {"shop_users": 0.08, 'cadence_users{env="prod"}': 0.08}


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


def check_numbers(ask, expectations, of):
    for query, expected in expectations.items():
        allowed = TOLERANCE.get(query, 0) * expected
        wait(f"{query} = {expected}, not {ask(query)},", lambda: any(abs(value - expected) <= allowed for value in ask(query)))
    print(f"ok: {len(expectations)} numbers of {of} are in Prometheus")


def check_rust_clients(ask, port, socket):
    start([f"{PROGRAMS}/examples/clients", f"127.0.0.1:{port}", socket], stdin=subprocess.PIPE, stdout=None, stderr=None)
    check_numbers(ask, EXPECTED_RUST, "cadence, dogstatsd and metrics-exporter-dogstatsd")


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


# Lines that both show alike.
STREAM = [
    "shop.checkout.pay.latency:120|ms|#env:prod", "shop.checkout.pay.latency:480:90|ms|#env:prod",
    "shop.checkout.ship.latency:2|h|@0.1", "shop.orders.count:3|c|#env:prod,payment:card", "shop.orders.count:1|c|@0.1|#env:dev",
    "shop.queue.depth:7|g", "shop.queue.depth:+3|g", "shop.queue.depth:-1|g", "shop.percent:85|g", "legacy.x:1|c",
    "unmapped.gauge-one:5|g|#a.b:c", "unmapped.time:1500|ms", "unmapped.d:1:2:3|d|@0.5", "unmapped.exponent:1e3|g",
    "unmapped.dash--es:1|g", "unmapped.empty:1|g|#x:,y:1", "unmapped.upper:1|g|#Env:Prod", 'unmapped.quote:1|g|#p:a"b',
    "4th.gauge:1|g", "shop.negative.count:-4|c", "broken", "shop.bad.count:x|c", "unmapped.type:1|q", "short.lived:3|g",
    "short.time:1|h|#a:b", "old.timer:30|ms",
]
# Lines that both show differently: why, the lines, what is here, and what is there.
DIFFERENCES = [
    ("a counter without a rule ends in _total here: OpenMetrics has no others", ["differs.counter:2|c"],
     {"differs_counter_total": 2}, {"differs_counter": 2}),
    ("statsd_exporter takes no sets", ["differs.set:a|s", "differs.set:b|s"], {"differs_set": 2}, {}),
    ("statsd_exporter takes no service checks", ["_sc|differs.check|2"], {"differs_check_status": 2}, {}),
    ("a tag without a value is `true` here, and ignored there", ["differs.valueless:1|g|#canary"],
     {'differs_valueless{canary="true"}': 1}, {"differs_valueless": 1}),
    ("a key that comes twice keeps all its values here, and the last one there", ["differs.twice:1|g|#k:1,k:2"],
     {'differs_twice{k="1,2"}': 1}, {'differs_twice{k="2"}': 1}),
    ("labels that belong to the target are renamed here", ["differs.reserved:1|g|#service:cart"],
     {'differs_reserved{exported_service="cart"}': 1}, {'differs_reserved{service="cart"}': 1}),
    ("white space around a tag's value is cut here", ["differs.space:1|g|#x: y "],
     {'differs_space{x="y"}': 1}, {'differs_space{x=" y "}': 1}),
    ("of several _ at a name's beginning one is kept here", ["__differs.name:1|g"], {"_differs_name": 1}, {"__differs_name": 1}),
    ("statsd_exporter cuts 1/rate to a whole number; here the rest is carried on", ["differs.rate:1|h|@0.3"] * 3,
     {"differs_rate_count": 10}, {"differs_rate_count": 9}),
    ("statsd_exporter takes packed values of timers, histograms and distributions only", ["differs.packed.c:1:2|c", "differs.packed.g:1:2|g"],
     {"differs_packed_c_total": 3, "differs_packed_g": 2}, {}),
    ("statsd_exporter refuses lines with a timestamp", ["differs.time:1|g|T1656581400"], {"differs_time": 1}, {}),
    ("a value that is not finite is refused here", ["differs.infinite:inf|g"], {}, {"differs_infinite": float("inf")}),
]


def series(text):
    """The samples of a text exposition without those that a program tells of itself."""
    own = ("metrics_", "statsd_", "go_", "process_", "promhttp_", "#")
    rows = {}
    for line in text.splitlines():
        if line and not line.startswith(own):
            name, value = line.rsplit(" ", 1)
            labels = re.search(r"\{(.*)\}", name)
            pairs = tuple(sorted(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels[1]))) if labels else ()
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
    special = [line for _, lines, _, _ in DIFFERENCES for line in lines]
    for target in (port, lines):
        client.sendto("\n".join(STREAM + special + ["last.line:1|g"]).encode(), ("127.0.0.1", target))
    show = lambda address: series(fetch(f"http://{address}/metrics"))
    both = metrics, f"127.0.0.1:{web}"
    for address in both:
        wait(f"the last line at {address}", lambda: ("last_line", ()) in show(address))
    ours, theirs = map(show, both)
    check_differences(ours, theirs)
    different = {key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)}
    for key in sorted(different):
        print(f"DIFFERENT: {key}: here {ours.get(key)}, statsd_exporter {theirs.get(key)}")
    if different:
        sys.exit("FAILED: statsd_exporter shows other series")
    short = [key for key in ours if key[0].startswith("short_")]
    assert len(short) > 2, short
    for address in both:
        wait(f"the end of what lives 1 s at {address}", lambda: not any(key in show(address) for key in short))
    print(f"ok: {len(ours)} series are the same as statsd_exporter's, and end with their ttl as there")


def check_differences(ours, theirs):
    """The listed differences are there, exactly; takes what they are about out of both."""
    for why, lines, here, there in DIFFERENCES:
        names = tuple(re.sub(r"(_total|_count)?(\{.*)?$", "", key) for key in here | there)
        for what, shown, expected in (("here", ours, here), ("there", theirs, there)):
            found = {key: shown.pop(key) for key in list(shown) if key[0].startswith(names)}
            wanted = {} if not expected else series("\n".join(f"{key} {value}" for key, value in expected.items()))
            if any(found.get(key) != value for key, value in wanted.items()) or (found and not wanted):
                sys.exit(f"FAILED: {why}: {what} {lines} is {found}, not {wanted}")
        print(f"different: {why}: {lines[0]}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/dsd.socket"
        port, metrics = bridge("--listen", f"unix://{socket}")
        ask = prometheus(folder, metrics)
        send_all(port)
        check_numbers(ask, EXPECTED, "the Python client")
        # Rates need two scrapes.
        wait("a second scrape", lambda: ask("rate(shop_orders_total[5m])"))
        check_queries(ask)
        check_monitors(folder)
        check_rust_clients(ask, port, socket)
        check_exporter()


try:
    main()
finally:
    for process in STARTED:
        process.terminate()
    for process in STARTED:
        process.wait()
