//! Which service answers a scrape, and what can be set about it?

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use metrics_core::{Error, Registry};
use tower_service::Service;

use super::body::MetricsBody;
use super::own::Own;
use super::places::Places;
use super::respond;

/// More work hardly makes the text of an exposition smaller.
const GZIP_LEVEL: u32 = 1;

/// Answers scrapes of a registry: GET and HEAD, on whatever path it is mounted.
///
/// The format is what the `Accept` header asks for; `?name[]=orders_total` asks for single families. The answer is encoded
/// in pieces of about 64 KiB, and the worker is given back after each. Everything can be set beforehand; the defaults fit a
/// Prometheus that scrapes this process. [The module](super) has the rules.
///
/// ```no_run
/// use axum::Router;
/// use metrics_core::Registry;
/// use metrics_tower::MetricsEndpoint;
///
/// let registry = Registry::new();
/// let app: Router = Router::new().route_service("/metrics", MetricsEndpoint::new(&registry));
/// # drop(app);
/// ```
#[derive(Clone, Debug)]
pub struct MetricsEndpoint {
    pub(crate) registry: Registry,
    pub(crate) places: Places,
    pub(crate) timeout: Option<Duration>,
    /// The level of compression, if answers may be compressed.
    pub(crate) gzip: Option<u32>,
    pub(crate) created_samples: bool,
    pub(crate) own: Own,
}

impl MetricsEndpoint {
    /// At most 8 scrapes at the same time, which give their places up after 10 seconds if there are more, a reader may be
    /// silent for 30 seconds, a scrape may take as long as the scraper says, gzip where it is asked for.
    pub fn new(registry: &Registry) -> Self {
        let places = Places::new(8, Duration::from_secs(30), Duration::from_secs(10));
        let (registry, own) = (registry.clone(), Own::default());
        Self { registry, places, timeout: None, gzip: Some(GZIP_LEVEL), created_samples: false, own }
    }

    /// At most this many scrapes at the same time (at least one); the next one is answered with 503, unless one of them has
    /// run for longer than [the place timeout](Self::with_place_timeout).
    pub fn with_max_scrapes(mut self, max: usize) -> Self {
        self.places = Places::new(max.max(1), self.places.patience(), self.places.tenure());
        self
    }

    /// If as many scrapes run as may, and another one comes, then the one that has run longest gives its place up, if that
    /// is longer than this; its answer ends with an error. So readers that take an answer slowly, but never stop, do not
    /// keep others out for ever. 10 seconds by default, which is how long Prometheus waits by default, and has no effect
    /// while there are places. A scrape that may take longer has to be let: raise this, or the number of scrapes.
    pub fn with_place_timeout(mut self, tenure: Duration) -> Self {
        self.places = Places::new(self.places.count(), self.places.patience(), tenure);
        self
    }

    /// A reader that takes nothing for this long loses its place, and its answer ends with an error.
    pub fn with_reader_timeout(mut self, patience: Duration) -> Self {
        self.places = Places::new(self.places.count(), patience, self.places.tenure());
        self
    }

    /// The longest that a scrape may take, if the scraper's own `X-Prometheus-Scrape-Timeout-Seconds` is not shorter.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Whether answers are compressed where the scraper takes it; on by default, at level 1.
    pub fn with_gzip(mut self, on: bool) -> Self {
        self.gzip = on.then_some(GZIP_LEVEL);
        self
    }

    /// Answers are compressed at this level where the scraper takes it, from 1 (fast, the default) to 9. More work hardly
    /// makes an exposition smaller.
    pub fn with_gzip_level(mut self, level: u32) -> Self {
        self.gzip = Some(level);
        self
    }

    /// In OpenMetrics 1.0 a sample `x_created` for each counter and histogram; off by default. See
    /// [`Exposition::with_created_samples`](metrics_core::Exposition::with_created_samples).
    pub fn with_created_samples(mut self) -> Self {
        self.created_samples = true;
        self
    }

    /// Registers what endpoint and registry tell about themselves; see [the list](super#what-it-tells-about-itself).
    ///
    /// # Errors
    /// If one of the names is taken by something else.
    pub fn with_self_metrics(mut self) -> Result<Self, Error> {
        self.registry.register_self_metrics()?;
        self.own = Own::register(&self.registry)?;
        Ok(self)
    }
}

impl<B> Service<Request<B>> for MetricsEndpoint {
    type Response = Response<MetricsBody>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ready(Ok(respond::respond(self, request.method(), request.uri(), request.headers())))
    }
}
