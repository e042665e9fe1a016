//! This library.

use benches::labels::RequestLabels;
use benches::rows::{Row, find};
use benches::series::Texts;
use metrics_core::{Counter, Declaration, Descriptor, Family, Format, MetricType, Registry};

use crate::encoding::Encode;
use crate::{COUNTER, DYNAMIC, ENUMS, FLOAT, GAUGE, HISTOGRAM};

pub const NAME: &str = "ours";

pub fn rows() -> Vec<(&'static str, Row)> {
    let names = [
        (COUNTER, "counter"),
        (ENUMS, "counter, 2 enum labels"),
        (DYNAMIC, "counter, 3 dynamic labels"),
        (GAUGE, "gauge set"),
        (FLOAT, "f64 counter"),
        (HISTOGRAM, "histogram, 12 buckets"),
    ];
    names.map(|(kind, name)| (kind, find(name).expect("the row exists"))).into()
}

pub fn fill(texts: &Texts, series: usize) -> Encode {
    let registry = Registry::new();
    let mut descriptor = Descriptor::from(Declaration::new(MetricType::Counter, "requests_total", "Requests."));
    descriptor.max_series = Some(series as u32);
    let family: Family<RequestLabels<'static>, Counter> = registry.register(descriptor).expect("it is right");
    (0..series).for_each(|at| family.with(&texts.labels(at)).add(at as u64 * 7));
    Box::new(move || {
        let (mut exposition, mut piece, mut bytes) = (registry.exposition(Format::Text), Vec::new(), 0);
        loop {
            piece.clear();
            let more = exposition.next_piece(&mut piece);
            bytes += piece.len();
            if !more {
                return bytes;
            }
        }
    })
}
