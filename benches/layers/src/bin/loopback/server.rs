//! What is driven? An axum service on a thread of its own.

use std::error::Error;
use std::fmt::Write;
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use benches::exchange::NoOpLayer;
use benches::measure::processor_time;
use metrics_core::Registry;
use metrics_tower::HttpMetricsLayer;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What stands around the service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Around {
    Nothing,
    /// A layer that does nothing: axum boxes what any layer wraps, once more a request.
    NoOp,
    Metrics,
}

/// A running service.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    registry: Registry,
    ask: UnboundedSender<mpsc::Sender<Duration>>,
}

impl Server {
    pub(crate) fn start(around: Around, items: usize) -> Result<Self, Box<dyn Error>> {
        let registry = Registry::new();
        let app = Router::new().route("/orders/{id}", get(async move |Path(id): Path<u64>| order(id, items)));
        let app = match around {
            Around::Nothing => app,
            Around::NoOp => app.layer(NoOpLayer),
            Around::Metrics => app.layer(HttpMetricsLayer::new(&registry)?),
        };
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (ask, asked) = unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::spawn(move || runtime.block_on(serve(listener, app, asked)));
        Ok(Self { address, registry, ask })
    }

    /// How long its thread has been on a processor.
    pub(crate) fn processor_time(&self) -> Result<Duration, Box<dyn Error>> {
        let (answer, answered) = mpsc::channel();
        self.ask.send(answer)?;
        Ok(answered.recv()?)
    }

    /// What the layer has counted.
    pub(crate) fn recorded(&self) -> Option<u64> {
        let labels =
            [("http_request_method", "GET"), ("http_route", "/orders/{id}"), ("http_response_status_code", "200")];
        self.registry.sample("http_server_requests_total", &labels).map(|count| count as u64)
    }
}

/// An order, as a service would write it.
fn order(id: u64, items: usize) -> String {
    let mut text = String::new();
    for item in 0..items {
        let (price, pieces) = (item as f64 * 1.75 + 0.99, item % 7 + 1);
        let _ =
            writeln!(text, "{{\"item\":{item},\"name\":\"thing {item}\",\"price\":{price:.2},\"pieces\":{pieces}}}");
    }
    let _ = writeln!(text, "order {id:0>8}");
    text
}

async fn serve(listener: TcpListener, app: Router, mut asked: UnboundedReceiver<mpsc::Sender<Duration>>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener that does not block");
    let times = async {
        while let Some(answer) = asked.recv().await {
            let _ = answer.send(processor_time());
        }
    };
    tokio::select! {
        _ = axum::serve(listener, app) => {}
        () = times => {}
    }
}
