//! How few lines bring the first metric to Prometheus? Those of the README, which run here; `--catalogue` prints what they
//! declare instead.

mod readme {
    include!("../readme/quick_start.rs");

    pub(super) fn run() -> Result<(), Box<dyn std::error::Error>> {
        main()
    }
}

use metrics_core::catalogue::Catalogue;
use metrics_core::{Declaration, MetricType};
use metrics_tower::HttpMetrics;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let catalogue = || {
        let hellos = Declaration::new(MetricType::Counter, "hellos_total", "Hellos said.");
        Catalogue::new()
            .with_group("Hellos", |describe| describe(hellos.into()))
            .with_group("HTTP", |describe| HttpMetrics::server().describe(describe))
    };
    if examples::catalogue::printed(catalogue) { Ok(()) } else { readme::run() }
}
