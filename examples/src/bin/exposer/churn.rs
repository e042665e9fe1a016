//! What happens to a scrape while series come and go?

use metrics_core::{Counter, Descriptor, DynamicFamily, Error, Histogram, MetricType, Registry};

/// A thread that makes, records to and removes series until the process ends, and one that only records.
pub(crate) fn start(registry: &Registry) -> Result<(), Error> {
    let mut descriptor = Descriptor::new(MetricType::Counter, "expo_churn_total", "Series that come and go.");
    descriptor.add_label("number");
    let family: DynamicFamily<Counter> = registry.register_dynamic(descriptor)?;
    let beaten: Histogram =
        registry.register(Descriptor::new(MetricType::Histogram, "expo_beaten", "Observed all the time."))?;
    std::thread::spawn(move || {
        for number in (0_u64..1000).cycle() {
            let (new, old) = (number.to_string(), ((number + 500) % 1000).to_string());
            family.with(&[Some(&new)]).inc();
            family.remove(&[Some(&old)]);
        }
    });
    std::thread::spawn(move || {
        loop {
            (0_u32..10).for_each(|value| beaten.observe(f64::from(value)));
        }
    });
    Ok(())
}
