"""Does a real Prometheus, and Python's client, see in every format exactly what the exposer recorded?"""

import argparse
import json
import math
import pathlib
import signal
import subprocess
import sys
import time

sys.path.append(str(pathlib.Path(__file__).parent.parent / "stack"))

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

import ledger
from report import Report, expect
from scraped import Scraped, scrapes
from stack import get, wait

CHURNED = ["text", "openmetrics", "protobuf"]
# Of one family: many pieces, which in protobuf are as many messages.
SERIES = 20_000
CHURN_SCRAPES = 7
# What `expo.dotted.events` becomes for a reader of old names; a name in UTF-8 need not follow the rules of suffixes.
DELIBERATE = 'expo_dotted_events counter metrics should have "_total" suffix'


def main():
    options = arguments()
    # SIGTERM ends this script the way Ctrl-C does: what it started is stopped first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    report = Report()
    scraped = Scraped(options.programs, options.prometheus)
    print(f"Prometheus {scraped.version}")
    try:
        check(report, scraped, ["--utf8"] if options.utf8 else [])
        if report.failed:
            for name, lines in scraped.logs():
                print(f"--- the end of {name}", *lines, sep="\n")
    except KeyboardInterrupt:
        print("stopping")
        report.failed += 1
    finally:
        scraped.stop()
    print(f"{report.passed} passed, {report.failed} failed")
    sys.exit(1 if report.failed else 0)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", help="the folder of the built programs")
    parser.add_argument("--prometheus", default="prometheus", help="which Prometheus scrapes; 2.42 or 3.14")
    parser.add_argument("--utf8", action="store_true", help="names in UTF-8, too; needs Prometheus 3")
    return parser.parse_args()


def check(report, scraped, utf8):
    forms = ledger.FORMATS if utf8 else [form for form in ledger.FORMATS if form != "text-utf8"]
    recorded = json.loads(scraped.expected(utf8))
    began = time.time()
    report.check("Prometheus starts", lambda: scraped.start(jobs(forms)))
    for form in forms:
        report.check(f"{form}: an exposer starts", lambda: scraped.expose(form, ["--format", form, *utf8]))
    for form in forms if report.failed == 0 else []:
        one_format(report, scraped, form, recorded, began)
    if report.failed == 0:
        report.check("metadata of all targets together", lambda: all_metadata(scraped, forms, recorded))
        report.check("promtool has nothing to say but what is deliberate", lambda: promtool(scraped, utf8))
        if not utf8:
            readers = [("text", "text", parse_text), ("openmetrics", "the strict OpenMetrics", parse_openmetrics)]
            for form, name, parse in readers:
                report.check(
                    f"Python's client reads the same numbers in {name} format",
                    lambda: python_reads(parse(get(scraped.page(form))), form, recorded),
                )
    for form in forms:
        report.check(f"{form}: the exposer stops cleanly", lambda: expect("status", scraped.stop_one(form), 0))
    for form in CHURNED:
        report.check(f"{form}: a family of many pieces arrives whole", lambda: large(scraped, form))
    for form in CHURNED:
        report.check(f"{form}: nothing breaks while series come and go", lambda: churns(scraped, form))
    report.check("Prometheus complains of nothing", lambda: expect("its log", scraped.complaints(), []))


def jobs(forms):
    return [*forms, *(f"{kind}-{form}" for kind in ["large", "churn"] for form in CHURNED)]


def one_format(report, scraped, form, recorded, began):
    report.check(f"{form}: scraped without failure", lambda: f"{len(scrapes(scraped, form, 2)[0])} scrapes")
    report.check(f"{form}: every number", lambda: every_number(scraped, form, recorded))
    report.check(f"{form}: every native bucket", lambda: native_buckets(scraped, form, recorded))
    report.check(f"{form}: every exemplar", lambda: exemplars(scraped, form, recorded, began))
    report.check(f"{form}: type, help and unit", lambda: metadata(scraped, form, recorded))
    report.check(f"{form}: a bound is spelt as its format says", lambda: spelling(scraped, form))


def every_number(scraped, form, recorded):
    """Every series of the target, no other, none twice."""
    rows = scraped.series(f'{{job="{form}", __name__=~"expo.*|metrics_.*|target_info"}}')
    seen = [(identity(row), float(row["value"][1])) for row in rows if "value" in row]
    return same_numbers(seen, ledger.numbers(form, recorded))


def same_numbers(seen, wanted):
    """None wants any number above zero."""
    expect("series seen twice", len(seen) - len(dict(seen)), 0)
    seen = dict(seen)
    expect("series that are missing", sorted(map(str, wanted.keys() - seen.keys())), [])
    expect("series that nobody recorded", sorted(map(str, seen.keys() - wanted.keys())), [])
    wrong = {str(of): (seen[of], wanted[of]) for of in wanted if not same(seen[of], wanted[of])}
    expect("numbers that are wrong (seen, recorded)", wrong, {})
    return f"{len(seen)} series"


def same(seen, wanted):
    if wanted is None:
        return seen > 0
    if isinstance(seen, int):
        return seen == wanted
    return seen == float(wanted) or math.isnan(seen) and math.isnan(wanted)


def identity(row):
    labels = {name: value for name, value in row["metric"].items() if name not in ["__name__", "instance"]}
    return ledger.key(row["metric"]["__name__"], labels)


def native_buckets(scraped, form, recorded):
    rows = scraped.series(f'{{job="{form}", __name__=~"expo.*"}}')
    seen = {identity(row): row["histogram"][1] for row in rows if "histogram" in row}
    wanted = ledger.natives(recorded) if form == "protobuf" else {}
    expect("native histograms", sorted(map(str, seen)), sorted(map(str, wanted)))
    for of, (count, total, threshold, buckets) in wanted.items():
        expect(f"count and sum of {of}", (float(seen[of]["count"]), float(seen[of]["sum"])), (count, total))
        same_buckets(of, seen[of].get("buckets", []), threshold, buckets)
    return f"{len(seen)} native histograms with {sum(len(row[3]) for row in wanted.values())} buckets"


def same_buckets(of, seen, threshold, wanted):
    """Bounds within a few units in the last place, because Python has a power where Prometheus has a table."""
    seen = [(float(lower), float(upper), float(count)) for _, lower, upper, count in seen]
    wanted = sorted((lower, upper, float(count)) for (lower, upper), count in wanted.items())
    expect(f"the number of buckets of {of}: {seen}", len(seen), len(wanted))
    for (lower, upper, count), (low, up, number) in zip(sorted(seen), wanted):
        # Without negative buckets Prometheus says that the zero bucket begins at 0.
        zero = (low, up) == (-threshold, threshold) and lower == 0
        close = upper == up or math.isclose(upper, up, rel_tol=1e-14)
        close = close and (zero or lower == low or math.isclose(lower, low, rel_tol=1e-14))
        assert close and count == number, f"{of}: ({lower}, {upper}] has {count}, recorded ({low}, {up}] with {number}"


def exemplars(scraped, form, recorded, began):
    wanted = ledger.exemplars(form, recorded, scraped.newer)

    def found():
        data = scraped.api(
            "query_exemplars", query=f'{{job="{form}"}}', start=f"{began - 1:.3f}", end=f"{time.time():.3f}"
        )
        return {identity({"metric": row["seriesLabels"]}): exemplars_of(row, began) for row in data}

    wait("all exemplars are stored", lambda: len(found()) >= len(wanted))
    expect("exemplars", found(), wanted)
    return f"{len(wanted)} exemplars"


def exemplars_of(row, began):
    for exemplar in row["exemplars"]:
        expect("its labels", sorted(exemplar["labels"]), ["span_id", "trace_id"])
        at = float(exemplar["timestamp"])
        assert began <= at <= time.time(), f"an exemplar of {row['seriesLabels']} says it was made at {at}"
    return {(x["labels"]["trace_id"], x["labels"]["span_id"], float(x["value"])) for x in row["exemplars"]}


def metadata(scraped, form, recorded):
    data = scraped.api("targets/metadata", match_target=f'{{job="{form}"}}', limit=100_000)
    seen = {row["metric"]: (row["type"], row["help"], row["unit"]) for row in data if ours(row["metric"])}
    wanted = ledger.metadata(form, recorded, units_in_protobuf=scraped.newer)
    wrong = {name: (seen.get(name), wanted.get(name)) for name in seen | wanted if seen.get(name) != wanted.get(name)}
    expect("metadata that is wrong (seen, recorded)", wrong, {})
    return f"{len(seen)} families"


def ours(name):
    return name.startswith(("expo", "target"))


def all_metadata(scraped, forms, recorded):
    wanted = {}
    for form in forms:
        for name, entry in ledger.metadata(form, recorded, units_in_protobuf=scraped.newer).items():
            wanted.setdefault(name, set()).add(entry)
    data = scraped.api("metadata").items()
    seen = {
        name: {(entry["type"], entry["help"], entry["unit"]) for entry in entries}
        for name, entries in data if ours(name)
    }
    expect("metadata", seen, wanted)
    return f"{len(seen)} names"


def spelling(scraped, form):
    rows = scraped.series(f'expo_one_bucket_bucket{{job="{form}", le!="+Inf"}}')
    # Prometheus 2 keeps what it reads, so that text and OpenMetrics are different series there; 3 spells it anew.
    spelt = "1" if form.startswith("text") and not scraped.newer else "1.0"
    expect("the bound of expo_one_bucket", [row["metric"]["le"] for row in rows], [spelt])


def promtool(scraped, utf8):
    run = subprocess.run(
        ["promtool", "check", "metrics"], input=get(scraped.page("text")), capture_output=True, text=True, check=False,
    )
    expect("what it says", (run.stdout + run.stderr).splitlines(), [DELIBERATE] if utf8 else [])


def python_reads(families, form, recorded):
    seen = [(ledger.key(sample.name, sample.labels), sample.value) for family in families for sample in family.samples]
    return same_numbers(seen, ledger.numbers(form, recorded))


def large(scraped, form):
    job = f"large-{form}"
    scraped.expose(job, ["--format", form, "--series", str(SERIES)])
    scrapes(scraped, job, 2)
    rows = scraped.series(f'expo_many_total{{job="{job}"}}')
    expect("series", len(rows), SERIES)
    # Each has another number, from 0 on.
    expect("numbers", sorted(float(row["value"][1]) for row in rows), [float(number) for number in range(SERIES)])
    expect("its exit status", scraped.stop_one(job), 0)
    return f"{len(rows)} series"


def churns(scraped, form):
    """Series come and go and one histogram is observed all the time: every scrape succeeds and is consistent."""
    job = f"churn-{form}"
    scraped.expose(job, ["--format", form, "--churn"])
    seen, seconds = scrapes(scraped, job, CHURN_SCRAPES)
    window = f"[{math.ceil(seconds) + 5}s]"
    counts, infinite, sums = (samples(scraped, f"{name}{window}") for name in [
        f'expo_beaten_count{{job="{job}"}}',
        f'expo_beaten_bucket{{job="{job}", le="+Inf"}}',
        f'expo_beaten_sum{{job="{job}"}}',
    ])
    assert len(counts) >= CHURN_SCRAPES - 1, f"only {len(counts)} scrapes have expo_beaten_count"
    expect("scrapes in which _count is not the +Inf bucket", {at for at in counts if counts[at] != infinite[at]}, set())
    wrong = {at: (counts[at], sums[at]) for at in counts if sums[at] != sum_after(counts[at])}
    expect("scrapes in which _sum is not that of _count observations (count, sum)", wrong, {})
    assert sorted(counts.values()) == list(counts.values()), f"_count fell: {counts}"
    churned = scraped.series(f'count(expo_churn_total{{job="{job}"}})')
    assert churned and float(churned[0]["value"][1]) > 0, "no series came and went"
    if form == "openmetrics":
        list(parse_openmetrics(get(scraped.page(job))))
    expect("its exit status", scraped.stop_one(job), 0)
    return f"{len(seen)} scrapes, {max(counts.values()):.0f} observations, {churned[0]['value'][1]} series at the end"


def sum_after(count):
    """One thread observes 0, 1, … 9 and begins anew."""
    rounds, rest = divmod(count, 10)
    return 45 * rounds + rest * (rest - 1) / 2


def samples(scraped, selector):
    """Time to number of the one series that is found."""
    rows = scraped.series(selector)
    expect(f"series of {selector}", len(rows), 1)
    return {at: float(value) for at, value in rows[0]["values"]}


if __name__ == "__main__":
    main()
