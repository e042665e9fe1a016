//! Which route did axum find?

use axum::extract::MatchedPath;
use http::Extensions;

/// The pattern of the route, such as `/orders/{id}`; none where nothing matched.
pub(crate) fn route(extensions: &Extensions) -> Option<&str> {
    extensions.get::<MatchedPath>().map(MatchedPath::as_str)
}
