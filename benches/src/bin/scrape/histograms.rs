//! What do histograms cost? A tenth as many.

use benches::series::Texts;
use metrics_core::Registry;

use crate::encode::{FORMATS, measure};
use crate::families::{grown, histograms, observe_all};

pub(crate) fn run(series: usize) {
    let series = series.div_ceil(10);
    let (texts, registry) = (Texts::new(), Registry::new());
    let family = histograms(&registry, series);
    let (memory, ()) = grown(series, || observe_all(&family, &texts, series));
    println!("| {series} 12-bucket histograms, resident | {memory} |");
    for (name, format) in FORMATS {
        measure(&format!("12-bucket histograms, {name}"), &registry, format, series);
    }
}
