//! Do labels tell what layers and handlers attach, and never more than is allowed?

mod common;

use common::{Plan, all_ended, get, ok, send};
use metrics_core::{LabelValue, Registry};
use metrics_tower::HttpMetrics;

#[derive(Clone, Copy)]
struct Cached(bool);

impl LabelValue for Cached {
    const VALUES: &'static [&'static str] = &["no", "yes"];
    fn index(self) -> usize {
        self.0.into()
    }
}

#[derive(Clone)]
struct Tenant(String);

impl AsRef<str> for Tenant {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[derive(Clone)]
struct Shard(&'static str);

impl AsRef<str> for Shard {
    fn as_ref(&self) -> &str {
        self.0
    }
}

#[tokio::test]
async fn opt_in_labels_are_written_behind_the_others() {
    let registry = Registry::new();
    let metrics = HttpMetrics::server()
        .with_scheme()
        .with_protocol_version()
        .with_request_label::<Plan>("plan")
        .with_response_label::<Cached>("cached");
    for plan in [Plan::Free, Plan::Paid] {
        let mut request = get("https://shop.example/");
        request.extensions_mut().insert(plan);
        let mut response = ok();
        response.extensions_mut().insert(Cached(true));
        send(&metrics, &registry, request, response).await;
    }
    send(&metrics, &registry, get("/"), ok()).await;
    let text = registry.encode_text();
    for row in [
        "\"200\",url_scheme=\"https\",network_protocol_version=\"1.1\",plan=\"free\",cached=\"yes\"} 1\n",
        "\"200\",url_scheme=\"https\",network_protocol_version=\"1.1\",plan=\"paid\",cached=\"yes\"} 1\n",
        "\"200\",network_protocol_version=\"1.1\"} 1\n",
    ] {
        assert!(
            text.contains(&format!(
                "http_server_requests_total{{http_request_method=\"GET\",http_response_status_code={row}"
            )),
            "{row} in\n{text}"
        );
    }
}

#[test]
#[should_panic(expected = "label `e` is one too many: an HTTP layer takes at most 4 extra labels; leave one out")]
fn a_fifth_extra_label_is_refused() {
    let _ = ["a", "b", "c", "d", "e"].into_iter().fold(HttpMetrics::server(), HttpMetrics::with_request_label::<Plan>);
}

#[tokio::test]
async fn texts_as_labels_are_capped_from_the_request_and_from_the_response() {
    let registry = Registry::new();
    let metrics =
        HttpMetrics::server().with_request_text::<Tenant>("tenant", 3).with_response_text::<Shard>("shard", 1);
    for number in 0..1000 {
        let mut request = get("/");
        request.extensions_mut().insert(Tenant(format!("tenant-{number}")));
        let mut response = ok();
        response.extensions_mut().insert(Shard(if number == 0 { "north" } else { "south" }));
        // Each layer anew: the texts that are known belong to the configuration.
        send(&metrics.clone(), &registry, request, response).await;
    }
    send(&metrics, &registry, get("/"), ok()).await;
    let text = registry.encode_text();
    for row in [
        ",tenant=\"tenant-0\",shard=\"north\"} 1\n",
        ",tenant=\"tenant-1\",shard=\"_overflow\"} 1\n",
        ",tenant=\"tenant-2\",shard=\"_overflow\"} 1\n",
        ",tenant=\"_overflow\",shard=\"_overflow\"} 997\n",
        "} 1\n",
    ] {
        let head = "http_server_requests_total{http_request_method=\"GET\",http_response_status_code=\"200\"";
        assert!(text.contains(&format!("{head}{row}")), "{row} in\n{text}");
    }
    assert_eq!(all_ended(&registry), 1001.0);
    assert_eq!(text.lines().filter(|line| line.starts_with("http_server_requests_total{")).count(), 5);
}

#[test]
#[should_panic(expected = "label `tenant` cannot have 0 texts: choose a number between 1 and 4096")]
fn a_text_label_without_texts_is_refused() {
    let _ = HttpMetrics::server().with_request_text::<Tenant>("tenant", 0);
}
