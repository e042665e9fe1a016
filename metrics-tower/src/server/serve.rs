//! How is a connection to the metrics port served?

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tower_service::Service;

use super::patience::Patient;
use crate::endpoint::{MetricsBody, MetricsEndpoint};

/// How long scrapes may take that run when the server is stopped.
const GRACE: Duration = Duration::from_secs(5);
/// How long a request's head may take.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How many connections there may be; further ones wait.
const MAX_CONNECTIONS: usize = 64;

pub(super) async fn serve(
    listener: TcpListener,
    endpoint: MetricsEndpoint,
    patience: Duration,
    shutdown: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let free = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    let builder = builder();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &free) => accepted,
            Some(_) = connections.join_next() => continue,
        };
        if let Some((stream, permit)) = accepted {
            let connection = builder.serve_connection(
                TokioIo::new(Patient::new(stream, patience)),
                service_fn({
                    let endpoint = endpoint.clone();
                    move |request| answer(endpoint.clone(), request)
                }),
            );
            // Without an owned connection the watcher would borrow the builder.
            let watched = graceful.watch(connection.into_owned());
            connections.spawn(async move {
                // A connection that breaks is its peer's business.
                let _ = watched.await;
                drop(permit);
            });
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
}

/// A connection and its place among the allowed ones; none if accepting failed, after a moment.
async fn accept(listener: &TcpListener, free: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(free).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, permit)),
        Err(_) => {
            // Out of file descriptors, or the peer has gone already: trying at once would spin.
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    builder
}

async fn answer(
    mut endpoint: MetricsEndpoint,
    request: Request<Incoming>,
) -> Result<Response<MetricsBody>, Infallible> {
    if request.uri().path() == "/metrics" {
        return endpoint.call(request).await;
    }
    let mut response = Response::new(MetricsBody::whole("Nothing here: the metrics are at /metrics.\n"));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    Ok(response)
}
