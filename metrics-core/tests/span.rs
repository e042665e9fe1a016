//! Do sampled records carry the current `tracing` span, as OpenTelemetry knows it, and nothing where there is none?

use std::cell::Cell;

use metrics_core::encode::ContentType;
use metrics_core::span::{self, SpanIds};
use metrics_core::{Counter, Declaration, Format, Histogram, MetricType, Registry};
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::layer::SubscriberExt;

/// A subscriber with an OpenTelemetry layer.
fn subscriber(sampler: Sampler, activates: bool) -> impl Subscriber + Send + Sync {
    let tracer = SdkTracerProvider::builder().with_sampler(sampler).build().tracer("test");
    let layer = tracing_opentelemetry::layer().with_tracer(tracer).with_context_activation(activates);
    tracing_subscriber::registry().with(layer)
}

fn histogram(registry: &Registry) -> Histogram {
    let wait = Declaration::new(MetricType::Histogram, "wait_seconds", "W.").with_unit("seconds").with_buckets(&[1.0]);
    registry.register(wait).unwrap()
}

fn openmetrics(registry: &Registry) -> String {
    let mut exposition = registry.exposition(ContentType::from(Format::OpenMetrics));
    let mut body = Vec::new();
    while exposition.next_piece(&mut body) {}
    String::from_utf8(body).unwrap()
}

/// What OpenTelemetry itself says the current span is called, as an exemplar's labels.
fn told_by_opentelemetry() -> String {
    let context = tracing::Span::current().context();
    let span = context.span().span_context().clone();
    format!("{{trace_id=\"{}\",span_id=\"{}\"}}", span.trace_id(), span.span_id())
}

#[test]
fn a_sampled_record_within_a_span_carries_its_ids() {
    for activates in [true, false] {
        tracing::subscriber::with_default(subscriber(Sampler::AlwaysOn, activates), || {
            let registry = Registry::new();
            let orders: Counter =
                registry.register(Declaration::new(MetricType::Counter, "orders_total", "O.")).unwrap();
            let (wait, expected) = tracing::info_span!("request").in_scope(|| {
                let wait = histogram(&registry);
                wait.observe_sampled(0.25, span::exemplar);
                orders.add_sampled(3, span::exemplar);
                (wait, told_by_opentelemetry())
            });
            let text = openmetrics(&registry);
            let bucket = format!("wait_seconds_bucket{{le=\"1.0\"}} 1 # {expected} 0.25 1");
            assert!(text.contains(&bucket), "{bucket} in {text}");
            assert!(text.contains(&format!("orders_total 3 # {expected} 3.0 1")), "{text}");
            assert_eq!(wait.snapshot().count(), 1);
        });
    }
}

#[test]
fn the_ids_are_those_of_the_innermost_span() {
    tracing::subscriber::with_default(subscriber(Sampler::AlwaysOn, true), || {
        let outer = tracing::info_span!("outer");
        let outer_ids = outer.in_scope(|| SpanIds::current().unwrap());
        let inner_ids = outer.in_scope(|| tracing::info_span!("inner").in_scope(|| SpanIds::current().unwrap()));
        assert_eq!(inner_ids.trace_id(), outer_ids.trace_id());
        assert_ne!(inner_ids.span_id(), outer_ids.span_id());
    });
}

#[test]
fn outside_of_a_span_and_in_a_trace_that_is_not_sampled_there_is_no_exemplar() {
    let registry = Registry::new();
    let wait = histogram(&registry);
    wait.observe_sampled(0.25, span::exemplar);
    tracing::subscriber::with_default(subscriber(Sampler::AlwaysOn, true), || {
        wait.observe_sampled(0.25, span::exemplar);
    });
    for activates in [true, false] {
        tracing::subscriber::with_default(subscriber(Sampler::AlwaysOff, activates), || {
            tracing::info_span!("request").in_scope(|| wait.observe_sampled(0.25, span::exemplar));
        });
    }
    tracing::subscriber::with_default(tracing_subscriber::registry(), || {
        tracing::info_span!("of no trace").in_scope(|| wait.observe_sampled(0.25, span::exemplar));
    });
    let text = openmetrics(&registry);
    assert!(text.contains("wait_seconds_bucket{le=\"1.0\"} 5\n"), "{text}");
}

#[test]
fn a_bucket_is_asked_once_between_two_scrapes() {
    tracing::subscriber::with_default(subscriber(Sampler::AlwaysOn, true), || {
        let registry = Registry::new();
        let wait = histogram(&registry);
        let asked = Cell::new(0);
        let observe = |value: f64| {
            wait.observe_sampled(value, |value| {
                asked.set(asked.get() + 1);
                span::exemplar(value)
            });
        };
        let request = |value: f64| tracing::info_span!("request").in_scope(|| observe(value));
        (0..1000).for_each(|_| request(0.25));
        assert_eq!(asked.get(), 1);
        // A rare bucket has its own, however busy the others are.
        request(7.0);
        assert_eq!(asked.get(), 2);
        assert_eq!(openmetrics(&registry).matches(" # {trace_id=").count(), 2);
        request(0.5);
        assert_eq!(asked.get(), 3);
        let text = openmetrics(&registry);
        assert!(text.contains("} 0.5 1") && text.contains("} 7.0 1"), "{text}");
        // Outside of a span nothing is found: it is asked again, and the old one stays.
        observe(0.75);
        observe(0.75);
        assert_eq!(asked.get(), 5);
        assert!(openmetrics(&registry).contains("} 0.5 1"));
    });
}

#[test]
fn a_record_in_a_thread_s_last_destructor_neither_panics_nor_is_lost() {
    struct Last(Histogram);
    impl Drop for Last {
        fn drop(&mut self) {
            self.0.observe_sampled(0.25, span::exemplar);
        }
    }
    thread_local!(static LAST: Cell<Option<Last>> = const { Cell::new(None) });
    let wait = histogram(&Registry::new());
    let last = Last(wait.clone());
    std::thread::spawn(move || {
        LAST.set(Some(last));
        // Their thread-locals are made later, and so destroyed before.
        SpanIds::current();
    })
    .join()
    .unwrap();
    assert_eq!(wait.snapshot().count(), 1);
}
