//! Which shapes can a metric have? Values are fixed and noted in a ledger, so that a scraper's account can be compared.

use std::any::Any;

use metrics_core::descriptor::NativeDeclaration;
use metrics_core::encode::{Exemplar, Timestamp};
use metrics_core::{
    BusyTime, Counter, Declaration, Descriptor, DynamicFamily, Error, Family, Gauge, Histogram, LabelSet, LabelValue,
    MetricType, Registry, StateSet, UpDownGauge,
};

use crate::ledger::Ledger;

/// Text in which everything stands that has to be escaped, and much that must not be.
const AWKWARD: &str = "quote \" backslash \\ newline \n emoji 😱 comma , brace } end";

/// Floats of every awkward size.
pub(crate) const AWKWARD_FLOATS: [f64; 10] =
    [0.0, 1e-5, 0.1, 1.0, 655_360.0, 1e6, 1e21, 1.5e300, 5e-324, 9_007_199_254_740_993.0];

#[derive(Clone, Copy, LabelValue)]
enum Colour {
    Red,
    Green,
}

#[derive(LabelSet)]
struct Labels<'a> {
    colour: Colour,
    text: &'a str,
    code: Option<u16>,
}

/// What must be kept while it is exposed.
pub(crate) type Recorded = Vec<Box<dyn Any + Send>>;

/// Registers everything, records it once and notes it in the ledger.
pub(crate) fn record(registry: &Registry, ledger: &mut Ledger, utf8: bool) -> Result<Recorded, Error> {
    counters(registry, ledger)?;
    labelled(registry, ledger)?;
    gauges(registry, ledger)?;
    states(registry, ledger)?;
    classic(registry, ledger)?;
    native(registry, ledger)?;
    let busy = counter("expo_busy_seconds_total", "Busy time that goes on.").with_unit("seconds");
    ledger.family(busy).rising();
    let busy: BusyTime = registry.register(busy)?;
    if utf8 {
        dotted(registry, ledger)?;
    }
    registry.register_self_metrics()?;
    Ok(vec![Box::new(busy.start())])
}

fn counter(name: &'static str, help: &'static str) -> Declaration {
    Declaration::new(MetricType::Counter, name, help)
}

fn gauge(name: &'static str, help: &'static str) -> Declaration {
    Declaration::new(MetricType::Gauge, name, help)
}

fn histogram(name: &'static str, help: &'static str) -> Declaration {
    Declaration::new(MetricType::Histogram, name, help)
}

fn counters(registry: &Registry, ledger: &mut Ledger) -> Result<(), Error> {
    let plain = counter("expo_plain_total", "A counter, with \" and \\ and \n in its help.");
    registry.register::<Counter>(plain)?.add(u64::MAX);
    ledger.family(plain).value(&[], u64::MAX);
    let untouched = counter("expo_untouched_total", "A counter at zero.");
    registry.register::<Counter>(untouched)?;
    ledger.family(untouched).value(&[], 0);
    let traced = counter("expo_traced_total", "A counter with an exemplar.");
    let (trace, span) = (0x0af7_6519, 0xb7ad);
    let exemplar = Exemplar::of_trace(3.0, Timestamp::now(), trace, span);
    registry.register::<Counter>(traced)?.add_with_exemplar(3, &exemplar);
    ledger.family(traced).value(&[], 3).exemplar(3.0, trace, span);
    let mut floats = Descriptor::new(MetricType::Counter, "expo_floats_total", "Floats of every awkward size.");
    floats.add_label("size");
    let family: DynamicFamily<Counter<f64>> = registry.register_dynamic(floats.clone())?;
    let entry = ledger.family(floats);
    for value in AWKWARD_FLOATS {
        let size = format!("{value:e}");
        family.with(&[Some(&size)]).add(value);
        entry.value(&[("size", &size)], &size);
    }
    Ok(())
}

fn labelled(registry: &Registry, ledger: &mut Ledger) -> Result<(), Error> {
    let labelled = counter("expo_labelled_total", "A counter with labels of every kind.").with_max_series(4);
    let family: Family<Labels<'static>, Counter> = registry.register(labelled)?;
    let entry = ledger.family(labelled);
    for (at, (text, code)) in
        [(AWKWARD, Some(200)), ("", None), ("plain", Some(0)), ("more", None)].into_iter().enumerate()
    {
        let value = 7 + at as u64;
        family.with(&Labels { colour: Colour::Red, text, code }).add(value);
        let code = code.map_or(String::new(), |code| code.to_string());
        entry.value(&[("colour", "red"), ("text", text), ("code", &code)], value);
    }
    family.with(&Labels { colour: Colour::Red, text: "beyond the cap", code: Some(1) }).add(99);
    entry.value(&[("colour", "red"), ("text", "_overflow"), ("code", "_overflow")], 99);
    Ok(())
}

fn gauges(registry: &Registry, ledger: &mut Ledger) -> Result<(), Error> {
    let negative = gauge("expo_negative", "A gauge below zero.");
    registry.register::<Gauge>(negative)?.set(-42);
    ledger.family(negative).value(&[], -42);
    let in_flight = gauge("expo_in_flight", "An up/down gauge.");
    registry.register::<UpDownGauge>(in_flight)?.add(5);
    ledger.family(in_flight).value(&[], 5);
    let mut special = Descriptor::new(MetricType::Gauge, "expo_special", "What is no number.");
    special.add_label("value");
    let family: DynamicFamily<Gauge<f64>> = registry.register_dynamic(special.clone())?;
    let entry = ledger.family(special);
    for (name, value) in [("nan", f64::NAN), ("inf", f64::INFINITY), ("-inf", f64::NEG_INFINITY), ("-0", -0.0)] {
        family.with(&[Some(name)]).set(value);
        entry.value(&[("value", name)], value);
    }
    let asked = gauge("expo_asked", "A gauge that is asked for.");
    ledger.family(asked).value(&[], 12.5);
    registry.register_callback_gauge(asked, || 12.5)
}

fn states(registry: &Registry, ledger: &mut Ledger) -> Result<(), Error> {
    let info = Declaration::new(MetricType::Info, "expo_build_info", "An info.");
    let labels = [("version", "1.2.3"), ("text", AWKWARD)];
    registry.register_info(info, &labels)?;
    ledger.family(info).value(&labels, 1);
    let target = Declaration::new(MetricType::Info, "target_info", "What is known of the target.");
    let labels = [("service_name", "expo"), ("service_version", "1.2.3")];
    registry.register_info(target, &labels)?;
    ledger.family(target).value(&labels, 1);
    let light = Declaration::new(MetricType::StateSet, "expo_light", "A state set.");
    registry.register::<StateSet<Colour>>(light)?.set(Colour::Green);
    ledger.family(light).value(&[("expo_light", "red")], 0).value(&[("expo_light", "green")], 1);
    Ok(())
}

/// Registers a histogram and observes these values.
fn observed(
    registry: &Registry,
    ledger: &mut Ledger,
    declaration: Declaration,
    values: &[f64],
) -> Result<Histogram, Error> {
    let histogram: Histogram = registry.register(declaration)?;
    values.iter().for_each(|&value| histogram.observe(value));
    ledger.family(declaration).observed(values);
    Ok(histogram)
}

fn classic(registry: &Registry, ledger: &mut Ledger) -> Result<(), Error> {
    let empty = histogram("expo_empty_seconds", "A histogram without observations.").with_unit("seconds");
    observed(registry, ledger, empty, &[])?;
    let one = histogram("expo_one_bucket", "One bound.").with_buckets(&[1.0]);
    observed(registry, ledger, one, &[0.5, 1.0, 2.0])?;
    let negative = histogram("expo_below_zero", "Negative bounds and values.").with_buckets(&[-2.0, 0.0, 2.0]);
    observed(registry, ledger, negative, &[-5.0, -1.0, 0.0, 1.0, 7.0])?;
    let huge = histogram("expo_huge", "Huge values.").with_buckets(&[1e300]);
    observed(registry, ledger, huge, &[1e308, f64::INFINITY])?;
    let traced = histogram("expo_traced_seconds", "A histogram with exemplars.").with_unit("seconds");
    let seen = [(0.004, 1), (0.3, 2), (99.0, 3)];
    let histogram: Histogram = registry.register(traced)?;
    let entry = ledger.family(traced).observed(&seen.map(|(value, _)| value));
    for (value, trace) in seen {
        histogram.observe_with_exemplar(value, &Exemplar::of_trace(value, Timestamp::now(), trace, 9));
        entry.exemplar(value, trace, 9);
    }
    Ok(())
}

fn native(registry: &Registry, ledger: &mut Ledger) -> Result<(), Error> {
    let native = NativeDeclaration::DEFAULT;
    let values = [0.0, 0.001, 0.25, 0.25, 1.0, 2.0, 3.0, 40.0];
    let both = histogram("expo_both_seconds", "Classic and native buckets.").with_unit("seconds");
    let both = both.with_native(native, true);
    let with_exemplar: Histogram = registry.register(both)?;
    values[1..7].iter().for_each(|&value| with_exemplar.observe(value));
    // The last is above all bounds, where only `+Inf` can have it.
    let entry = ledger.family(both).observed(&values);
    for (value, trace) in [(values[0], 4), (values[7], 7)] {
        with_exemplar.observe_with_exemplar(value, &Exemplar::of_trace(value, Timestamp::now(), trace, 9));
        entry.exemplar(value, trace, 9);
    }
    let alone = histogram("expo_native_seconds", "Native buckets alone.").with_unit("seconds");
    let alone = observed(registry, ledger, alone.with_native(native, false), &values)?;
    for (value, trace) in [(0.25, 5), (3.0, 6)] {
        alone.observe_with_exemplar(value, &Exemplar::of_trace(value, Timestamp::now(), trace, 9));
        ledger.last().observe(value).exemplar(value, trace, 9);
    }
    let signs = histogram("expo_native_signs", "Native, both signs.").with_native(native, false);
    observed(registry, ledger, signs, &[-3.0, -1.0, 0.0, 1.0, 5.0, f64::INFINITY, f64::NEG_INFINITY])?;
    let coarse = NativeDeclaration { factor: 4.0, zero_threshold: 0.01, ..native };
    let coarse = histogram("expo_native_coarse", "Native, coarse.").with_native(coarse, false);
    observed(registry, ledger, coarse, &[0.005, 0.01, -0.01, 0.02, 1.0, 5.0, 1000.0, 1024.0])?;
    let mixed = histogram("expo_both_signs", "Classic and native, negative and huge.").with_buckets(&[-1.0, 1e6]);
    let huge = [-7.5, -1.0, 0.0, 1e6, 1e300, f64::INFINITY];
    observed(registry, ledger, mixed.with_native(native, true), &huge)?;
    let empty = histogram("expo_native_empty", "Native, empty.").with_native(native, false);
    observed(registry, ledger, empty, &[]).map(drop)
}

/// Names that old readers get escaped.
fn dotted(registry: &Registry, ledger: &mut Ledger) -> Result<(), Error> {
    let mut descriptor = Descriptor::new(MetricType::Counter, "expo.dotted.events", "A name in UTF-8.");
    descriptor.utf8 = true;
    descriptor.add_label("error.message");
    let events: DynamicFamily<Counter> = registry.register_dynamic(descriptor.clone())?;
    events.with(&[Some("Not Found")]).add(2);
    ledger.family(descriptor).value(&[("error.message", "Not Found")], 2);
    Ok(())
}

/// `count` counters of three labels whose values repeat.
pub(crate) fn many(registry: &Registry, count: u32) -> Result<(), Error> {
    if count == 0 {
        return Ok(());
    }
    let mut descriptor = Descriptor::new(MetricType::Counter, "expo_many_total", "Many series.");
    descriptor.add_label("method").add_label("route").add_label("code");
    descriptor.max_series = Some(count);
    let family: DynamicFamily<Counter> = registry.register_dynamic(descriptor)?;
    for number in 0..count {
        let (method, route, code) = (number % 5, number / 50, number / 5 % 10);
        let (method, route, code) = (format!("M{method}"), format!("/route/{route}"), format!("{}", 200 + code));
        family.with(&[Some(&method), Some(&route), Some(&code)]).add(u64::from(number));
    }
    Ok(())
}
