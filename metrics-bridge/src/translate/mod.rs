//! What is a Datadog query or monitor in Prometheus' words?
//!
//! A [`Translator`] knows the metrics by a [`Catalogue`], which gives them the names that the bridge records them under. What has no
//! exact counterpart is either refused, with the part and what to do instead, or translated with a note that says what
//! differs; nothing is approximated silently.

mod arithmetic;
mod catalogue;
mod duration;
mod error;
mod functions;
mod labels;
mod metric;
mod monitor;
mod parse;
mod piece;
mod rule;
mod scope;
mod syntax;
#[cfg(test)]
mod tests;

pub use catalogue::{Catalogue, CatalogueError};
pub use error::TranslateError;
pub use monitor::{AlertRule, MonitorTranslation};
pub use rule::rules_yaml;

use crate::map::Mapper;

/// What a translation depends on beside the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranslatorOptions {
    /// Over how many seconds rates and counts are taken where the query has no rollup; at least four scrape intervals.
    pub window_seconds: u64,
    /// The time range over which `top()` ranks by anything but the last value.
    pub range_seconds: u64,
    /// Tags that the Datadog agent adds and that Prometheus has as labels of the target, with those labels.
    pub target_labels: Vec<(String, String)>,
}

impl Default for TranslatorOptions {
    fn default() -> Self {
        let target_labels = [
            ("host", "instance"),
            ("kube_namespace", "namespace"),
            ("pod_name", "pod"),
            ("kube_container_name", "container"),
            ("kube_node", "node"),
        ];
        let target_labels = target_labels.map(|(tag, label)| (tag.to_owned(), label.to_owned())).into();
        Self { window_seconds: 300, range_seconds: 3600, target_labels }
    }
}

/// A translated query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Translation {
    /// The query.
    pub promql: String,
    /// What differs from the original; each sentence once.
    pub notes: Vec<String>,
}

/// Translates queries and monitors.
///
/// ```
/// use metrics_bridge::line::Kind;
/// use metrics_bridge::map::Mapper;
/// use metrics_bridge::translate::{Catalogue, Translator, TranslatorOptions};
///
/// let mut catalogue = Catalogue::new(Mapper::default());
/// catalogue.declare("shop.orders", Kind::Count)?;
/// let translator = Translator::new(catalogue, TranslatorOptions::default());
/// let translated = translator.query("sum:shop.orders{payment:card*} by {outcome}.as_rate()")?;
/// assert_eq!(translated.promql, r#"sum by (outcome) (rate(shop_orders_total{payment=~"card.*"}[5m]))"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Translator {
    catalogue: Catalogue,
    options: TranslatorOptions,
}

impl Translator {
    /// A translator for these metrics.
    pub fn new(catalogue: Catalogue, options: TranslatorOptions) -> Self {
        Self { catalogue, options }
    }

    /// The mapper behind the catalogue.
    pub fn mapper(&self) -> &Mapper {
        self.catalogue.mapper()
    }

    /// One query.
    ///
    /// # Errors
    ///
    /// The part that cannot be translated, and what to do.
    pub fn query(&self, query: &str) -> Result<Translation, TranslateError> {
        let expression = parse::parse(query)?;
        let mut notes = Vec::new();
        let piece = piece::Scene::new(self, query, &mut notes).expression(&expression)?;
        Ok(Translation { promql: piece.text, notes })
    }
}
