//! Does the shop do what its help says, as a process?
#![cfg(unix)]

mod support;

use std::{net::TcpListener, thread, time::Instant};
use support::{Program, address, get, output, post, until, value};

const SHOP: &str = env!("CARGO_BIN_EXE_shop");

fn open(arguments: &[&str]) -> (Program, String) {
    let mut shop = Program::start(SHOP, &[&["--listen", "127.0.0.1:0"], arguments].concat());
    let address = address(&shop.line());
    (shop, address)
}

#[test]
fn it_prints_where_it_listens_and_three_things_to_try() {
    let (mut shop, address) = open(&["--no-traffic"]);
    let tries = [shop.line(), shop.line(), shop.line()];
    assert_eq!(tries[0], format!("  curl http://{address}/products"));
    assert_eq!(tries[1], format!("  curl -d product=tea -d coupon=WELCOME http://{address}/orders"));
    assert_eq!(tries[2], format!("  curl http://{address}/metrics"));

    assert_eq!(get(&address, "/products").body, "tea\ncoffee\nhoney\nmug\n");
    let order = post(&address, "/orders", "product=tea&coupon=WELCOME");
    assert_eq!((order.status, order.body.as_str()), (201, "order 1; pay it with method=card to /orders/1/payment\n"));
    assert_eq!(get(&address, "/metrics").status, 200);
}

#[test]
fn its_own_metrics_tell_what_was_sold() {
    let (_shop, address) = open(&["--no-traffic"]);
    let untouched = get(&address, "/metrics").body;
    assert_eq!(value(&untouched, r#"shop_payments_total{method="apple_pay",outcome="declined"}"#), Some(0.0));

    post(&address, "/orders", "product=mug&coupon=WELCOME");
    post(&address, "/orders", "product=mug");
    post(&address, "/orders", "product=mug&coupon=");
    let attempts = pay_until_it_works(&address, 1);
    assert_eq!(post(&address, "/orders/1/payment", "method=card").status, 409);
    assert_eq!(post(&address, "/orders/77/payment", "method=card").status, 404);

    let metrics = get(&address, "/metrics").body;
    assert_eq!(value(&metrics, r#"shop_orders_total{product="mug",coupon="WELCOME"}"#), Some(1.0));
    assert_eq!(
        value(&metrics, r#"shop_orders_total{product="mug"}"#),
        Some(2.0),
        "no coupon and an empty one are alike"
    );
    assert_eq!(value(&metrics, r#"shop_payments_total{method="card",outcome="paid"}"#), Some(1.0));
    assert_eq!(value(&metrics, r#"shop_payments_total{method="card",outcome="declined"}"#), Some(attempts - 1.0));
    assert_eq!(value(&metrics, "shop_charge_duration_seconds_count"), Some(attempts));
    assert_eq!(value(&metrics, "shop_revenue_euros_total"), Some(12.0));
    assert_eq!(value(&metrics, "shop_unpaid_orders"), Some(2.0));
}

#[test]
fn what_it_exposes_is_declared_the_build_included() {
    let (_shop, address) = open(&["--no-traffic"]);
    get(&address, "/products/tea");
    let metrics = get(&address, "/metrics").body;
    let build = format!(r#"build_info{{crate="examples",version="{}"}}"#, env!("CARGO_PKG_VERSION"));
    assert_eq!(value(&metrics, &build), Some(1.0), "{metrics}");
    let catalogue = String::from_utf8(output(SHOP, &["--catalogue"]).stdout).unwrap();
    let exposed: Vec<_> = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert!(exposed.len() > 10, "{metrics}");
    for name in exposed {
        assert!(catalogue.contains(&format!("\"{name}\"")), "{name} is exposed and not declared");
    }
}

/// How many attempts it took.
fn pay_until_it_works(address: &str, order: u64) -> f64 {
    let mut attempts = 0.0;
    until("the provider accepts the card", || {
        attempts += 1.0;
        let status = post(address, &format!("/orders/{order}/payment"), "method=card").status;
        assert!([200, 402].contains(&status), "{status}");
        (status == 200).then_some(attempts)
    })
}

#[test]
fn the_layer_measures_every_route_but_the_metrics() {
    let (_shop, address) = open(&["--no-traffic"]);
    get(&address, "/products/tea");
    get(&address, "/products/honey");
    get(&address, "/wp-admin/setup.php");
    let metrics = until("both requests are counted", || {
        let metrics = get(&address, "/metrics").body;
        (count(&metrics, &["GET", "/products/{product}", "200"]) == 2.0).then_some(metrics)
    });
    assert!(!metrics.contains("wp-admin"), "an unmatched path is never a label:\n{metrics}");
    assert!(!metrics.contains(r#"="/metrics""#), "a scrape is not a request of the service:\n{metrics}");
}

/// The number of requests in series that have all these label values.
fn count(metrics: &str, labels: &[&str]) -> f64 {
    let of_interest = |line: &&str| {
        line.starts_with("http_server_request_duration_seconds_count{")
            && labels.iter().all(|value| line.contains(&format!("=\"{value}\"")))
    };
    metrics.lines().filter(of_interest).filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

#[test]
fn without_no_traffic_its_numbers_move_by_themselves() {
    let (_shop, address) = open(&[]);
    until("somebody looks at the products", || {
        (count(&get(&address, "/metrics").body, &["GET", "/products"]) > 0.0).then_some(())
    });
}

#[test]
fn sigterm_and_ctrl_c_let_requests_in_flight_finish() {
    for signal in ["TERM", "INT"] {
        let (mut shop, address) = open(&["--no-traffic"]);
        let client = thread::spawn({
            let address = address.clone();
            move || get(&address, "/reports/sales")
        });
        until("the report is being made", || {
            (value(&get(&address, "/metrics").body, "shop_reports_in_progress") == Some(1.0)).then_some(())
        });
        let asked = Instant::now();
        shop.signal(signal);
        let status = shop.end();
        assert!(asked.elapsed().as_secs_f64() < 2.0, "{signal}: took {:?}", asked.elapsed());
        assert_eq!(status.code(), Some(0), "{signal}: {status}");
        let report = client.join().expect("the client gets its answer");
        assert_eq!((report.status, report.body.as_str()), (200, "0 orders paid\n"), "{signal}");
        assert!(shop.rest().ends_with("shop has stopped\n"));
    }
}

#[test]
fn a_client_that_never_finishes_its_request_does_not_hold_it_up() {
    use std::io::Write;
    let (mut shop, address) = open(&["--no-traffic"]);
    let mut slow = std::net::TcpStream::connect(&address).expect("the shop listens");
    slow.write_all(b"POST /orders HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nproduct=").expect("it reads");
    let asked = Instant::now();
    shop.signal("TERM");
    assert_eq!(shop.end().code(), Some(0));
    assert!(asked.elapsed().as_secs_f64() < 2.5, "took {:?}", asked.elapsed());
}

#[test]
fn a_taken_port_is_named_with_the_option_that_helps() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let in_use = TcpListener::bind(&address).expect_err("it is taken");
    refused(
        &["--listen", &address],
        &format!(
            "shop: cannot listen on {address} ({in_use}); \
             --listen takes HOST:PORT, and port 0 takes any free port: --listen 127.0.0.1:0\n"
        ),
    );
}

#[test]
fn a_bad_address_is_named_with_what_would_be_right() {
    refused(
        &["--listen", "three thousand"],
        "shop: cannot listen on three thousand (invalid socket address); \
         --listen takes HOST:PORT, and port 0 takes any free port: --listen 127.0.0.1:0\n",
    );
}

#[test]
fn a_bad_option_points_to_the_help() {
    refused(&["--lisen", "127.0.0.1:0"], "shop: invalid option '--lisen'; --help lists the options\n");
}

fn refused(arguments: &[&str], message: &str) {
    let output = output(SHOP, arguments);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr), message);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}

#[test]
fn help_lists_the_options() {
    let output = output(SHOP, &["--help"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0));
    for option in ["--listen HOST:PORT", "--no-traffic", "--help"] {
        assert!(text.contains(option), "{option} is missing in:\n{text}");
    }
}
