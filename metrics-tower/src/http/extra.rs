//! Which labels come from what layers and handlers attach to a request or a response?

use std::borrow::Cow;
use std::sync::Arc;

use http::Extensions;
use metrics_core::LabelValue;

use super::config::HttpMetrics;
use super::labels::MAX_EXTRA;
use super::texts::{self, CappedTexts};

/// A label that a layer or a handler attaches to the request or the response.
#[derive(Clone, Debug)]
pub(crate) struct ExtraLabel {
    pub(crate) name: Cow<'static, str>,
    pub(crate) of_response: bool,
    pub(crate) values: ExtraValues,
}

/// Which values it may have, and how one is found.
#[derive(Clone, Debug)]
pub(crate) enum ExtraValues {
    /// Those of an enum.
    Enumerated(&'static [&'static str], fn(&Extensions) -> Option<u16>),
    /// The first so many texts. Shared by all layers of the configuration.
    Capped(Arc<CappedTexts>, fn(&Extensions) -> Option<&str>),
}

impl ExtraLabel {
    /// The place of the value that was attached.
    pub(crate) fn read(&self, extensions: &Extensions) -> Option<u16> {
        match &self.values {
            ExtraValues::Enumerated(_, read) => read(extensions),
            ExtraValues::Capped(texts, read) => read(extensions).and_then(|text| texts.place(text)),
        }
    }
}

impl HttpMetrics {
    /// A label from a value that a layer outside this one has put into the request's extensions.
    ///
    /// # Panics
    /// At the fifth extra label.
    pub fn with_request_label<V>(self, name: impl Into<Cow<'static, str>>) -> Self
    where
        V: LabelValue + Send + Sync + 'static,
    {
        self.with_enumerated::<V>(name.into(), false)
    }

    /// A label from a value that a handler or a layer inside this one has put into the response's extensions.
    ///
    /// # Panics
    /// At the fifth extra label.
    pub fn with_response_label<V>(self, name: impl Into<Cow<'static, str>>) -> Self
    where
        V: LabelValue + Send + Sync + 'static,
    {
        self.with_enumerated::<V>(name.into(), true)
    }

    /// A label from a text that a layer outside this one has put into the request's extensions, such as a tenant's name:
    /// the first `at_most` different ones are told apart, all others are `_overflow`, and so is one over 1 KiB. Layers of
    /// one configuration, and of its clones, share the texts that they know.
    ///
    /// The first 272 combinations of labels that a route has are remembered with it; each further one costs its requests a
    /// look-up for each metric, a few hundred nanoseconds, and no memory.
    ///
    /// ```
    /// use metrics_core::Registry;
    /// use metrics_tower::HttpMetrics;
    ///
    /// #[derive(Clone)]
    /// struct Tenant(String);
    ///
    /// impl AsRef<str> for Tenant {
    ///     fn as_ref(&self) -> &str {
    ///         &self.0
    ///     }
    /// }
    ///
    /// let layer = HttpMetrics::server().with_request_text::<Tenant>("tenant", 50).layer(&Registry::new())?;
    /// # drop(layer);
    /// # Ok::<(), metrics_core::Error>(())
    /// ```
    ///
    /// # Panics
    /// At the fifth extra label, and if `at_most` is not between 1 and 4096.
    pub fn with_request_text<T>(self, name: impl Into<Cow<'static, str>>, at_most: usize) -> Self
    where
        T: AsRef<str> + Send + Sync + 'static,
    {
        self.with_text::<T>(name.into(), at_most, false)
    }

    /// The same from a text that a handler or a layer inside this one has put into the response's extensions.
    ///
    /// # Panics
    /// At the fifth extra label, and if `at_most` is not between 1 and 4096.
    pub fn with_response_text<T>(self, name: impl Into<Cow<'static, str>>, at_most: usize) -> Self
    where
        T: AsRef<str> + Send + Sync + 'static,
    {
        self.with_text::<T>(name.into(), at_most, true)
    }

    fn with_text<T>(self, name: Cow<'static, str>, at_most: usize, of_response: bool) -> Self
    where
        T: AsRef<str> + Send + Sync + 'static,
    {
        assert!(
            (1..=texts::MOST).contains(&at_most),
            "label `{name}` cannot have {at_most} texts: choose a number between 1 and {}",
            texts::MOST
        );
        let values = ExtraValues::Capped(Arc::new(CappedTexts::new(at_most)), attached_text::<T>);
        self.with_extra(ExtraLabel { name, of_response, values })
    }

    fn with_enumerated<V>(self, name: Cow<'static, str>, of_response: bool) -> Self
    where
        V: LabelValue + Send + Sync + 'static,
    {
        let read = |extensions: &Extensions| extensions.get::<V>().map(|value| value.index() as u16);
        self.with_extra(ExtraLabel { name, of_response, values: ExtraValues::Enumerated(V::VALUES, read) })
    }

    fn with_extra(mut self, extra: ExtraLabel) -> Self {
        assert!(
            self.extra.len() < MAX_EXTRA,
            "label `{}` is one too many: an HTTP layer takes at most {MAX_EXTRA} extra labels; leave one out",
            extra.name
        );
        self.extra.push(extra);
        self
    }
}

fn attached_text<T: AsRef<str> + Send + Sync + 'static>(extensions: &Extensions) -> Option<&str> {
    extensions.get::<T>().map(AsRef::as_ref)
}
