//! What does the shop count of its own business?

use metrics_core::catalogue::Catalogue;
use metrics_core::{Counter, Family, Gauge, Histogram, LabelSet, LabelValue, Metrics, UpDownGauge};
use metrics_tower::HttpMetrics;
use serde::Deserialize;

/// The shop's own metrics. What every HTTP service has comes from the layer.
#[derive(Metrics)]
#[metrics(prefix = "shop")]
pub(crate) struct ShopMetrics {
    /// Orders placed, by product and coupon.
    pub(crate) orders_total: Family<OrderLabels<'static>, Counter>,
    /// Attempts to pay, by method and outcome.
    pub(crate) payments_total: Family<PaymentLabels, Counter>,
    /// Money received, in euros.
    pub(crate) revenue_euros_total: Counter<f64>,
    /// Orders that nobody has paid yet.
    pub(crate) unpaid_orders: Gauge,
    /// Time the payment provider takes to charge.
    #[metric(unit = "seconds", buckets = [0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 1.0])]
    pub(crate) charge_duration_seconds: Histogram,
    /// Sales reports being made at this moment.
    pub(crate) reports_in_progress: UpDownGauge,
    /// When the last order was placed, in seconds since 1970.
    #[metric(unit = "seconds")]
    pub(crate) last_order_timestamp_seconds: Gauge<f64>,
}

/// Everything that the shop declares.
pub(crate) fn catalogue() -> Catalogue {
    Catalogue::new()
        .with::<ShopMetrics>()
        .with_group("HTTP", |describe| HttpMetrics::server().describe(describe))
        .with_group("Process", metrics_os::describe)
        .with_group("Build", metrics_os::describe_build_info(&[]))
}

/// What is told about an order.
#[derive(Debug, LabelSet)]
pub(crate) struct OrderLabels<'a> {
    /// What was ordered.
    pub(crate) product: Product,
    /// As the customer typed it: the family's cap keeps those who invent coupons from growing it without end.
    pub(crate) coupon: Option<&'a str>,
}

/// What is told about an attempt to pay.
#[derive(Debug, LabelSet)]
pub(crate) struct PaymentLabels {
    /// How the customer pays.
    pub(crate) method: PaymentMethod,
    /// What came of it.
    pub(crate) outcome: PaymentOutcome,
}

/// What the shop sells.
#[derive(Clone, Copy, Debug, Deserialize, LabelValue)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Product {
    /// Leaves.
    Tea,
    /// Beans.
    Coffee,
    /// From the bees next door.
    Honey,
    /// With the shop's name.
    Mug,
}

/// How customers pay.
#[derive(Clone, Copy, Debug, Deserialize, LabelValue)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentMethod {
    /// A card.
    Card,
    /// A bank transfer.
    Transfer,
    /// A telephone.
    ApplePay,
}

/// What comes of an attempt to pay.
#[derive(Clone, Copy, Debug, LabelValue)]
pub(crate) enum PaymentOutcome {
    /// The money is there.
    Paid,
    /// The provider says no.
    Declined,
}
