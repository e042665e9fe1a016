//! What does the shop remember, and what happens to an order?

use crate::metrics::{OrderLabels, PaymentLabels, PaymentMethod, PaymentOutcome, Product, ShopMetrics};
use std::{collections::BTreeMap, sync::Mutex, time::Duration};

/// The oldest orders are forgotten beyond this many, so that a shop may run for weeks.
const MOST_ORDERS: usize = 10_000;

/// The orders, in memory, and the metrics of what is done to them.
pub(crate) struct Store {
    metrics: ShopMetrics,
    orders: Mutex<Orders>,
}

#[derive(Debug, Default)]
struct Orders {
    last: u64,
    by_number: BTreeMap<u64, Order>,
}

impl Orders {
    /// The number of the new order, and the order that is forgotten for it.
    fn add(&mut self, order: Order) -> (u64, Option<Order>) {
        self.last += 1;
        self.by_number.insert(self.last, order);
        let forgotten = if self.by_number.len() > MOST_ORDERS { self.by_number.pop_first() } else { None };
        (self.last, forgotten.map(|(_, order)| order))
    }
}

/// One order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    /// What was ordered.
    pub(crate) product: Product,
    /// Whether it has been paid.
    pub(crate) paid: bool,
}

/// Why an order cannot be paid.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Refusal {
    /// There is no such order.
    Unknown,
    /// It has been paid before.
    PaidBefore,
    /// The provider says no.
    Declined,
}

impl Store {
    /// A shop without orders.
    pub(crate) fn new(metrics: ShopMetrics) -> Self {
        Self { metrics, orders: Mutex::default() }
    }

    /// Places an order; its number.
    pub(crate) fn order(&self, product: Product, coupon: Option<&str>) -> u64 {
        let (number, forgotten) = self.orders().add(Order { product, paid: false });
        self.metrics.orders_total.with(&OrderLabels { product, coupon }).inc();
        self.metrics.last_order_timestamp_seconds.set_to_current_time();
        self.metrics.unpaid_orders.inc();
        if forgotten.is_some_and(|order| !order.paid) {
            self.metrics.unpaid_orders.dec();
        }
        number
    }

    /// The order with this number.
    pub(crate) fn find(&self, number: u64) -> Option<Order> {
        self.orders().by_number.get(&number).copied()
    }

    /// Charges the customer, which takes the provider a moment and is declined now and then.
    pub(crate) async fn pay(&self, number: u64, method: PaymentMethod) -> Result<Order, Refusal> {
        let order = self.find(number).ok_or(Refusal::Unknown)?;
        if order.paid {
            return Err(Refusal::PaidBefore);
        }
        let outcome = self.charge(method).await;
        match outcome {
            PaymentOutcome::Paid => self.settle(number),
            PaymentOutcome::Declined => Err(Refusal::Declined),
        }
    }

    /// Adds up the orders of today, which takes as long as such reports take.
    pub(crate) async fn report(&self) -> usize {
        let _in_progress = self.metrics.reports_in_progress.guard();
        tokio::time::sleep(Duration::from_millis(fastrand::u64(600..800))).await;
        self.orders().by_number.values().filter(|order| order.paid).count()
    }

    async fn charge(&self, method: PaymentMethod) -> PaymentOutcome {
        let timer = self.metrics.charge_duration_seconds.start_timer();
        tokio::time::sleep(Duration::from_millis(fastrand::u64(10..60))).await;
        timer.stop();
        let outcome = if fastrand::u8(0..10) == 0 { PaymentOutcome::Declined } else { PaymentOutcome::Paid };
        self.metrics.payments_total.with(&PaymentLabels { method, outcome }).inc();
        outcome
    }

    fn settle(&self, number: u64) -> Result<Order, Refusal> {
        let order = {
            let mut orders = self.orders();
            let order = orders.by_number.get_mut(&number).ok_or(Refusal::Unknown)?;
            if order.paid {
                return Err(Refusal::PaidBefore);
            }
            order.paid = true;
            *order
        };
        self.metrics.unpaid_orders.dec();
        self.metrics.revenue_euros_total.add(order.product.euros());
        Ok(order)
    }

    fn orders(&self) -> std::sync::MutexGuard<'_, Orders> {
        self.orders.lock().expect("no step under this lock panics")
    }
}

impl Product {
    /// The price.
    pub(crate) fn euros(self) -> f64 {
        match self {
            Self::Tea => 4.5,
            Self::Coffee => 7.0,
            Self::Honey => 9.25,
            Self::Mug => 12.0,
        }
    }
}
