"""Which programs make up the stack, and how are they started and stopped?"""

import http.server
import json
import pathlib
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request

PROMETHEUS = """\
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [rules.yml]
alerting:
  alertmanagers:
    - static_configs: [{{targets: ["{alertmanager}"]}}]
scrape_configs:
  - {{job_name: shop, static_configs: [{{targets: ["{shop}"]}}]}}
  - {{job_name: node, static_configs: [{{targets: ["{node}"]}}]}}
  - {{job_name: reference, static_configs: [{{targets: ["{reference}"]}}]}}
"""

RULES = """\
groups:
  - name: shop
    rules:
      - alert: ShopErrorRatio
        expr: >
          sum(rate(http_server_requests_total{job="shop", http_response_status_code=~"5.."}[10s]))
          / sum(rate(http_server_requests_total{job="shop"}[10s])) > 0.02
        for: 2s
        labels: {severity: page}
        annotations: {summary: "The shop fails {{ $value | humanizePercentage }} of its requests."}
"""

ALERTMANAGER = """\
route: {receiver: nobody, group_wait: 0s, group_interval: 1s}
receivers: [{name: nobody}]
"""

# One series for Prometheus: a label without text is no label.
REFERENCE = '# TYPE reference_probe gauge\nreference_probe{empty=""} 1\nreference_probe 1\n'


class Stack:
    """Every program, on free ports, with its files and logs in a temporary folder."""

    def __init__(self, programs):
        self._programs = pathlib.Path(programs)
        self._temporary = tempfile.TemporaryDirectory(prefix="stack-")
        self.folder = pathlib.Path(self._temporary.name)
        self._running = {}
        self._reference = None

    def start(self):
        self.shop = self._start_shop()
        self.node, self.alertmanager, self.prometheus = (f"127.0.0.1:{free_port()}" for _ in range(3))
        self._start("node", ["prometheus-node-exporter", f"--web.listen-address={self.node}"])
        self._start_alertmanager()
        self._start_prometheus()
        wait("Prometheus is ready", lambda: succeeds(f"http://{self.prometheus}/-/ready"))
        wait("Alertmanager is ready", lambda: succeeds(f"http://{self.alertmanager}/-/ready"))

    def load(self, requests, rate):
        """Starts the load generator; its standard output is its counts."""
        command = [self._programs / "load", "--url", f"http://{self.shop}"]
        command += ["--requests", str(requests), "--rate", str(rate)]
        return self._start("load", command, stdout=subprocess.PIPE)

    def stop_shop(self):
        """Its exit status after SIGTERM, and how many seconds it took."""
        shop = self._running.pop("shop")
        asked = time.monotonic()
        shop.send_signal(signal.SIGTERM)
        status = shop.wait(timeout=20)
        return status, time.monotonic() - asked

    def stop(self):
        """Ends what was started here, nothing else."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._reference:
            self._reference.shutdown()
        self._temporary.cleanup()

    def logs(self):
        """The end of every log, for whoever has to find out what went wrong."""
        for log in sorted(self.folder.glob("*.log")):
            yield log.name, log.read_text(errors="replace").splitlines()[-15:]

    def query(self, expression, at=None):
        """The answer of Prometheus: a list of {metric, value} or {metric, values}."""
        parameters = {"query": expression} | ({"time": f"{at:.3f}"} if at else {})
        answer = get_json(f"http://{self.prometheus}/api/v1/query?{urllib.parse.urlencode(parameters)}")
        return answer["data"]["result"]

    def number(self, expression, at=None):
        """The one value of an expression, or None where there is not exactly one."""
        rows = self.query(expression, at)
        return float(rows[0]["value"][1]) if len(rows) == 1 else None

    def alerts(self):
        """The alerts that have arrived in Alertmanager."""
        return get_json(f"http://{self.alertmanager}/api/v2/alerts")

    def _start(self, name, command, stdout=None):
        with open(self.folder / f"{name}.log", "w") as log:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL, stdout=stdout or log, stderr=log, cwd=self.folder, text=True,
            )
        self._running[name] = process
        return process

    def _start_shop(self):
        command = [self._programs / "shop", "--listen", "127.0.0.1:0", "--no-traffic"]
        line = self._start("shop", command, stdout=subprocess.PIPE).stdout.readline()
        return line.split("http://")[1].split(";")[0]

    def _start_alertmanager(self):
        (self.folder / "alertmanager.yml").write_text(ALERTMANAGER)
        self._start("alertmanager", [
            "prometheus-alertmanager", "--config.file=alertmanager.yml", "--storage.path=alertmanager",
            f"--web.listen-address={self.alertmanager}", "--cluster.listen-address=",
        ])

    def _start_prometheus(self):
        self._reference = serve(REFERENCE)
        reference = "127.0.0.1:%d" % self._reference.server_address[1]
        (self.folder / "prometheus.yml").write_text(PROMETHEUS.format(
            shop=self.shop, node=self.node, alertmanager=self.alertmanager, reference=reference,
        ))
        (self.folder / "rules.yml").write_text(RULES)
        self._start("prometheus", [
            "prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=prometheus",
            f"--web.listen-address={self.prometheus}",
        ])


def wait(what, ask, seconds=30):
    """Asks until the answer is true, and gives it back."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds} s in vain until {what}")


def get(url, accept="text/plain"):
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode()


def get_json(url):
    return json.loads(get(url, "application/json"))


def succeeds(url):
    try:
        get(url)
    except OSError:
        return False
    return True


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def serve(text):
    """An HTTP server in this process that answers everything with `text`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
