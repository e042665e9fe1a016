//! Do the expected expansions compile, and do what they should? The items that they are for stand here without derives.

#![allow(dead_code, reason = "the items are there for their expansions")]

use metrics_core::{Counter, Family, Gauge, Histogram, LabelSet as _, LabelValue as _, Metrics as _, Registry};

type Total = Counter;

struct Shop {
    orders_total: Family<Labels, Counter>,
    queue_depth: Gauge,
    wait_seconds: Histogram,
    scans_total: Total,
    db: Db,
}

include!("expected/metrics.rs");

#[derive(metrics_core::Metrics)]
struct Db {
    /// Queries.
    queries_total: Counter,
}

struct Labels {
    outcome: Outcome,
    retried: Option<bool>,
}

include!("expected/label_set.rs");

struct Borrowed<'a> {
    labels: Labels,
    route: &'a str,
    note: u8,
}

include!("expected/label_set_nested.rs");

#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    Paid,
    Failed,
    Other,
}

include!("expected/label_value.rs");

#[test]
fn the_expected_expansions_work() -> Result<(), metrics_core::Error> {
    let registry = Registry::new();
    let shop = Shop::register(&registry)?;
    shop.orders_total.with(&Labels { outcome: Outcome::from("failed"), retried: None }).inc();
    shop.db.queries_total.inc();
    assert_eq!(registry.sample("shop_orders_total", &[("outcome", "failed")]), Some(1.0));
    assert_eq!(registry.sample("shop_main_queries_total", &[]), Some(1.0));
    let labels = Labels { outcome: Outcome::Other, retried: Some(true) };
    assert_eq!((Labels::CARDINALITY, labels.index()), (Some(9), 7));
    let names: Vec<_> = Borrowed::LABELS.iter().map(|label| label.name).collect();
    assert_eq!((names, Outcome::VALUES), (vec!["outcome", "retried", "kind"], &["paid", "failed", "other"][..]));
    Ok(())
}
