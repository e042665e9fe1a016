//! Which route did axum find? Without the feature `axum`: none.

use http::Extensions;

pub(crate) fn route(_: &Extensions) -> Option<&str> {
    None
}
