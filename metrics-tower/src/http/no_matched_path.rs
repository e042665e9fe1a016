//! Which route did axum find? Without the feature `axum`: none.

use http::Extensions;

/// There is none, which a text can stand for.
pub(crate) type RouteId = &'static str;

pub(crate) fn route(_: &Extensions) -> Option<&RouteId> {
    None
}

pub(crate) fn text(route: &RouteId) -> &str {
    route
}
