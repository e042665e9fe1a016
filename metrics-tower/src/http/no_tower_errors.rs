//! Which of tower's own errors is this? Without the feature `tower`: none that we know.

use std::error::Error;

pub(crate) fn classify(_: &(dyn Error + 'static)) -> Option<u16> {
    None
}

pub(crate) fn of_any(_: &dyn std::any::Any) -> Option<u16> {
    None
}
