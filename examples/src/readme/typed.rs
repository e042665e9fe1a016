// How are metrics declared, recorded and tested?

use metrics_core::{Counter, Family, Gauge, Histogram, LabelSet, LabelValue, Metrics, Registry};

/// What the shop counts.
#[derive(Metrics)]
#[metrics(prefix = "shop")]
struct ShopMetrics {
    /// Orders placed, by payment method and outcome.
    orders_total: Family<OrderLabels, Counter>,
    /// Orders waiting for a worker.
    queue_depth: Gauge,
    /// Time to charge a card.
    #[metric(unit = "seconds", buckets = [0.01, 0.05, 0.1, 0.5, 1.0])]
    charge_duration_seconds: Histogram,
}

#[derive(LabelSet)]
struct OrderLabels {
    payment: Payment,
    paid: bool,
}

#[derive(Clone, Copy, LabelValue)]
enum Payment {
    Card,
    Transfer,
    ApplePay,
}

fn main() -> Result<(), metrics_core::Error> {
    let registry = Registry::new();
    let metrics = ShopMetrics::register(&registry)?;

    metrics.queue_depth.set(3);
    for payment in [Payment::Card, Payment::Transfer, Payment::ApplePay] {
        metrics.charge_duration_seconds.observe(0.03);
        metrics.orders_total.with(&OrderLabels { payment, paid: true }).inc();
    }

    // A test asserts on a series without parsing anything.
    assert_eq!(registry.sample("shop_orders_total", &[("payment", "card"), ("paid", "true")]), Some(1.0));
    print!("{}", registry.encode_text());
    Ok(())
}
