//! Does a derived struct of metrics declare and register what it says?

use metrics_core::descriptor::{Autoscale, AutoscaleTarget, Combine, NativeDeclaration, Objective, ObjectiveBound};
use metrics_core::{
    BusyTime, Counter, Declaration, Descriptor, Family, Gauge, Histogram, LabelSet, LabelValue, MetricType, Metrics,
    Registry, StateSet, UpDownGauge, buckets,
};

#[derive(Clone, Copy, Debug, LabelValue)]
enum Outcome {
    Paid,
    Failed,
}

#[derive(Clone, Copy, Debug, LabelValue)]
enum Payment {
    Card,
    ApplePay,
}

#[derive(LabelSet)]
struct OrderLabels {
    payment: Payment,
    outcome: Outcome,
}

#[derive(LabelSet)]
struct CustomerLabels<'a> {
    customer: &'a str,
    outcome: Outcome,
}

const SIZES: [f64; 3] = buckets::exponential(1.0, 10.0);

type Total = Counter;

/// What the shop tells.
#[allow(dead_code, reason = "most of it is declared to be looked at, not recorded")]
#[derive(Clone, Debug, Metrics)]
#[metrics(prefix = "shop")]
struct ShopMetrics {
    /// Orders placed,
    /// by payment method.
    ///
    /// Not part of the help.
    #[metric(objective(ratio = 0.99, label = "outcome", bad = ["failed"], window = "30d"))]
    orders_total: Family<OrderLabels, Counter>,
    /// Orders waiting.
    #[metric(autoscale(shared = 30, over = "1m", min = 2, max = 12, scale_down = "5m"))]
    queue_depth: Gauge,
    /// Time to charge a card.
    #[metric(unit = "seconds", buckets = [0.01, 0.5, 1], objective(ratio = 0.99, at_most = 0.5, window = "7d"))]
    charge_duration_seconds: Histogram,
    /// Size of an order.
    #[metric(name = "order_items", buckets = SIZES)]
    sizes: Histogram,
    /// Time in the cache.
    #[metric(native(factor = 1.05, max_buckets = 100), classic = false)]
    cache_seconds: Histogram,
    #[metric(help = "Orders of a customer.", max_series = 2, max_value_bytes = 64)]
    customer_orders_total: Family<CustomerLabels<'static>, Counter>,
    /// Orders in progress.
    #[metric(zero_init = false)]
    orders_in_progress: Family<OrderLabels, UpDownGauge>,
    /// Time the tills are busy.
    #[metric(autoscale(concurrency = 0.8))]
    tills_busy_seconds_total: BusyTime,
    /// Scans.
    #[metric(autoscale(per_second = 100, combine = sum))]
    scans_total: Family<OrderLabels, Counter>,
    /// An alias is a counter too.
    r#loop_total: Total,
    /// How the last order went.
    last_outcome: StateSet<Outcome>,
    #[metric(nested)]
    db: DbMetrics,
    #[metric(nested, prefix = "replica")]
    replica: DbMetrics,
}

#[derive(Clone, Debug, Metrics)]
#[metrics(prefix = "db")]
struct DbMetrics {
    /// Queries.
    queries_total: Counter,
    #[metric(nested)]
    pool: PoolMetrics,
}

#[derive(Clone, Debug, Metrics)]
struct PoolMetrics {
    /// Connections.
    pool_connections: Gauge,
}

fn declaration(name: &str) -> &'static Declaration {
    let own = ShopMetrics::DECLARATIONS.iter();
    own.into_iter().find(|declaration| declaration.name == name).expect("declared")
}

#[test]
fn declarations_are_constants_in_the_order_of_the_fields() {
    const FIRST: Declaration = ShopMetrics::DECLARATIONS[0];
    assert_eq!((FIRST.name, FIRST.kind), ("shop_orders_total", MetricType::Counter));
    let names: Vec<_> = ShopMetrics::DECLARATIONS.iter().map(|declaration| declaration.name).collect();
    assert_eq!(
        names,
        [
            "shop_orders_total",
            "shop_queue_depth",
            "shop_charge_duration_seconds",
            "shop_order_items",
            "shop_cache_seconds",
            "shop_customer_orders_total",
            "shop_orders_in_progress",
            "shop_tills_busy_seconds_total",
            "shop_scans_total",
            "shop_loop_total",
            "shop_last_outcome",
        ]
    );
}

#[test]
fn help_is_the_first_paragraph_or_what_is_given() {
    assert_eq!(declaration("shop_orders_total").help, "Orders placed, by payment method.");
    assert_eq!(declaration("shop_customer_orders_total").help, "Orders of a customer.");
}

#[test]
fn a_declaration_stands_at_the_line_of_its_field() {
    let orders = declaration("shop_orders_total");
    assert!(orders.file.ends_with("derive_metrics.rs"), "{}", orders.file);
    let line =
        include_str!("derive_metrics.rs").lines().position(|line| line.trim_start().starts_with("orders_total:"));
    assert_eq!(Some(orders.line as usize), line.map(|before| before + 1));
}

#[test]
fn types_units_labels_and_buckets_are_declared() {
    assert_eq!(declaration("shop_orders_total").labels, OrderLabels::LABELS);
    assert_eq!(declaration("shop_loop_total").kind, MetricType::Counter);
    let charge = declaration("shop_charge_duration_seconds");
    assert_eq!((charge.kind, charge.unit), (MetricType::Histogram, Some("seconds")));
    assert_eq!(charge.buckets, Some(&[0.01, 0.5, 1.0][..]));
    assert_eq!(declaration("shop_order_items").buckets, Some(&[1.0, 10.0, 100.0][..]));
    assert_eq!(declaration("shop_tills_busy_seconds_total").unit, Some("seconds"));
}

#[test]
fn options_of_histograms_and_families_are_declared() {
    let cache = declaration("shop_cache_seconds");
    let native = NativeDeclaration { factor: 1.05, max_buckets: 100, ..NativeDeclaration::DEFAULT };
    assert_eq!((cache.native, cache.classic), (Some(native), false));
    let orders = declaration("shop_customer_orders_total");
    assert_eq!((orders.max_series, orders.max_value_bytes), (Some(2), Some(64)));
    assert!(!declaration("shop_orders_in_progress").zero_init);
    assert!(declaration("shop_orders_total").zero_init);
}

#[test]
fn what_scales_and_what_is_owed_is_declared() {
    let queue = Autoscale {
        target: AutoscaleTarget::Shared(30.0),
        combine: None,
        over_seconds: Some(60.0),
        min: Some(2),
        max: Some(12),
        scale_down_seconds: Some(300),
    };
    assert_eq!(declaration("shop_queue_depth").autoscale, Some(queue));
    let scans = declaration("shop_scans_total").autoscale.expect("declared");
    assert_eq!((scans.target, scans.combine), (AutoscaleTarget::PerSecond(100.0), Some(Combine::Sum)));
    let busy = declaration("shop_tills_busy_seconds_total").autoscale.expect("declared");
    assert_eq!(busy.target, AutoscaleTarget::Concurrency(0.8));
    let bad = ObjectiveBound::Bad { label: "outcome", bad: &["failed"] };
    assert_eq!(
        declaration("shop_orders_total").objectives,
        [Objective { ratio: 0.99, bound: bad, window_seconds: 30 * 86_400 }]
    );
    assert_eq!(
        declaration("shop_charge_duration_seconds").objectives,
        [Objective { ratio: 0.99, bound: ObjectiveBound::AtMost(0.5), window_seconds: 7 * 86_400 }]
    );
}

fn described<M: Metrics>() -> Vec<String> {
    let mut names = Vec::new();
    M::describe(&mut |descriptor: Descriptor| names.push(descriptor.name));
    names
}

#[test]
fn nested_metrics_are_described_with_every_prefix() {
    assert_eq!(described::<PoolMetrics>(), ["pool_connections"]);
    assert_eq!(described::<DbMetrics>(), ["db_queries_total", "db_pool_connections"]);
    assert_eq!(
        described::<ShopMetrics>()[11..],
        [
            "shop_db_queries_total",
            "shop_db_pool_connections",
            "shop_replica_db_queries_total",
            "shop_replica_db_pool_connections"
        ]
    );
}

#[test]
fn what_is_described_is_registered() -> Result<(), metrics_core::Error> {
    let registry = Registry::new();
    ShopMetrics::register(&registry)?;
    let mut registered: Vec<_> = registry.descriptors().into_iter().map(|descriptor| descriptor.name).collect();
    let mut described = described::<ShopMetrics>();
    registered.sort();
    described.sort();
    assert_eq!(registered, described);
    Ok(())
}

#[test]
fn records_are_seen_under_the_declared_names() -> Result<(), metrics_core::Error> {
    let registry = Registry::new();
    let metrics = ShopMetrics::register(&registry)?;
    metrics.orders_total.with(&OrderLabels { payment: Payment::ApplePay, outcome: Outcome::Failed }).inc();
    metrics.orders_total.with(&OrderLabels { payment: Payment::Card, outcome: Outcome::Failed }).inc();
    metrics.replica.pool.pool_connections.set(7);
    metrics.charge_duration_seconds.observe(0.4);
    metrics.last_outcome.set(Outcome::Failed);
    let labels = [("payment", "apple_pay"), ("outcome", "failed")];
    assert_eq!(registry.sample("shop_orders_total", &labels), Some(1.0));
    assert_eq!(registry.sample("shop_orders_total", &[("payment", "card"), ("outcome", "paid")]), Some(0.0));
    assert_eq!(registry.sample("shop_replica_db_pool_connections", &[]), Some(7.0));
    assert_eq!(registry.sample("shop_last_outcome", &[("shop_last_outcome", "failed")]), Some(1.0));
    assert_eq!(registry.sample("shop_charge_duration_seconds_bucket", &[("le", "0.5")]), Some(1.0));
    assert_eq!(registry.sample("shop_charge_duration_seconds_bucket", &[("le", "0.01")]), Some(0.0));
    Ok(())
}

#[test]
fn a_family_is_looked_up_with_borrowed_labels() -> Result<(), metrics_core::Error> {
    let registry = Registry::new();
    let metrics = ShopMetrics::register(&registry)?;
    let name = String::from("ada");
    metrics.customer_orders_total.with(&CustomerLabels { customer: &name, outcome: Outcome::Paid }).inc();
    let labels = [("customer", "ada"), ("outcome", "paid")];
    assert_eq!(registry.sample("shop_customer_orders_total", &labels), Some(1.0));
    Ok(())
}

#[test]
fn registering_twice_hands_back_the_same_metrics() -> Result<(), metrics_core::Error> {
    let registry = Registry::new();
    let (first, second) = (ShopMetrics::register(&registry)?, ShopMetrics::register(&registry)?);
    first.db.queries_total.inc();
    second.db.queries_total.inc();
    assert_eq!(registry.sample("shop_db_queries_total", &[]), Some(2.0));
    Ok(())
}

#[test]
fn a_clash_in_the_last_metric_registers_none() -> Result<(), metrics_core::Error> {
    let registry = Registry::new();
    let taken = Declaration::new(MetricType::Gauge, "shop_replica_db_pool_connections", "Something else.");
    registry.register::<Gauge>(taken)?;
    let error = ShopMetrics::register(&registry).expect_err("a clash").to_string();
    assert!(error.contains("shop_replica_db_pool_connections"), "{error}");
    assert!(error.contains("derive_metrics.rs"), "{error}");
    assert_eq!(registry.descriptors().len(), 1);
    Ok(())
}

#[test]
fn one_name_twice_in_the_depth_registers_none() {
    #[derive(Metrics)]
    struct Outer {
        #[metric(nested)]
        _db: DbMetrics,
        #[metric(nested)]
        _middle: Middle,
    }

    #[derive(Metrics)]
    #[metrics(prefix = "db")]
    struct Middle {
        #[metric(nested)]
        _pool: PoolMetrics,
    }

    let registry = Registry::new();
    let error = Outer::register(&registry).err().expect("one name twice").to_string();
    assert!(error.starts_with("metric `db_pool_connections` is there twice in one struct of metrics (declared at "));
    assert!(error.ends_with("): rename one of the two, or give a nested struct a `prefix`"), "{error}");
    assert!(registry.descriptors().is_empty());
}

#[test]
fn a_registry_prefix_comes_before_the_others() -> Result<(), metrics_core::Error> {
    let registry = Registry::new();
    ShopMetrics::register(&registry.with_prefix("eu"))?;
    assert_eq!(registry.sample("eu_shop_replica_db_pool_connections", &[]), Some(0.0));
    Ok(())
}

#[test]
fn a_struct_without_metrics_registers_nothing() -> Result<(), metrics_core::Error> {
    #[derive(Metrics)]
    struct Nothing {}

    #[derive(Metrics)]
    struct Unit;

    let registry = Registry::new();
    let (Nothing {}, Unit) = (Nothing::register(&registry)?, Unit::register(&registry)?);
    assert!(registry.descriptors().is_empty());
    Ok(())
}
