//! Which shapes can a metric have? Values are fixed, so that a scraper's account can be compared with this file.

use std::any::Any;

use metrics_core::descriptor::NativeDeclaration;
use metrics_core::encode::{Exemplar, Timestamp};
use metrics_core::{
    BusyTime, Counter, Declaration, Descriptor, DynamicFamily, Error, Family, Gauge, Histogram, LabelSet, LabelValue,
    MetricType, Registry, StateSet, UpDownGauge,
};

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

/// Registers everything and records it once.
pub(crate) fn record(registry: &Registry, utf8: bool) -> Result<Recorded, Error> {
    counters(registry)?;
    gauges(registry)?;
    histograms(registry)?;
    registry.register_info(
        Declaration::new(MetricType::Info, "expo_build_info", "An info."),
        &[("version", "1.2.3"), ("text", AWKWARD)],
    )?;
    let state: StateSet<Colour> =
        registry.register(Declaration::new(MetricType::StateSet, "expo_light", "A state set."))?;
    state.set(Colour::Green);
    let busy: BusyTime = registry.register(
        Declaration::new(MetricType::Counter, "expo_busy_seconds_total", "Busy time that goes on.")
            .with_unit("seconds"),
    )?;
    if utf8 {
        dotted(registry)?;
    }
    registry.register_self_metrics()?;
    Ok(vec![Box::new(busy.start())])
}

fn counter(name: &'static str, help: &'static str) -> Declaration {
    Declaration::new(MetricType::Counter, name, help)
}

fn counters(registry: &Registry) -> Result<(), Error> {
    let plain: Counter =
        registry.register(counter("expo_plain_total", "A counter, with \" and \\ and \n in its help."))?;
    plain.add(u64::MAX);
    registry.register::<Counter>(counter("expo_untouched_total", "A counter at zero."))?;
    let traced: Counter = registry.register(counter("expo_traced_total", "A counter with an exemplar."))?;
    traced.add_with_exemplar(3, &Exemplar::of_trace(3.0, Timestamp::now(), 0x0af7_6519, 0xb7ad));
    let floats: DynamicFamily<Counter<f64>> = registry.register_dynamic({
        let mut descriptor = Descriptor::new(MetricType::Counter, "expo_floats_total", "Floats of every awkward size.");
        descriptor.add_label("size");
        descriptor
    })?;
    for value in AWKWARD_FLOATS {
        floats.with(&[Some(&format!("{value:e}"))]).add(value);
    }
    let labelled = counter("expo_labelled_total", "A counter with labels of every kind.").with_max_series(4);
    let labelled: Family<Labels<'static>, Counter> = registry.register(labelled)?;
    for (text, code) in
        [(AWKWARD, Some(200)), ("", None), ("plain", Some(0)), ("more", None), ("beyond the cap", Some(1))]
    {
        labelled.with(&Labels { colour: Colour::Red, text, code }).add(7);
    }
    Ok(())
}

fn gauges(registry: &Registry) -> Result<(), Error> {
    let gauge = |name, help| Declaration::new(MetricType::Gauge, name, help);
    registry.register::<Gauge>(gauge("expo_negative", "A gauge below zero."))?.set(-42);
    registry.register::<UpDownGauge>(gauge("expo_in_flight", "An up/down gauge."))?.add(5);
    let special: DynamicFamily<Gauge<f64>> = registry.register_dynamic({
        let mut descriptor = Descriptor::new(MetricType::Gauge, "expo_special", "What is no number.");
        descriptor.add_label("value");
        descriptor
    })?;
    for (name, value) in [("nan", f64::NAN), ("inf", f64::INFINITY), ("-inf", f64::NEG_INFINITY), ("-0", -0.0)] {
        special.with(&[Some(name)]).set(value);
    }
    registry.register_callback_gauge(gauge("expo_asked", "A gauge that is asked for."), || 12.5)
}

fn histograms(registry: &Registry) -> Result<(), Error> {
    let histogram = |name, help| Declaration::new(MetricType::Histogram, name, help);
    let seconds = |name, help| histogram(name, help).with_unit("seconds");
    registry.register::<Histogram>(seconds("expo_empty_seconds", "A histogram without observations."))?;
    let one: Histogram = registry.register(histogram("expo_one_bucket", "One bound.").with_buckets(&[1.0]))?;
    [0.5, 1.0, 2.0].into_iter().for_each(|value| one.observe(value));
    let negative: Histogram = registry
        .register(histogram("expo_below_zero", "Negative bounds and values.").with_buckets(&[-2.0, 0.0, 2.0]))?;
    [-5.0, -1.0, 0.0, 1.0, 5.0].into_iter().for_each(|value| negative.observe(value));
    let huge: Histogram = registry.register(histogram("expo_huge", "Huge values.").with_buckets(&[1e300]))?;
    [1e308, f64::INFINITY].into_iter().for_each(|value| huge.observe(value));
    let traced: Histogram = registry.register(seconds("expo_traced_seconds", "A histogram with exemplars."))?;
    for (value, trace) in [(0.004, 1), (0.3, 2), (99.0, 3)] {
        traced.observe_with_exemplar(value, &Exemplar::of_trace(value, Timestamp::now(), trace, 9));
    }
    let native = NativeDeclaration::DEFAULT;
    let both: Histogram =
        registry.register(seconds("expo_both_seconds", "Classic and native buckets.").with_native(native, true))?;
    let alone: Histogram =
        registry.register(seconds("expo_native_seconds", "Native buckets alone.").with_native(native, false))?;
    for value in [0.0, 0.001, 0.25, 0.25, 1.0, 2.0, 3.0, 40.0] {
        both.observe(value);
        alone.observe(value);
    }
    let signs: Histogram =
        registry.register(histogram("expo_native_signs", "Native, both signs.").with_native(native, false))?;
    [-3.0, -1.0, 0.0, 1.0, 3.0, f64::INFINITY, f64::NEG_INFINITY].into_iter().for_each(|value| signs.observe(value));
    registry
        .register::<Histogram>(histogram("expo_native_empty", "Native, empty.").with_native(native, false))
        .map(drop)
}

/// Names that old readers get escaped.
fn dotted(registry: &Registry) -> Result<(), Error> {
    let mut descriptor = Descriptor::new(MetricType::Counter, "expo.dotted.events", "A name in UTF-8.");
    descriptor.utf8 = true;
    descriptor.add_label("error.message");
    let events: DynamicFamily<Counter> = registry.register_dynamic(descriptor)?;
    events.with(&[Some("Not Found")]).add(2);
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
