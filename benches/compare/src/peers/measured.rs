//! `measured`: enumerated labels by number, dynamic ones interned in sets that its documentation has for them.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::Mutex;

use benches::labels::{RequestLabels, orders, requests};
use benches::rows::{BOUNDS, HANDLES, Row, rotate};
use measured::label::StaticLabelSet;
use measured::lasso::ThreadedRodeo;
use measured::metric::MetricFamilyEncoding;
use measured::metric::histogram::Thresholds;
use measured::metric::name::MetricName;
use measured::text::BufferedTextEncoder;
use measured::{
    Counter, CounterVec, FixedCardinalityLabel, FloatGauge, Gauge, Histogram, HistogramVec, LabelGroup, MetricGroup,
};

use super::{Library, balanced, observing, setting, sum_in};
use crate::service::{Buffers, Service, Sink, Wire, observation};
use crate::{COUNTER, DYNAMIC, ENUMS, FLOAT, GAUGE, HISTOGRAM, TIMER, UP_DOWN};

pub fn library() -> Library {
    Library {
        name: "measured",
        rows,
        wires: &[Wire::Text],
        counters: Some(counters),
        histograms: Some(histograms),
        // It has no registry: a struct is one.
        register: None,
        seconds: 1.0,
        program: "size_measured",
    }
}

#[derive(Clone, Copy, FixedCardinalityLabel)]
enum Payment {
    Card,
    Transfer,
    Cash,
    Voucher,
    Invoice,
    Wallet,
    Crypto,
    Free,
}

#[derive(Clone, Copy, FixedCardinalityLabel)]
enum Outcome {
    Paid,
    Declined,
    Expired,
    Refunded,
    Disputed,
    Cancelled,
    Failed,
    Pending,
}

#[derive(Clone, Copy, LabelGroup)]
#[label(set = OrderSet)]
struct Order {
    payment: Payment,
    outcome: Outcome,
}

#[derive(Clone, Copy, LabelGroup)]
#[label(set = RequestSet)]
struct Request<'a> {
    #[label(dynamic_with = ThreadedRodeo, default)]
    method: &'a str,
    #[label(dynamic_with = ThreadedRodeo, default)]
    route: &'a str,
    #[label(dynamic_with = ThreadedRodeo, default)]
    code: &'a str,
}

fn rows() -> Vec<(&'static str, Row)> {
    vec![
        (COUNTER, counter()),
        (ENUMS, enums()),
        (DYNAMIC, dynamic()),
        (GAUGE, gauge()),
        (UP_DOWN, up_down()),
        (FLOAT, float()),
        (HISTOGRAM, observing(twelve(), |histogram, value| histogram.get_metric().observe(value), count)),
        (TIMER, timer()),
    ]
}

/// It has no reader but its encoder.
fn text_of(metric: &impl MetricFamilyEncoding<BufferedTextEncoder>) -> String {
    let mut encoder = BufferedTextEncoder::new();
    let Ok(()) = metric.collect_family_into(MetricName::from_str("m"), &mut encoder);
    String::from_utf8(encoder.finish().into()).expect("it is text")
}

fn sum_of<M: MetricFamilyEncoding<BufferedTextEncoder>>(all: &[M], sample: &str) -> u64 {
    all.iter().map(|metric| sum_in(&text_of(metric), sample)).sum()
}

fn counter() -> Row {
    let all: Arc<[Counter; HANDLES]> = Arc::new(std::array::from_fn(|_| Counter::new()));
    let read = all.clone();
    let work = move |n| rotate(&all, n, |counter| counter.get_metric().inc());
    Row::new("", work, move || sum_of(&*read, "m"))
}

fn enums() -> Row {
    let family = Arc::new(CounterVec::<OrderSet>::with_label_set(OrderSet {
        payment: StaticLabelSet::new(),
        outcome: StaticLabelSet::new(),
    }));
    let labels = orders().map(|order| Order {
        payment: Payment::decode(order.payment as usize),
        outcome: Outcome::decode(order.outcome as usize),
    });
    let read = family.clone();
    let work = move |n| rotate(&labels, n, |labels| family.inc(*labels));
    Row::new("", work, move || sum_in(&text_of(&*read), "m"))
}

fn dynamic() -> Row {
    let family = Arc::new(CounterVec::<RequestSet>::with_label_set(RequestSet::default()));
    let (texts, read) = (requests(), family.clone());
    let work = move |n| {
        rotate(&texts, n, |[method, route, code]| family.inc(Request { method, route, code }));
    };
    Row::new("", work, move || sum_in(&text_of(&*read), "m"))
}

fn gauge() -> Row {
    let all: Arc<[Gauge; HANDLES]> = Arc::new(std::array::from_fn(|_| Gauge::new()));
    let read = all.clone();
    let is_set =
        move || read.iter().all(|gauge| gauge.get_metric().count.load(std::sync::atomic::Ordering::Relaxed) == 5);
    setting(move |n| rotate(&*all, n, |gauge| gauge.get_metric().set(black_box(5))), is_set)
}

fn up_down() -> Row {
    let all: Arc<[Gauge; HANDLES]> = Arc::new(std::array::from_fn(|_| Gauge::new()));
    let read = all.clone();
    let work = move |n| {
        rotate(&all, n, |gauge| {
            gauge.get_metric().inc();
            gauge.get_metric().dec();
        });
    };
    balanced(work, move || sum_of(&*read, "m") == 0)
}

fn float() -> Row {
    let all: Arc<[FloatGauge; HANDLES]> = Arc::new(std::array::from_fn(|_| FloatGauge::new()));
    let read = all.clone();
    let work = move |n| rotate(&all, n, |gauge| gauge.get_metric().inc_by(black_box(1.0)));
    Row::new("", work, move || sum_of(&*read, "m"))
}

fn thresholds() -> Thresholds<12> {
    Thresholds::with_buckets(BOUNDS)
}

fn twelve() -> Arc<[Histogram<12>; HANDLES]> {
    Arc::new(std::array::from_fn(|_| Histogram::with_metadata(thresholds())))
}

fn count(all: &[Histogram<12>; HANDLES]) -> u64 {
    sum_of(all, "m_count")
}

fn timer() -> Row {
    let all = twelve();
    let read = all.clone();
    Row::new("", move |n| rotate(&all, n, |histogram| drop(histogram.start_timer())), move || count(&read))
}

#[derive(MetricGroup)]
struct CounterGroup {
    /// Requests.
    requests_total: CounterVec<RequestSet>,
}

#[derive(MetricGroup)]
struct HistogramGroup {
    /// Durations.
    duration_seconds: HistogramVec<RequestSet, 12>,
}

struct Counters(CounterGroup, Mutex<BufferedTextEncoder>);
struct Histograms(HistogramGroup, Mutex<BufferedTextEncoder>);

fn counters(_: usize) -> Box<dyn Service> {
    let requests_total = CounterVec::with_label_set(RequestSet::default());
    Box::new(Counters(CounterGroup { requests_total }, Mutex::default()))
}

fn histograms(_: usize) -> Box<dyn Service> {
    let duration_seconds = HistogramVec::with_label_set_and_metadata(RequestSet::default(), thresholds());
    Box::new(Histograms(HistogramGroup { duration_seconds }, Mutex::default()))
}

fn encode(group: &impl MetricGroup<BufferedTextEncoder>, encoder: &Mutex<BufferedTextEncoder>, sink: Sink<'_>) {
    let mut encoder = encoder.lock().expect("nobody panics");
    let Ok(()) = group.collect_group_into(&mut encoder);
    sink(&encoder.finish());
}

impl Service for Counters {
    fn add(&self, labels: &RequestLabels<'_>, amount: u64) {
        let RequestLabels { method, route, code } = *labels;
        self.0.requests_total.inc_by(Request { method, route, code }, amount);
    }

    fn encode(&self, _: Wire, _: &mut Buffers, sink: Sink<'_>) {
        encode(&self.0, &self.1, sink);
    }
}

impl Service for Histograms {
    fn add(&self, labels: &RequestLabels<'_>, amount: u64) {
        let RequestLabels { method, route, code } = *labels;
        self.0.duration_seconds.observe(Request { method, route, code }, observation(amount));
    }

    fn encode(&self, _: Wire, _: &mut Buffers, sink: Sink<'_>) {
        encode(&self.0, &self.1, sink);
    }
}
