"""How many lines a second does the bridge take on one core, beside statsd_exporter; what does it lose; does its memory stay?

throughput.py PROGRAMS: the folder of the release build, with examples/flood. STATSD_EXPORTER names statsd_exporter v0.30.0.
Each receiver is bound to core 0, the sender to core 1; on a busy machine NICE=-20 lets the receivers have their core. Everything is
sent over a Unix datagram socket, where a sender waits for a receiver that is slower; the part about losses goes over UDP, at half of
the rate that was measured before.
LINES_SENT (3000000) and MEMORY_LINES (10000000) make it shorter or longer. throughput.sh builds all and runs it.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

PROGRAMS = sys.argv[1]
ON_ITS_CORE = ["nice", "-n", os.environ.get("NICE", "0"), "taskset", "-c", "0"]
LINES = int(os.environ.get("LINES_SENT", "3000000"))
MAPPING = "defaults:\n  observer_type: histogram\n"


def fetch(address):
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=30) as answer:
        return answer.read().decode()


def metric(text, name):
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if re.match(rf"{name}(\{{|\s)", line))


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def waited_seconds(pid):
    """How long its threads could have run, but others had the processor."""
    tasks = os.listdir(f"/proc/{pid}/task")
    return sum(int(open(f"/proc/{pid}/task/{task}/schedstat").read().split()[1]) for task in tasks) / 1e9


def resident(pid):
    return int(open(f"/proc/{pid}/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def flood(target, lines, *arguments):
    """Sends; how many lines that were in a second. The sender, not a receiver, goes before other programs if it may."""
    command = ["nice", "-n", "-20", "taskset", "-c", "1", f"{PROGRAMS}/examples/flood", target, str(lines), *arguments]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return float(told.stdout)


def wait(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class Bridge:
    name, count = "metrics-bridge", "metrics_bridge_lines_total"

    def __init__(self, folder):
        self.socket = f"{folder}/bridge.socket"
        self.process = subprocess.Popen(
            [*ON_ITS_CORE, f"{PROGRAMS}/dogstatsd-bridge", "--listen", f"unix://{self.socket}", "--listen",
             "udp://127.0.0.1:0", "--metrics", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.udp = re.search(r"udp://[0-9.:]+", line)[0]
        self.metrics = re.search(r"http://([0-9.:]+)/metrics", line)[1]


class Exporter:
    name, count = "statsd_exporter", "statsd_exporter_lines_total"

    def __init__(self, folder):
        self.socket, self.metrics = f"{folder}/exporter.socket", "127.0.0.1:19102"
        with open(f"{folder}/mapping.yaml", "w") as file:
            file.write(MAPPING)
        self.process = subprocess.Popen(
            [*ON_ITS_CORE, os.environ["STATSD_EXPORTER"], f"--statsd.mapping-config={folder}/mapping.yaml",
             f"--statsd.listen-unixgram={self.socket}", "--statsd.listen-udp=", "--statsd.listen-tcp=",
             f"--web.listen-address={self.metrics}", "--log.level=error"], env={**os.environ, "GOMAXPROCS": "1"})
        wait(lambda: os.path.exists(self.socket))
        wait(self.answers)

    def answers(self):
        try:
            return bool(fetch(self.metrics))
        except OSError:
            return False


def rate(receiver, lines):
    """Lines a second of the receiver's processor time, after a round to warm up."""
    flood(f"unix://{receiver.socket}", lines // 10)
    wait(lambda: metric(fetch(receiver.metrics), receiver.count) >= lines // 10)
    before, started = cpu_seconds(receiver.process.pid), time.monotonic()
    flood(f"unix://{receiver.socket}", lines)
    total = lines + lines // 10
    if not wait(lambda: metric(fetch(receiver.metrics), receiver.count) >= total):
        sys.exit(f"FAILED: {receiver.name} took {metric(fetch(receiver.metrics), receiver.count)} of {total} lines")
    wall, cpu = time.monotonic() - started, cpu_seconds(receiver.process.pid) - before
    print(f"{receiver.name}: {lines} lines, {lines / cpu:,.0f} a second of processor time, {lines / wall:,.0f} a second, "
          f"{resident(receiver.process.pid):.0f} MiB")
    return lines / cpu


def losses(bridge, lines, lines_per_second):
    """Whether nothing is lost of lines over UDP at this rate. Where the sender cannot keep it, that is said."""
    before, waited = fetch(bridge.metrics), waited_seconds(bridge.process.pid)
    reached = flood(bridge.udp, lines, "--rate", str(int(lines_per_second)))
    arrived = wait(lambda: metric(fetch(bridge.metrics), bridge.count) >= metric(before, bridge.count) + lines, 20)
    after = fetch(bridge.metrics)
    rise = lambda name: metric(after, name) - metric(before, name)
    buffer = min(float(value) for value in re.findall(r"metrics_bridge_receive_buffer_bytes{[^}]*udp[^}]*} (\S+)", after))
    print(f"UDP at {lines_per_second:,.0f} lines a second ({reached:,.0f} sent): {rise(bridge.count):.0f} of {lines} taken, "
          f"{rise('metrics_bridge_kernel_drops_total'):.0f} datagrams dropped by the kernel, {rise('metrics_bridge_refused_total'):.0f} "
          f"lines refused; the kernel keeps {buffer / 2**20:.1f} MiB")
    waited = waited_seconds(bridge.process.pid) - waited
    if waited > 0.1 * lines / reached:
        print(f"the bridge waited {waited:.2f} of {lines / reached:.2f} s for its core, which other programs had")
    if reached < 0.8 * lines_per_second:
        print("SKIPPED: that rate; the sender did not get the processor time for it")
    return arrived and rise(bridge.count) == lines and rise("metrics_bridge_kernel_drops_total") == 0


def memory(bridge, lines):
    """Resident memory over ten parts of a stream with a million different tag values."""
    target, sizes = f"unix://{bridge.socket}", []
    for _ in range(10):
        flood(target, lines // 10, "--distinct", "1000000")
        sizes.append(resident(bridge.process.pid))
    series = sum(1 for line in fetch(bridge.metrics).splitlines() if line.startswith("shop_"))
    print(f"{lines} lines with 1000000 values: {', '.join(f'{size:.1f}' for size in sizes)} MiB, {series} rows")
    return max(sizes[1:]) <= sizes[0] + 8


def main():
    ok = True
    with tempfile.TemporaryDirectory() as folder:
        receivers = []
        try:
            bridge = Bridge(folder)
            receivers.append(bridge)
            ours = rate(bridge, LINES)
            if "STATSD_EXPORTER" in os.environ:
                exporter = Exporter(folder)
                receivers.append(exporter)
                theirs = rate(exporter, LINES // 5)
                print(f"{ours / theirs:.1f} times statsd_exporter")
                ok &= ours >= 3 * theirs
            else:
                print("SKIPPED: statsd_exporter, which STATSD_EXPORTER does not name")
            ok &= losses(bridge, LINES, ours / 2)
            ok &= memory(bridge, int(os.environ.get("MEMORY_LINES", "10000000")))
        finally:
            for receiver in receivers:
                receiver.process.terminate()
                receiver.process.wait()
    sys.exit(0 if ok else "FAILED: a target is missed")


main()
