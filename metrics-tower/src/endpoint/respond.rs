//! What is answered to a scrape?

use std::time::{Duration, Instant};

use http::header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER, VARY};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri};

use super::body::{MetricsBody, PIECE, Stream};
use super::encoding::accepts_gzip;
use super::format::negotiate;
use super::gzip::Gzip;
use super::own::Outcome;
use super::query;
use super::service::MetricsEndpoint;

/// Smaller answers are not worth compressing: they fit one packet either way.
const SMALL: usize = 1400;
/// What Prometheus says how long it waits.
const SCRAPE_TIMEOUT: &str = "x-prometheus-scrape-timeout-seconds";
const PLAIN: &str = "text/plain; charset=utf-8";

/// The answer of `endpoint`; encodes the first piece, so that an answer of one piece has a length.
pub(crate) fn respond(
    endpoint: &MetricsEndpoint,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Response<MetricsBody> {
    match *method {
        Method::GET => match query::names(uri.query()) {
            Ok(names) => scrape(endpoint, names, headers),
            Err(wrong) => answer(StatusCode::BAD_REQUEST, PLAIN, MetricsBody::whole(wrong)),
        },
        Method::HEAD => match query::names(uri.query()) {
            Ok(_) => answer(StatusCode::OK, negotiate(headers).as_str(), MetricsBody::whole("")),
            Err(_) => answer(StatusCode::BAD_REQUEST, PLAIN, MetricsBody::whole("")),
        },
        _ => method_not_allowed(method),
    }
}

fn scrape(endpoint: &MetricsEndpoint, names: Vec<String>, headers: &HeaderMap) -> Response<MetricsBody> {
    let began = Instant::now();
    let Some(mut place) = endpoint.places.take(began) else {
        endpoint.own.refused();
        return too_many(endpoint.places.count());
    };
    let format = negotiate(headers);
    let mut response = answer(StatusCode::OK, format.as_str(), MetricsBody::whole(""));
    let mut exposition = endpoint.registry.exposition(format);
    if endpoint.created_samples {
        exposition = exposition.with_created_samples();
    }
    if !names.is_empty() {
        exposition = exposition.only(names);
    }
    let mut first = Vec::with_capacity(PIECE + PIECE / 8);
    let more = exposition.next_piece(&mut first);
    // What ends early behind a slow collector may be large all the same, and nobody waits for more of it to know.
    let level = endpoint.gzip.filter(|_| (more || first.len() > SMALL) && accepts_gzip(headers));
    let gzip = level.map(Gzip::new);
    if gzip.is_some() {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    *response.body_mut() = if more {
        let deadline = timeout(endpoint, headers).and_then(|timeout| began.checked_add(timeout));
        let (first, own, outcome) = (Some(first), endpoint.own.clone(), Outcome::Dropped);
        let (yielded, sent) = (true, 0);
        place.wait(Instant::now());
        MetricsBody::stream(Stream { exposition, first, gzip, place, deadline, began, yielded, sent, own, outcome })
    } else {
        let whole = match gzip {
            Some(mut gzip) => gzip.piece(&first, true),
            None => first,
        };
        endpoint.own.ended(Outcome::Complete, began.elapsed(), whole.len() as u64);
        MetricsBody::whole(whole)
    };
    response
}

/// The shorter of what the scraper says and what the endpoint allows.
fn timeout(endpoint: &MetricsEndpoint, headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(SCRAPE_TIMEOUT).and_then(|value| value.to_str().ok()?.parse().ok());
    let told = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).filter(|told| !told.is_zero());
    match (told, endpoint.timeout) {
        (Some(told), Some(own)) => Some(told.min(own)),
        (told, own) => told.or(own),
    }
}

fn method_not_allowed(method: &Method) -> Response<MetricsBody> {
    let text = format!("{method} is not allowed here: metrics are read with GET or HEAD.\n");
    let mut response = answer(StatusCode::METHOD_NOT_ALLOWED, PLAIN, MetricsBody::whole(text));
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

fn too_many(limit: usize) -> Response<MetricsBody> {
    let text = format!(
        "Too many scrapes at once: {limit} are running, which is the limit of this endpoint. Try again later, scrape less \
         often, or raise the limit.\n"
    );
    let mut response = answer(StatusCode::SERVICE_UNAVAILABLE, PLAIN, MetricsBody::whole(text));
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn answer(status: StatusCode, content_type: &'static str, body: MetricsBody) -> Response<MetricsBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
    response
}
