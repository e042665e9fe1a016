//! Which `error_type` is an error of the inner service?

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use metrics_core::LabelValue;

use super::{tower_errors, values};

type BoxError = Box<dyn Error + Send + Sync>;
type Classify = dyn Fn(&dyn Any) -> Option<u16> + Send + Sync;

/// What the user knows about the errors of the service, and the texts of all error types.
#[derive(Clone)]
pub(crate) struct Classifier {
    classify: Arc<Classify>,
    pub(crate) values: &'static [&'static str],
}

impl Classifier {
    /// Errors of type `E` have the values of `V`.
    pub(crate) fn new<E, V>(classify: impl Fn(&E) -> Option<V> + Send + Sync + 'static) -> Self
    where
        E: 'static,
        V: LabelValue,
    {
        let (values, places) = merge(V::VALUES);
        let classify =
            move |error: &dyn Any| error.downcast_ref::<E>().and_then(&classify).map(|value| places[value.index()]);
        Self { classify: Arc::new(classify), values }
    }
}

impl fmt::Debug for Classifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Classifier").finish_non_exhaustive()
    }
}

/// The known error types followed by the user's own, and where each of the user's stands.
///
/// Descriptors hold lists that live for ever, so this one is leaked: once a classifier, of which a program has a few.
fn merge(own: &[&'static str]) -> (&'static [&'static str], Vec<u16>) {
    let mut all = values::GRPC_ERROR_TYPES.to_vec();
    let mut place = |value: &&'static str| {
        all.iter().position(|known| known == value).unwrap_or_else(|| {
            all.push(value);
            all.len() - 1
        }) as u16
    };
    let places = own.iter().map(&mut place).collect();
    (all.leak(), places)
}

/// The error type of `error`: what the user says, else what it is known for, else `_OTHER`.
pub(crate) fn error_type(classifier: Option<&Classifier>, error: &dyn Any) -> u16 {
    classifier.and_then(|own| (own.classify)(error)).or_else(|| known(error)).unwrap_or(values::error::OTHER)
}

/// An error may name itself as its source.
const LONGEST_CHAIN: usize = 64;

/// What is known without the user: an error of tower, or a box with one in its chain of sources.
//
// Of other types the chain is not followed: an error need not be an `Error`, and there is no asking whether it is.
fn known(error: &dyn Any) -> Option<u16> {
    let mut cause: Option<&(dyn Error + 'static)> = match error.downcast_ref::<BoxError>() {
        Some(boxed) => Some(&**boxed),
        None => return tower_errors::of_any(error),
    };
    for _ in 0..LONGEST_CHAIN {
        let error = cause?;
        if let Some(known) = tower_errors::classify(error) {
            return Some(known);
        }
        cause = error.source();
    }
    None
}
