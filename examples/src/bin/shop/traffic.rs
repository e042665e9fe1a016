//! Who shops when nobody is there? The shop itself, gently, so that its numbers move.

use crate::stop::Stop;
use axum::http::StatusCode;
use examples::client::Client;
use std::{error::Error, time::Duration};

const COUPONS: [&str; 4] = ["", "&coupon=WELCOME", "&coupon=WELCOME", "&coupon=SUMMER"];
const PRODUCTS: [&str; 4] = ["tea", "coffee", "honey", "mug"];
const METHODS: [&str; 3] = ["card", "transfer", "apple_pay"];

/// Sends customers, one after the other, until it is time to stop: about ten requests a second.
pub(crate) async fn run(client: Client, stop: Stop) {
    let customers = async {
        loop {
            // The server is this process: where it no longer answers, nobody is left to tell.
            let _ = visit(&client).await;
        }
    };
    tokio::select! {
        () = customers => {}
        () = stop.requested() => {}
    }
}

/// One customer: looks around, mostly orders, mostly pays.
async fn visit(client: &Client) -> Result<(), Box<dyn Error + Send + Sync>> {
    let product = pick(&PRODUCTS);
    get(client, "/products").await?;
    get(client, &format!("/products/{product}")).await?;
    get(client, "/recommendations").await?;
    if fastrand::u8(0..20) == 0 {
        get(client, "/reports/sales").await?;
    }
    if fastrand::u8(0..3) > 0 {
        buy(client, product).await?;
    }
    Ok(())
}

async fn buy(client: &Client, product: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
    let form = format!("product={product}{}", pick(&COUPONS));
    let (status, answer) = post(client, "/orders", &form).await?;
    let number = answer.trim_start_matches("order ").split(';').next().unwrap_or_default();
    if status == StatusCode::CREATED && fastrand::u8(0..10) > 0 {
        let form = format!("method={}", pick(&METHODS));
        post(client, &format!("/orders/{number}/payment"), &form).await?;
    }
    Ok(())
}

async fn get(client: &Client, path: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
    linger().await;
    client.get(path).await.map(drop)
}

async fn post(client: &Client, path: &str, form: &str) -> Result<(StatusCode, String), Box<dyn Error + Send + Sync>> {
    linger().await;
    client.post(path, form).await
}

/// A customer reads before the next click.
async fn linger() {
    tokio::time::sleep(Duration::from_millis(fastrand::u64(40..160))).await;
}

fn pick(choice: &'static [&'static str]) -> &'static str {
    choice[fastrand::usize(..choice.len())]
}
