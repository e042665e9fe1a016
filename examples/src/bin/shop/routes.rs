//! Which routes has the shop, and what do they answer?

use crate::{
    metrics::{PaymentMethod, Product},
    store::{Refusal, Store},
};
use axum::{
    Form, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use metrics_core::{LabelValue, Registry};
use metrics_tower::{HttpMetricsLayer, MetricsEndpoint};
use serde::Deserialize;
use std::sync::Arc;

/// The service: every route above the layer is measured, `/metrics` below it is not.
pub(crate) fn app(store: Store, registry: &Registry) -> Result<Router, metrics_core::Error> {
    Ok(Router::new()
        .route("/products", get(products))
        .route("/products/{product}", get(product))
        .route("/orders", post(place_order))
        .route("/orders/{number}", get(order))
        .route("/orders/{number}/payment", post(pay))
        .route("/reports/sales", get(sales_report))
        .route("/recommendations", get(recommendations))
        .fallback(nothing_here)
        .with_state(Arc::new(store))
        .layer(HttpMetricsLayer::new(registry)?)
        .route_service("/metrics", MetricsEndpoint::new(registry)))
}

async fn products() -> String {
    Product::VALUES.iter().map(|product| format!("{product}\n")).collect()
}

async fn product(Path(product): Path<Product>) -> String {
    format!("{}: {:.2} EUR\n", product.text(), product.euros())
}

#[derive(Deserialize)]
struct NewOrder {
    product: Product,
    coupon: Option<String>,
}

async fn place_order(State(store): State<Arc<Store>>, Form(new): Form<NewOrder>) -> (StatusCode, String) {
    let number = store.order(new.product, new.coupon.as_deref());
    (StatusCode::CREATED, format!("order {number}; pay it with method=card to /orders/{number}/payment\n"))
}

async fn order(State(store): State<Arc<Store>>, Path(number): Path<u64>) -> (StatusCode, String) {
    match store.find(number) {
        Some(order) => {
            let paid = if order.paid { "paid" } else { "not paid yet" };
            (StatusCode::OK, format!("order {number}: {}, {paid}\n", order.product.text()))
        }
        None => refused(Refusal::Unknown),
    }
}

#[derive(Deserialize)]
struct Payment {
    method: PaymentMethod,
}

async fn pay(
    State(store): State<Arc<Store>>,
    Path(number): Path<u64>,
    Form(payment): Form<Payment>,
) -> (StatusCode, String) {
    match store.pay(number, payment.method).await {
        Ok(order) => (StatusCode::OK, format!("{:.2} EUR received, thank you\n", order.product.euros())),
        Err(refusal) => refused(refusal),
    }
}

fn refused(refusal: Refusal) -> (StatusCode, String) {
    let (status, text) = match refusal {
        Refusal::Unknown => (StatusCode::NOT_FOUND, "there is no such order\n"),
        Refusal::PaidBefore => (StatusCode::CONFLICT, "this order has been paid\n"),
        Refusal::Declined => (StatusCode::PAYMENT_REQUIRED, "the payment was declined, try again\n"),
    };
    (status, text.to_owned())
}

/// The slow one.
async fn sales_report(State(store): State<Arc<Store>>) -> String {
    format!("{} orders paid\n", store.report().await)
}

/// The one that fails sometimes.
async fn recommendations() -> (StatusCode, &'static str) {
    match fastrand::u8(0..5) {
        0 => (StatusCode::INTERNAL_SERVER_ERROR, "the recommendations are out to lunch\n"),
        _ => (StatusCode::OK, "honey goes well with tea\n"),
    }
}

async fn nothing_here() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "nothing here; try /products\n")
}
