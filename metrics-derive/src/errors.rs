//! How are all errors of an input reported at once?

use std::cell::RefCell;
use std::fmt::Display;

use quote::ToTokens;

use crate::rules::Verdict;

/// Collects errors until [`Self::finish`]; forgetting to finish is a bug that panics.
pub(crate) struct Errors {
    found: RefCell<Option<Vec<syn::Error>>>,
}

impl Errors {
    pub(crate) fn new() -> Self {
        Self { found: RefCell::new(Some(Vec::new())) }
    }

    /// Something is wrong with these tokens.
    pub(crate) fn at(&self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// A rule has looked at these tokens. True if it had nothing to say.
    pub(crate) fn rule(&self, tokens: impl ToTokens, verdict: Verdict) -> bool {
        match verdict {
            Some(message) => {
                self.at(tokens, message.as_str());
                false
            }
            None => true,
        }
    }

    pub(crate) fn push(&self, error: syn::Error) {
        if let Some(found) = self.found.borrow_mut().as_mut() {
            found.push(error);
        }
    }

    /// Every error in one, in the order in which they were found.
    pub(crate) fn finish(self) -> Result<(), syn::Error> {
        let mut errors = self.found.borrow_mut().take().unwrap_or_default().into_iter();
        let Some(mut first) = errors.next() else { return Ok(()) };
        errors.for_each(|error| first.combine(error));
        Err(first)
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        if !std::thread::panicking() && self.found.borrow().is_some() {
            unreachable!("errors were collected and never looked at");
        }
    }
}
