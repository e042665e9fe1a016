//! Which of tower's own errors is this?

use std::error::Error;

use tower::load_shed::error::Overloaded;
use tower::timeout::error::Elapsed;

use super::values::error;

/// The place of tower's `Elapsed` and `Overloaded` among the error types.
pub(crate) fn classify(cause: &(dyn Error + 'static)) -> Option<u16> {
    if cause.is::<Elapsed>() {
        Some(error::TIMEOUT)
    } else if cause.is::<Overloaded>() {
        Some(error::OVERLOADED)
    } else {
        None
    }
}

/// The same for an error that is not behind a box.
pub(crate) fn of_any(error: &dyn std::any::Any) -> Option<u16> {
    let elapsed = error.downcast_ref::<Elapsed>().and_then(|error| classify(error));
    elapsed.or_else(|| error.downcast_ref::<Overloaded>().and_then(|error| classify(error)))
}
