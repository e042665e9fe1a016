//! What do counters cost whose labels repeat: 5 methods, 20,000 routes, 10 codes?

use benches::measure::processor_time;
use benches::series::Texts;
use metrics_core::Registry;

use crate::encode::{FORMATS, measure};
use crate::families::{count_all, counters, grown};

pub(crate) fn run(series: usize) {
    let (texts, registry) = (Texts::new(), Registry::new());
    let family = counters(&registry, series);
    let started = processor_time();
    let (memory, ()) = grown(series, || count_all(&family, &texts, series));
    let each = (processor_time() - started).as_nanos() as f64 / series as f64;
    println!("| new series, first record included | {each:.0} ns |");
    println!("| resident, label text included, one recording thread | {memory} |");
    assert_eq!(family.len(), series, "every label set is a series");
    for (name, format) in FORMATS {
        measure(name, &registry, format, series);
    }
}
