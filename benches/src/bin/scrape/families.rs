//! Which families are measured?

use benches::labels::RequestLabels;
use benches::memory::resident;
use benches::series::Texts;
use metrics_core::{Counter, Declaration, Descriptor, Family, Histogram, MetricType, Registry, SeriesMetric};

/// Twelve buckets and `+Inf`.
const BOUNDS: [f64; 12] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

pub(crate) type Requests<M> = Family<RequestLabels<'static>, M>;

fn family_of<M: SeriesMetric>(registry: &Registry, declaration: Declaration, series: usize) -> Requests<M> {
    let mut descriptor = Descriptor::from(declaration);
    descriptor.max_series = Some(series as u32);
    registry.register(descriptor).expect("the declaration is right")
}

/// Counters without series yet.
pub(crate) fn counters(registry: &Registry, series: usize) -> Requests<Counter> {
    family_of(registry, Declaration::new(MetricType::Counter, "requests_total", "Requests by route."), series)
}

/// Histograms without series yet.
pub(crate) fn histograms(registry: &Registry, series: usize) -> Requests<Histogram> {
    let declaration = Declaration::new(MetricType::Histogram, "duration_seconds", "Durations.").with_unit("seconds");
    family_of(registry, declaration.with_buckets(&BOUNDS), series)
}

/// A record to every series.
pub(crate) fn count_all(family: &Requests<Counter>, texts: &Texts, series: usize) {
    for at in 0..series {
        family.with(&texts.labels(at)).add(at as u64 * 7);
    }
}

/// Four observations to every series.
pub(crate) fn observe_all(family: &Requests<Histogram>, texts: &Texts, series: usize) {
    for at in 0..series * 4 {
        family.with(&texts.labels(at % series)).observe(0.0007 * (at % 9000) as f64);
    }
}

/// By how many bytes a series resident memory has grown while this was done, where that can be known.
pub(crate) fn grown<T>(series: usize, work: impl FnOnce() -> T) -> (String, T) {
    let before = resident();
    let done = work();
    let grown = before.zip(resident()).map(|(before, after)| after.saturating_sub(before) as f64 / series as f64);
    (grown.map_or("?".to_owned(), |bytes| format!("{bytes:.1} B a series")), done)
}
