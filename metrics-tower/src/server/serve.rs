//! How is a connection to the metrics port served?

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower_service::Service;

use super::activity::{Activity, Limits, OpenBody};
use super::patience::Patient;
use super::room::{Place, Room};
use crate::endpoint::{MetricsBody, MetricsEndpoint};

/// How long scrapes may take that run when the server is stopped, and how long a connection that was silent may take to end.
const GRACE: Duration = Duration::from_secs(5);

pub(super) async fn serve(
    listener: TcpListener,
    endpoint: MetricsEndpoint,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) {
    let room = Room::new(limits.tenure);
    let (stop, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener) => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let Some(stream) = accepted else { continue };
        let place = tokio::select! {
            () = &mut shutdown => break,
            place = room.place() => place,
        };
        connections.spawn(connection(stream, place, endpoint.clone(), limits, stopped.clone()));
    }
    drop((listener, stop));
    let all = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(GRACE, all).await;
}

/// The next connection; none if accepting failed, after a moment.
async fn accept(listener: &TcpListener) -> Option<TcpStream> {
    match listener.accept().await {
        Ok((stream, _)) => Some(stream),
        Err(_) => {
            // Out of file descriptors, or the peer has gone already: trying at once would spin.
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

/// Serves a connection until it ends, or the server is stopped, or the peer has been silent for too long, or another
/// connection has to have the place.
async fn connection(
    stream: TcpStream,
    place: Place,
    endpoint: MetricsEndpoint,
    limits: Limits,
    mut stopped: watch::Receiver<()>,
) {
    let activity = &place.activity;
    let builder = builder(limits.idle);
    let service = service_fn(|request| answer(endpoint.clone(), request, activity.clone()));
    let stream = TokioIo::new(Patient::new(stream, limits.patience, activity.clone()));
    let mut connection = pin!(builder.serve_connection(stream, service));
    let idle = tokio::select! {
        // A connection that breaks is its peer's business.
        _ = connection.as_mut() => return,
        () = activity.ceased(limits) => limits.idle.min(GRACE),
        () = activity.asked() => Duration::ZERO,
        _ = stopped.changed() => limits.idle.min(GRACE),
    };
    // A request that has just been sent is still answered, for as long as its answer is taken.
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        // In this order, for a connection without a request may have no more than one turn to say that it ends.
        biased;
        _ = connection => {}
        () = activity.ceased(Limits { idle, ..limits }) => {}
        () = activity.overdue(limits.tenure) => {}
    }
}

fn builder(head_timeout: Duration) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(head_timeout);
    builder
}

async fn answer(
    mut endpoint: MetricsEndpoint,
    request: Request<Incoming>,
    activity: Activity,
) -> Result<Response<OpenBody>, Infallible> {
    if request.uri().path() == "/metrics" {
        return Ok(endpoint.call(request).await?.map(|body| activity.open(body)));
    }
    let body = MetricsBody::whole("Nothing here: the metrics are at /metrics.\n");
    let mut response = Response::new(activity.open(body));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    Ok(response)
}
