"""Which exposers does which Prometheus scrape, how are they started and stopped, and what did Prometheus see?"""

import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse

from stack import free_port, get_json, succeeds, wait

JOB = '  - {{job_name: "{job}", static_configs: [{{targets: ["{address}"]}}]}}\n'


class Scraped:
    """One Prometheus and one exposer a format, on free ports, with files and logs in a temporary folder."""

    def __init__(self, programs, prometheus):
        self._exposer = pathlib.Path(programs) / "exposer"
        self._program = prometheus
        self._temporary = tempfile.TemporaryDirectory(prefix="exposition-")
        self._folder = pathlib.Path(self._temporary.name)
        self._running = {}
        said = subprocess.run([prometheus, "--version"], capture_output=True, text=True, check=True)
        told = re.search(r"version (\d\S*)", said.stdout + said.stderr)
        # One that is built by hand need not know its version; it is a new one.
        self.version = told[1] if told else "of its own build"
        # From 3.0 on a bound is spelt in one way, from 3.9 on native histograms are a setting; the script builds 3.14.
        self.newer = not self.version.startswith("2.")

    def start(self, jobs):
        """Prometheus, with every job's address known before its exposer runs."""
        self.addresses = {job: f"127.0.0.1:{free_port()}" for job in jobs}
        self._prometheus = f"127.0.0.1:{free_port()}"
        native = ", scrape_native_histograms: true" if self.newer else ""
        (self._folder / "prometheus.yml").write_text(
            f"global: {{scrape_interval: 1s, scrape_timeout: 1s{native}}}\nscrape_configs:\n"
            + "".join(JOB.format(job=job, address=address) for job, address in self.addresses.items())
        )
        features = "exemplar-storage" if self.newer else "native-histograms,exemplar-storage"
        self._start("prometheus", [
            self._program, "--config.file=prometheus.yml", "--storage.tsdb.path=data", f"--enable-feature={features}",
            f"--web.listen-address={self._prometheus}",
        ])
        wait("Prometheus is ready", lambda: succeeds(f"http://{self._prometheus}/-/ready"))

    def expose(self, job, options):
        self._start(job, [self._exposer, "--listen", self.addresses[job], *options])
        wait(f"the exposer of {job} answers", lambda: accepts(self.addresses[job]))

    def expected(self, options):
        """The exposer's ledger as JSON text."""
        run = subprocess.run([self._exposer, "--expected", *options], capture_output=True, text=True, check=True)
        return run.stdout

    def page(self, job):
        return f"http://{self.addresses[job]}/metrics"

    def api(self, path, **parameters):
        answer = get_json(f"http://{self._prometheus}/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
        return answer["data"]

    def series(self, selector):
        """What a selector finds now: a list of {metric, value or histogram}, or with a range, {metric, values}."""
        return self.api("query", query=selector)["result"]

    def complaints(self):
        """What Prometheus logged as a warning or an error, or about doubled and late samples."""
        bad = re.compile(r"level=(warn|error)|duplicate|out.of.order", re.IGNORECASE)
        lines = (self._folder / "prometheus.log").read_text(errors="replace").splitlines()
        return [line for line in lines if bad.search(line)]

    def stop_one(self, job):
        process = self._running.pop(job)
        process.send_signal(signal.SIGTERM)
        # One that churns may have to wait for its turn.
        return process.wait(timeout=20)

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
        self._temporary.cleanup()

    def logs(self):
        """The end of every log, for whoever has to find out what went wrong."""
        for log in sorted(self._folder.glob("*.log")):
            yield log.name, log.read_text(errors="replace").splitlines()[-15:]

    def _start(self, name, command):
        with open(self._folder / f"{name}.log", "w") as log:
            self._running[name] = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._folder,
            )


def accepts(address):
    host, port = address.split(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except OSError:
        return False
    return True


def scrapes(scraped, job, count):
    """The times of so many successful scrapes in a row, the first of which is the first that succeeded."""
    began = time.time()

    def ups():
        rows = scraped.series(f'up{{job="{job}"}}[5m]')
        samples = [(float(at), value) for at, value in rows[0]["values"]] if rows else []
        first = next((at for at, value in samples if value == "1"), None)
        return [(at, value) for at, value in samples if first is not None and at >= first]

    seen = wait(f"{job} was scraped {count} times", lambda: (rows := ups()) and len(rows) >= count and rows, 60)
    down = [at for at, value in seen if value != "1"]
    assert not down, f"{len(down)} of {len(seen)} scrapes of {job} failed after the first success"
    return seen, time.time() - began
