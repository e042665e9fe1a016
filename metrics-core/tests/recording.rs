//! Does the whole path work, from a record to text?
use metrics_core::*;

struct Labels<'a> {
    route: &'a str,
    ok: bool,
}
impl LabelSet for Labels<'_> {
    type Schema = Labels<'static>;
    const LABELS: &'static [LabelDeclaration] = &[
        LabelDeclaration::new("route", LabelValues::Dynamic),
        LabelDeclaration::new("ok", LabelValues::Enumerated(<bool as LabelValue>::VALUES)),
    ];
    fn index(&self) -> usize {
        0
    }
    fn visit<V: LabelVisitor>(&self, v: &mut V) {
        v.text(self.route);
        v.enumerated(self.ok.index());
    }
}

#[test]
fn everything_recorded_is_exposed() {
    let registry = Registry::new();
    let c: Counter = registry.register(Declaration::new(MetricType::Counter, "c_total", "C.")).unwrap();
    let g: Gauge = registry.register(Declaration::new(MetricType::Gauge, "g", "G.")).unwrap();
    let u: UpDownGauge = registry.register(Declaration::new(MetricType::Gauge, "u", "U.")).unwrap();
    let h: Histogram =
        registry.register(Declaration::new(MetricType::Histogram, "h", "H.").with_buckets(&[1.0, 2.0])).unwrap();
    let f: Family<Labels<'static>, Counter> =
        registry.register(Declaration::new(MetricType::Counter, "f_total", "F.")).unwrap();
    let threads: Vec<_> = (0..4)
        .map(|n| {
            let (c, g, u, h, f) = (c.clone(), g.clone(), u.clone(), h.clone(), f.clone());
            std::thread::spawn(move || {
                for i in 0..1000 {
                    c.inc();
                    g.inc();
                    let _guard = u.guard();
                    h.observe(i as f64 / 400.0);
                    let route = format!("/r{}", i % 3);
                    f.with(&Labels { route: &route, ok: n % 2 == 0 }).inc();
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|t| t.join().unwrap());

    assert_eq!(registry.sample("c_total", &[]), Some(4000.0));
    assert_eq!(registry.sample("g", &[]), Some(4000.0));
    assert_eq!(registry.sample("u", &[]), Some(0.0));
    assert_eq!(registry.sample("h_count", &[]), Some(4000.0));
    assert_eq!(registry.sample("f_total", &[("route", "/r0"), ("ok", "true")]), Some(668.0));
    assert!(f.remove(&Labels { route: "/r0", ok: true }));
    assert_eq!(registry.sample("f_total", &[("route", "/r0"), ("ok", "true")]), None);
    f.with(&Labels { route: "/r0", ok: true }).inc();
    assert_eq!(registry.sample("f_total", &[("route", "/r0"), ("ok", "true")]), Some(1.0));
    registry.register_self_metrics().unwrap();
    assert_eq!(registry.sample("metrics_family_series", &[("family", "f_total")]), Some(6.0));
}

#[test]
fn the_library_tells_how_long_a_collector_took() {
    struct Slow;
    impl Collector for Slow {
        fn describe(&self) -> Vec<Descriptor> {
            vec![
                Descriptor::new(MetricType::Gauge, "slow", "Slow."),
                Descriptor::new(MetricType::Gauge, "slower", "S."),
            ]
        }
        fn collect(&self, samples: &mut Samples<'_>) {
            samples.add("slow", &[], (0..1_000_000_u32).map(f64::from).sum());
        }
    }
    let registry = Registry::new();
    registry.register_collector(Slow).unwrap();
    registry.register_self_metrics().unwrap();
    registry.encode_text();
    let took = |family| registry.sample("metrics_collector_duration_seconds", &[("family", family)]);
    assert!(took("slow").is_some_and(|seconds| seconds > 0.0));
    assert_eq!(took("slower"), None, "one collector is told once");
}

#[test]
fn an_exemplar_of_what_is_ignored_is_ignored_too() {
    use metrics_core::encode::{Exemplar, Timestamp};
    let registry = Registry::new();
    let exemplar = Exemplar::of_trace(1.0, Timestamp::now(), 1, 2);
    let amounts: Counter<f64> = registry.register(Declaration::new(MetricType::Counter, "c_total", "C.")).unwrap();
    amounts.add_with_exemplar(-1.0, &exemplar);
    let h: Histogram = registry.register(Declaration::new(MetricType::Histogram, "h", "H.")).unwrap();
    h.observe_with_exemplar(f64::NAN, &exemplar);
    let text = |registry: &Registry| {
        let (mut body, mut scrape) = (Vec::new(), registry.exposition(Format::OpenMetrics));
        while scrape.next_piece(&mut body) {}
        String::from_utf8(body).unwrap()
    };
    assert!(!text(&registry).contains("trace_id"));
    amounts.add_with_exemplar(1.0, &exemplar);
    h.observe_with_exemplar(1.0, &exemplar);
    assert_eq!(text(&registry).matches("trace_id").count(), 2);
}
