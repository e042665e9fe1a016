#!/usr/bin/env python3
"""Does Python's prometheus_client read back from our text what was recorded?

Makes random content, lets the example `recorder` record it and print it as text 0.0.4, as text 1.0.0 and as OpenMetrics 1.0, and
compares what prometheus_client's parsers (for OpenMetrics the strict one) read with what was recorded, exactly: every sample,
and in OpenMetrics every exemplar.

    pip install prometheus_client
    cargo build -p metrics-core --example recorder
    python3 metrics-core/tests/foreign/check.py target/debug/examples/recorder [rounds] [seed]
"""

import math
import random
import re
import subprocess
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

BOUNDS = [0.001, 0.5, 1.0, 250.0, 1e6, math.inf]
AWKWARD = ['"', "\\", "\n", "\\n", '\\"', "{", "}", ",", "=", " ", "#", "\t", "é", "花火", "😱", "\u00a0", "a", "Z", "0", "_"]


def random_text(rng):
    return "".join(rng.choice(AWKWARD) for _ in range(rng.randrange(8)))


def random_float(rng):
    return rng.choice([
        float(rng.randrange(-10, 10_000_000)),
        rng.uniform(-1, 1),
        rng.uniform(-1, 1) * 10.0 ** rng.randrange(-300, 300),
        rng.choice([0.0, 1e6, 999_999.0, 1e-4, 9.9e-5, 5e-324, 1.7976931348623157e308, math.inf, -math.inf, math.nan]),
    ])


def random_numbers(rng, kind):
    if kind == "counter":
        return [abs(x) if math.isfinite(x) else 1.5 for x in [random_float(rng)]]
    if kind == "integer":
        return [rng.randrange(2**53)]
    if kind == "gauge":
        return [random_float(rng)]
    if kind == "info":
        return []
    return [rng.choice([0.001, 0.25, 0.5, 3.0, 250.0, 1e9, rng.uniform(0, 300)]) for _ in range(rng.randrange(6))]


def random_exemplar(rng):
    """Labels, and seconds and nanoseconds since 1970; or none."""
    if rng.random() < 0.5:
        return None
    names = rng.sample(["trace_id", "span_id", "_", "a", "le"], rng.randrange(4))
    # Quotes and braces in an exemplar's texts are more than prometheus_client can read; the tests in Rust have them.
    return {name: re.sub('["{}]', "'", random_text(rng)) for name in names}, (rng.randrange(2**32), rng.randrange(10**9))


def random_content(rng):
    """Name to (kind, help, {labels: [(number, exemplar)]})."""
    content = {}
    for at in range(rng.randrange(1, 9)):
        kind = rng.choice(["counter", "integer", "gauge", "histogram", "info"])
        name = f"family_{at}" + {"counter": "_total", "integer": "_total", "info": "_info"}.get(kind, "")
        rows = {}
        for _ in range(rng.randrange(1, 6)):
            # A constant label has a text, and those of an info are constant.
            labels = tuple(random_text(rng) or ("-" if kind == "info" else "") for _ in range(2))
            carries = kind in ("counter", "integer", "histogram")
            numbers = [(number, random_exemplar(rng) if carries else None) for number in random_numbers(rng, kind)]
            rows.setdefault(labels, numbers)
        # The text parser strips the ends of a line.
        content[name] = (kind, f"Help {random_text(rng)}.", rows)
    return content


def told(number, exemplar):
    """As the recorder reads it."""
    if exemplar is None:
        return repr(number)
    labels, (seconds, nanoseconds) = exemplar
    texts = ",".join(f"{name}={text.encode().hex()}" for name, text in labels.items())
    return f"{number!r}#{texts}#{seconds}.{nanoseconds}"


def expose(recorder, content, output_format):
    lines = []
    for name, (kind, help_text, rows) in content.items():
        for (a, b), numbers in rows.items():
            texts = " ".join(text.encode().hex() for text in (help_text, a, b))
            lines.append(" ".join([kind, name, texts, *(told(*number) for number in numbers)]))
    done = subprocess.run([recorder, output_format], input="\n".join(lines), capture_output=True, text=True, check=True)
    return done.stdout


def expected_samples(content):
    """Samples by name and labels, and the exemplars of those that have one."""
    samples, exemplars = {}, {}

    def put(name, labels, value, exemplar=None):
        key = name, frozenset((label, text) for label, text in labels if text)
        samples[key] = value
        if exemplar is not None:
            exemplars[key] = exemplar

    for name, (kind, _, rows) in content.items():
        for (a, b), numbers in rows.items():
            labels = [("a", a), ("b", b)]
            if kind == "info":
                put(name, labels, 1.0)
            elif kind != "histogram":
                number, exemplar = numbers[0]
                put(name, labels, float(number), exemplar and (float(number), *exemplar))
            else:
                put_histogram(put, name, labels, numbers)
    return samples, exemplars


def put_histogram(put, name, labels, numbers):
    below = -math.inf
    for bound in BOUNDS:
        within = [(float(x), *exemplar) for x, exemplar in numbers if below < x <= bound and exemplar is not None]
        count = sum(x <= bound for x, _ in numbers)
        put(name + "_bucket", labels + [("le", float(bound))], float(count), within[-1] if within else None)
        below = bound
    put(name + "_count", labels, float(len(numbers)))
    put(name + "_sum", labels, float(sum(x for x, _ in numbers)))


def read_samples(families):
    samples, exemplars = {}, {}
    for family in families:
        for sample in family.samples:
            labels = {k: float(v) if k == "le" else v for k, v in sample.labels.items()}
            key = sample.name, frozenset(labels.items())
            assert key not in samples, f"{key} comes twice"
            samples[key] = float(sample.value)
            if sample.exemplar is not None:
                at = sample.exemplar.timestamp
                exemplars[key] = sample.exemplar.value, sample.exemplar.labels, (at.sec, at.nsec)
    return samples, exemplars


def assert_same(what, read, expected, body):
    same = read.keys() == expected.keys() and all(
        read[key] == value or (value != value and read[key] != read[key]) for key, value in expected.items()
    )
    if not same:
        differing = {key for key in read.keys() | expected.keys() if read.get(key) != expected.get(key)}
        sys.exit(f"{what}: what was read differs from what was recorded in {sorted(map(str, differing))}:\n{body}")


def check_round(recorder, rng):
    content = random_content(rng)
    expected, exemplars = expected_samples(content)
    for output_format, parse in [("text", parse_text), ("text-utf8", parse_text), ("openmetrics", parse_openmetrics)]:
        body = expose(recorder, content, output_format)
        families = list(parse(body))
        read, read_exemplars = read_samples(families)
        assert_same(output_format, read, expected, body)
        assert_same(f"{output_format}, exemplars", read_exemplars, exemplars if output_format == "openmetrics" else {}, body)
        for family in families:
            full = family.name + {"counter": "_total", "info": "_info"}.get(family.type, "")
            kind, help_text, _ = content[full]
            assert family.documentation == help_text, (output_format, family.documentation, help_text)
            # What the older format has no word for is a gauge there.
            own = {"integer": "counter", "info": "info" if output_format == "openmetrics" else "gauge"}.get(kind, kind)
            assert family.type == own, (output_format, family.type, kind)


def main():
    recorder = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(2**32)
    rng = random.Random(seed)
    for _ in range(rounds):
        check_round(recorder, rng)
    print(f"{rounds} random registries read back by prometheus_client in 3 formats (seed {seed})")


if __name__ == "__main__":
    main()
