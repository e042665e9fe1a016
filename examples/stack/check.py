"""What has to be true of the shop under load, as Prometheus, Alertmanager, promtool and Python's client see it?"""

import json
import signal
import subprocess
import sys
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text
from report import Report, expect
from stack import Stack, get, wait

REQUESTS = 3000
RATE = 100
REQUESTS_TOTAL = 'http_server_requests_total{job="shop"}'
DURATIONS_COUNT = 'http_server_request_duration_seconds_count{job="shop"}'
# Which route the layer names for a path of the load generator.
ROUTES = {"/products/honey": "/products/{product}"}


def main():
    programs, stay = sys.argv[1], sys.argv[2:] == ["--stay"]
    if sys.argv[2:] and not stay:
        sys.exit(f"check.sh: {' '.join(sys.argv[2:])} is no option; there is only --stay")
    # SIGTERM ends this script the way Ctrl-C does: what it started is stopped first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    report = Report()
    stack = Stack(programs)
    try:
        report.check("every program starts", stack.start)
        if report.failed == 0:
            before_load(report, stack)
            counts = under_load(report, stack)
            if counts:
                after_load(report, stack, counts)
            if stay:
                leave_up(stack)
            report.check("the shop stops cleanly on SIGTERM", lambda: stops_cleanly(stack))
        if report.failed:
            print_logs(stack)
    except KeyboardInterrupt:
        print("stopping")
    finally:
        stack.stop()
    print(f"{report.passed} passed, {report.failed} failed")
    sys.exit(1 if report.failed else 0)


def before_load(report, stack):
    for job in ["shop", "node", "reference"]:
        report.check(f"target {job} is up", lambda: up(stack, job))
    report.check("declared series are at zero before the first event", lambda: zero(stack))
    report.check("an empty label and none are one series", lambda: one_series(stack))


def up(stack, job):
    wait(f"{job} is up", lambda: stack.number(f'up{{job="{job}"}}') == 1)


def zero(stack):
    rows = stack.query('shop_payments_total{job="shop"}')
    expect("the number of series", len(rows), 6)
    expect("their values", {row["value"][1] for row in rows}, {"0"})


def one_series(stack):
    """Prometheus' own view of two rows that differ in an empty label, then ours of two such orders."""
    expect("series of the reference", stack.number("count(reference_probe)"), 1)
    for form in [b"product=honey", b"product=honey&coupon="]:
        urllib.request.urlopen(f"http://{stack.shop}/orders", data=form, timeout=10).close()
    orders = 'shop_orders_total{job="shop", product="honey", coupon=""}'
    wait("both orders are in one series", lambda: stack.number(orders) == 2)


def under_load(report, stack):
    """The generator's own counts; None where it failed."""
    load = stack.load(REQUESTS, RATE)
    report.check("requests in flight are seen under load", lambda: in_flight(stack))
    report.check("the alert arrives in Alertmanager", lambda: arrives(stack))
    output, _ = load.communicate(timeout=60)
    counts = json.loads(output) if load.returncode == 0 else None
    report.check("every request was answered", lambda: all_answered(counts))
    return counts


def in_flight(stack):
    running = 'sum(http_server_active_requests{job="shop"})'
    return wait("a scrape meets requests in flight", lambda: stack.number(running))


def arrives(stack):
    def alert():
        return [alert for alert in stack.alerts() if alert["labels"]["alertname"] == "ShopErrorRatio"]

    found = wait("the alert arrives", alert, seconds=40)
    expect("its state", found[0]["status"]["state"], "active")
    expect("its severity", found[0]["labels"]["severity"], "page")
    return found[0]["annotations"]["summary"]


def after_load(report, stack, counts):
    report.check("the request counter is exactly what was sent", lambda: counter_is_exact(stack, counts))
    report.check("rate() agrees with the generator", lambda: rate_agrees(stack, counts))
    report.check("the slow route's median is plausible", lambda: median(stack, counts, "/reports/sales", 0.5, 1.0))
    report.check("a fast route's median is plausible", lambda: median(stack, counts, "/products", 0.0, 0.05))
    report.check("nothing is in flight any more", lambda: nothing_in_flight(stack))
    report.check("in every scrape, _count is the +Inf bucket", lambda: count_is_inf_bucket(stack))
    report.check("no total ever fell", lambda: no_resets(stack))
    report.check("the machine's metrics stand beside", lambda: node_metrics(stack))
    report.check("promtool has nothing to say about the shop's metrics", lambda: promtool_is_silent(stack))
    formats = [("text", "text/plain", parse_text), ("OpenMetrics", "application/openmetrics-text", parse_openmetrics)]
    for name, accept, parse in formats:
        report.check(
            f"Python's client reads back what was sent, in {name}",
            lambda: python_reads_back(parse(get(f"http://{stack.shop}/metrics", accept)), counts),
        )


def all_answered(counts):
    assert counts, "the load generator failed"
    expect("requests without an answer", counts["failed"], 0)
    expect("answers", len(counts["answered_at"]), REQUESTS)


def counter_is_exact(stack, counts):
    """The two orders of `one_series` were sent too."""
    sent = REQUESTS + 2
    wait(f"the counter is {sent}", lambda: stack.number(f"sum({REQUESTS_TOTAL})") == sent, seconds=10)
    expect("observed durations", stack.number(f"sum({DURATIONS_COUNT})"), sent)
    seen = {
        (row["metric"]["http_route"], int(row["metric"]["http_response_status_code"])): float(row["value"][1])
        for row in stack.query(REQUESTS_TOTAL)
    }
    answers = {
        (ROUTES.get(path, path), int(status)): float(count)
        for path, statuses in counts["answers"].items()
        for status, count in statuses.items()
    }
    answers["/orders", 201] += 2
    expect("requests by route and status", seen, answers)
    return f"{sent} requests in {len(seen)} series"


def end_of_load(counts):
    return counts["answered_at"][-1]


def rate_agrees(stack, counts):
    """Between the first and the last sample of one window, which lies within the load."""
    at = end_of_load(counts) - 2
    samples = [float(time) for row in stack.query(f"{REQUESTS_TOTAL}[20s]", at) for time, _ in row["values"]]
    first, last = min(samples), max(samples)
    own = sum(first < answered <= last for answered in counts["answered_at"]) / (last - first)
    rate = stack.number(f"sum(rate({REQUESTS_TOTAL}[20s]))", at)
    assert abs(rate / own - 1) < 0.05, f"rate() says {rate:.2f}/s, the generator {own:.2f}/s"
    return f"rate() {rate:.2f}/s, generator {own:.2f}/s over {last - first:.1f} s"


def median(stack, counts, route, least, most):
    buckets = f'http_server_request_duration_seconds_bucket{{job="shop", http_route="{route}"}}'
    seconds = stack.number(f"histogram_quantile(0.5, sum by (le) (rate({buckets}[20s])))", end_of_load(counts) - 2)
    assert seconds is not None and least < seconds < most, f"{seconds} s is not between {least} and {most} s"
    return f"{seconds:.4f} s"


def nothing_in_flight(stack):
    for gauge in ["http_server_active_requests", "shop_reports_in_progress"]:
        expect(gauge, stack.number(f'sum({gauge}{{job="shop"}})'), 0)


def count_is_inf_bucket(stack):
    buckets = 'http_server_request_duration_seconds_bucket{job="shop", le="+Inf"}'
    difference = f"abs(sum({DURATIONS_COUNT}) - sum({buckets}))"
    expect("the greatest difference", stack.number(f"max_over_time(({difference})[60s:1s])"), 0)


def no_resets(stack):
    for total in [REQUESTS_TOTAL, DURATIONS_COUNT]:
        expect(f"resets of {total}", stack.number(f"sum(resets({total}[60s]))"), 0)


def node_metrics(stack):
    busy = 'sum(rate(node_cpu_seconds_total{job="node", mode!="idle"}[20s]))'
    cores = stack.number(busy)
    assert cores and cores > 0, f"{busy} is {cores}"
    each = stack.number(f"sum(rate({REQUESTS_TOTAL}[20s])) / on() {busy}")
    assert each is not None, "the shop's requests and the machine's CPU do not meet in one expression"
    return f"{cores:.2f} cores were busy"


def promtool_is_silent(stack):
    run = subprocess.run(
        ["promtool", "check", "metrics"], input=get(f"http://{stack.shop}/metrics"), capture_output=True, text=True,
    )
    expect("what promtool says", (run.returncode, run.stdout + run.stderr), (0, ""))


def python_reads_back(parsed, counts):
    families = {family.name: family for family in parsed}
    durations = families["http_server_request_duration_seconds"]
    expect("its type", durations.type, "histogram")
    read = sum(sample.value for sample in durations.samples if sample.name.endswith("_count"))
    expect("requests", read, REQUESTS + 2)
    orders = {
        (sample.labels["product"], sample.labels.get("coupon")): sample.value
        for sample in families["shop_orders"].samples
    }
    expect("orders", orders, {("honey", None): 2, ("tea", "LOAD"): float(counts["answers"]["/orders"]["201"])})
    return f"{len(families)} families"


def stops_cleanly(stack):
    status, seconds = stack.stop_shop()
    expect("its exit status", status, 0)
    assert seconds < 2, f"it took {seconds:.1f} s"


def leave_up(stack):
    stack.load(10**9, 5)
    print(f"""
Everything stays up, under a gentle load, until Ctrl-C:
  shop          http://{stack.shop}/metrics
  Prometheus    http://{stack.prometheus}/graph
  Alertmanager  http://{stack.alertmanager}
  node exporter http://{stack.node}/metrics
  files, logs   {stack.folder}""", flush=True)
    signal.pause()


def print_logs(stack):
    for name, lines in stack.logs():
        print(f"--- the end of {name}", *lines, sep="\n")


if __name__ == "__main__":
    main()
