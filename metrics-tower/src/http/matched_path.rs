//! Which route did axum find?

use axum::extract::MatchedPath;
use http::Extensions;

/// A route as axum knows it. While one is held, no other text stands where its text stands.
pub(crate) type RouteId = MatchedPath;

/// The route, such as `/orders/{id}`; none where nothing matched.
#[inline]
pub(crate) fn route(extensions: &Extensions) -> Option<&RouteId> {
    extensions.get()
}

/// Its pattern.
#[inline]
pub(crate) fn text(route: &RouteId) -> &str {
    route.as_str()
}
