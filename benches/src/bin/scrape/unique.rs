//! What do counters cost whose labels never repeat, so that no text is shared?

use benches::labels::RequestLabels;
use metrics_core::{Format, Registry};

use crate::encode::measure;
use crate::families::{counters, grown};

pub(crate) fn run(series: usize) {
    let registry = Registry::new();
    let family = counters(&registry, series);
    let (memory, ()) = grown(series, || {
        for at in 0..series {
            let (method, route, code) = (format!("M{at}"), format!("/api/v1/resources/{at}/items"), format!("C{at}"));
            family.with(&RequestLabels { method: &method, route: &route, code: &code }).inc();
        }
    });
    println!("| labels that never repeat: resident, label text included | {memory} |");
    assert_eq!(family.len(), series, "every label set is a series");
    measure("labels that never repeat: text 0.0.4", &registry, Format::Text, series);
}
