#!/usr/bin/env python3
"""Does Python's prometheus_client read back from our text what was recorded?

Makes random content, lets the example `recorder` record it and print it as text 0.0.4, as text 1.0.0 and as OpenMetrics 1.0, and
compares what prometheus_client's parsers (for OpenMetrics the strict one) read with what was recorded, exactly.

    pip install prometheus_client
    cargo build -p metrics-core --example recorder
    python3 metrics-core/tests/foreign/check.py target/debug/examples/recorder [rounds] [seed]
"""

import math
import random
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
    return [rng.choice([0.001, 0.25, 0.5, 3.0, 250.0, 1e9, rng.uniform(0, 300)]) for _ in range(rng.randrange(6))]


def random_content(rng):
    """Name to (kind, help, {labels: numbers})."""
    content = {}
    for at in range(rng.randrange(1, 9)):
        kind = rng.choice(["counter", "integer", "gauge", "histogram"])
        name = f"family_{at}" + ("_total" if kind in ("counter", "integer") else "")
        rows = {}
        for _ in range(rng.randrange(1, 6)):
            labels = (random_text(rng), random_text(rng))
            rows.setdefault(labels, random_numbers(rng, kind))
        # The text parser strips the ends of a line.
        content[name] = (kind, f"Help {random_text(rng)}.", rows)
    return content


def expose(recorder, content, output_format):
    lines = []
    for name, (kind, help_text, rows) in content.items():
        for (a, b), numbers in rows.items():
            texts = " ".join(text.encode().hex() for text in (help_text, a, b))
            lines.append(" ".join([kind, name, texts, *map(repr, numbers)]))
    done = subprocess.run([recorder, output_format], input="\n".join(lines), capture_output=True, text=True, check=True)
    return done.stdout


def expected_samples(content):
    samples = {}

    def put(name, labels, value):
        present = frozenset((label, text) for label, text in labels if text)
        samples[name, present] = value

    for name, (kind, _, rows) in content.items():
        for (a, b), numbers in rows.items():
            labels = [("a", a), ("b", b)]
            if kind != "histogram":
                put(name, labels, float(numbers[0]))
                continue
            for bound in BOUNDS:
                put(name + "_bucket", labels + [("le", float(bound))], float(sum(x <= bound for x in numbers)))
            put(name + "_count", labels, float(len(numbers)))
            put(name + "_sum", labels, float(sum(numbers)))
    return samples


def read_samples(families):
    samples = {}
    for family in families:
        for sample in family.samples:
            labels = {k: float(v) if k == "le" else v for k, v in sample.labels.items()}
            key = sample.name, frozenset(labels.items())
            assert key not in samples, f"{key} comes twice"
            samples[key] = float(sample.value)
    return samples


def assert_same(what, read, expected, body):
    same = read.keys() == expected.keys() and all(
        read[key] == value or (math.isnan(value) and math.isnan(read[key])) for key, value in expected.items()
    )
    if not same:
        differing = {key for key in read.keys() | expected.keys() if read.get(key) != expected.get(key)}
        sys.exit(f"{what}: what was read differs from what was recorded in {sorted(map(str, differing))}:\n{body}")


def check_round(recorder, rng):
    content = random_content(rng)
    expected = expected_samples(content)
    for output_format, parse in [("text", parse_text), ("text-utf8", parse_text), ("openmetrics", parse_openmetrics)]:
        body = expose(recorder, content, output_format)
        families = list(parse(body))
        assert_same(output_format, read_samples(families), expected, body)
        for family in families:
            full = family.name + ("_total" if family.type == "counter" else "")
            kind, help_text, _ = content[full]
            assert family.documentation == help_text, (output_format, family.documentation, help_text)
            assert family.type == {"integer": "counter"}.get(kind, kind), (output_format, family.type, kind)


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
