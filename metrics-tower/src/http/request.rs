//! What of a request decides its labels?

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use http::{Extensions, HeaderMap, Method, Request, Uri, Version};

/// A request without its body, borrowed: what a route function gets to see.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    /// The method as it was sent.
    pub method: &'a Method,
    /// The URI as it was sent.
    pub uri: &'a Uri,
    /// The protocol version.
    pub version: Version,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// What layers outside have attached.
    pub extensions: &'a Extensions,
}

impl<'a> RequestHead<'a> {
    pub(crate) fn of<B>(request: &'a Request<B>) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            version: request.version(),
            headers: request.headers(),
            extensions: request.extensions(),
        }
    }
}

type RouteFunction = dyn for<'a> Fn(&RequestHead<'a>) -> Option<Cow<'a, str>> + Send + Sync;

/// Where the route of a request comes from.
#[derive(Clone, Default)]
pub(crate) enum RouteSource {
    /// What axum found, if the feature is on.
    #[default]
    Matched,
    /// The host that the request goes to.
    Host,
    /// The user's function.
    Function(Arc<RouteFunction>),
}

impl RouteSource {
    /// The text that tells the route, where it is a text that tells it.
    pub(crate) fn route<'a>(&self, head: &RequestHead<'a>) -> Option<Cow<'a, str>> {
        match self {
            // Looked up by address, without asking for its text.
            Self::Matched => None,
            Self::Host => head.uri.host().map(Cow::Borrowed),
            Self::Function(function) => function(head),
        }
    }
}

impl fmt::Debug for RouteSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Matched => "Matched",
            Self::Host => "Host",
            Self::Function(_) => "Function",
        })
    }
}
