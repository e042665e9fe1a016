//! A program that does nothing but count, observe and write, with `metrics-lib`.

use metrics_lib::MetricsCore;
use metrics_lib::exporters::prometheus;

fn main() {
    let core = MetricsCore::new();
    core.registry().configure_histogram("h_seconds", [0.01, 0.1, 1.0]).expect("they are right");
    core.counter("c_total").add(std::env::args().count() as u64);
    core.histogram("h_seconds").observe(0.1);
    print!("{}", prometheus::render(core.registry()));
}
