"""What must a reader of each format see of the exposer's ledger? Worked out here from what was recorded."""

import math

# The default bounds, as the documentation gives them.
DEFAULT_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]
FORMATS = ["text", "text-utf8", "openmetrics", "protobuf"]


def key(name, labels):
    """The identity of a series. A label without text is no label; a bound is a number, however it is spelt."""
    numbers = ["le", "quantile"]
    return name, frozenset((k, float(v) if k in numbers else v) for k, v in labels.items() if v != "" and k != "job")


def escaped(name, form):
    """The name for a reader that may know only the old characters."""
    return name.replace(".", "_") if form == "text" else name


def numbers(form, families):
    """Series to number, without native histograms; None for any number above zero."""
    rows = {}
    for family in families:
        for series in family["series"]:
            labels = {escaped(label, form): value for label, value in series["labels"].items()}
            if "observed" in series:
                rows.update(histogram(form, family, labels, series))
            elif "quantiles" in series:
                rows.update(summary(family["name"], labels, series))
            else:
                value = None if series["value"] == "rising" else number(series["value"])
                rows[key(escaped(family["name"], form), labels)] = value
    return rows | self_metrics(families)


def number(text):
    """Integers stay exact, for readers that can tell."""
    return int(text) if text.lstrip("-").isdigit() else float(text)


def histogram(form, family, labels, series):
    """Buckets, sum and count; nothing where protobuf says it better."""
    if family["native"] and form == "protobuf":
        return {}
    name, values, bounds = family["name"], observed(series), bounds_of(family)
    rows = {
        key(name + "_bucket", labels | {"le": str(bound)}): sum(value <= bound for value in values)
        for bound in [*bounds, math.inf]
    }
    # OpenMetrics wants neither where the sum could fall.
    if form != "openmetrics" or total(values) >= 0 and not any(bound < 0 for bound in bounds):
        rows[key(name + "_sum", labels)] = total(values)
        rows[key(name + "_count", labels)] = len(values)
    return rows


def summary(name, labels, series):
    rows = {key(name, labels | {"quantile": of}): number(value) for of, value in series["quantiles"]}
    return rows | {key(name + part, labels): number(series[part[1:]]) for part in ["_sum", "_count"]}


def observed(series):
    return [float(value) for value in series["observed"]]


def bounds_of(family):
    if not family["classic"]:
        return []
    return DEFAULT_BOUNDS if family["buckets"] is None else [float(bound) for bound in family["buckets"]]


def total(values):
    """What is infinite is counted, but not added."""
    return math.fsum(value for value in values if math.isfinite(value))


def self_metrics(families):
    """What the library tells about itself after this was recorded."""
    rows = {key("metrics_ignored_records_total", {}): 0, key("metrics_left_out_rows_total", {}): 0}
    # From the second scrape on, and never the same.
    rows[key("metrics_collector_duration_seconds", {"family": "metrics_ignored_records_total"})] = None
    for family in families:
        if family.get("collected"):
            rows[key("metrics_collector_duration_seconds", {"family": family["name"]})] = None
        if family["type"] in ["info", "stateset"] or not any(series["labels"] for series in family["series"]):
            continue
        overflowed = sum("_overflow" in series["labels"].values() for series in family["series"])
        of = {"family": family["name"]}
        rows[key("metrics_family_series", of)] = len(family["series"])
        rows[key("metrics_family_overflowed_total", of)] = overflowed
    return rows


def natives(families):
    """Series to (count, sum, zero threshold, {bucket's bounds: count}) for every native histogram."""
    rows = {}
    for family in families:
        if family["native"]:
            factor, threshold = (float(family["native"][part]) for part in ["factor", "zero_threshold"])
            for series in family["series"]:
                values = observed(series)
                buckets = native_buckets(schema_of(factor), threshold, values)
                rows[key(family["name"], series["labels"])] = (len(values), total(values), threshold, buckets)
    return rows


def schema_of(factor):
    return max(-4, min(8, -math.floor(math.log2(math.log2(factor)))))


def native_buckets(schema, threshold, values):
    """(sign, index) to count; the zero bucket is (0, 0)."""
    buckets = {}
    for value in values:
        size = abs(value)
        index = (0, 0) if size <= threshold else (1 if value > 0 else -1, native_index(schema, size))
        buckets[index] = buckets.get(index, 0) + 1
    return {native_bounds(schema, threshold, *index): count for index, count in buckets.items()}


def native_index(schema, size):
    if math.isinf(size):
        return last_finite(schema) + 1
    # The values of the exposer are powers of two or far from a bound: a logarithm decides rightly.
    return math.ceil(math.log2(size) * 2.0**schema - 1e-9)


def last_finite(schema):
    return math.ceil(1024 * 2.0**schema)


def native_bounds(schema, threshold, sign, index):
    if sign == 0:
        return -threshold, threshold
    lower, upper = (native_bound(schema, at) for at in [index - 1, index])
    return (lower, upper) if sign > 0 else (-upper, -lower)


def native_bound(schema, index):
    last = last_finite(schema)
    if index >= last:
        return math.inf if index > last else 1.7976931348623157e308
    return 2.0 ** (index / 2.0**schema)


def exemplars(form, families, newer):
    """Series to {(trace, span, value)}; `newer` Prometheus reads those of a native histogram without classic buckets."""
    rows = {}
    if form not in ["openmetrics", "protobuf"]:
        return rows
    for family in families:
        for series in family["series"]:
            for exemplar in seen_exemplars(form, family, series.get("exemplars", []), newer):
                of = key(*exemplar_series(form, family, series["labels"], float(exemplar["value"])))
                seen = (exemplar["trace_id"], exemplar["span_id"], float(exemplar["value"]))
                rows.setdefault(of, set()).add(seen)
    return rows


def seen_exemplars(form, family, made, newer):
    if family["native"] and family["classic"] and form == "protobuf" and made and not newer:
        # An older one takes the native histogram, and of it the exemplar of the first bucket that has one.
        return [min(made, key=lambda exemplar: float(exemplar["value"]))]
    if not family["native"] or family["classic"] or not made:
        return made
    if form == "protobuf":
        return made if newer else []
    # The one bucket has room for one: that of the first place, see `metric/exemplars.rs`.
    schema = schema_of(float(family["native"]["factor"]))
    return [min(made, key=lambda exemplar: native_index(schema, float(exemplar["value"])) % 10)]


def exemplar_series(form, family, labels, value):
    if family["type"] == "counter" or family["native"] and form == "protobuf":
        return family["name"], labels
    bound = min(bound for bound in [*bounds_of(family), math.inf] if value <= bound)
    return family["name"] + "_bucket", labels | {"le": str(bound)}


def metadata(form, families, units_in_protobuf):
    """Name to (type, help, unit)."""
    rows = {}
    for family in families:
        name, kind = escaped(family["name"], form), family["type"]
        if form == "openmetrics":
            name, kind = openmetrics_head(name, kind)
        else:
            kind = "gauge" if kind in ["info", "stateset"] else kind
        has_unit = form == "openmetrics" or form == "protobuf" and units_in_protobuf
        rows[name] = kind, family["help"], family["unit"] if has_unit else ""
    return rows


def openmetrics_head(name, kind):
    """The family's name is without the suffix of its samples; a counter without the suffix is none."""
    suffix = {"counter": "_total", "info": "_info"}.get(kind, "")
    if not name.endswith(suffix):
        return name, "unknown"
    return name.removesuffix(suffix), kind
