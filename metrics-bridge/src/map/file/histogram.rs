//! How does a mapping file want observed metrics to be kept?

use std::sync::Arc;

use metrics_core::descriptor::NativeDeclaration;

use super::super::HistogramShape;
use super::super::yaml::Node;
use super::{MappingError, check};

/// `observer_type` with its options, as far as they are given.
#[derive(Default)]
pub(super) struct ObserverSettings<'a> {
    observer_type: Option<Node<'a>>,
    /// The keys of older files, which the newer ones win over.
    timer_type: Option<Node<'a>>,
    old_buckets: Option<Arc<[f64]>>,
    buckets: Option<Arc<[f64]>>,
    factor: Option<f64>,
    max_buckets: Option<u16>,
}

const HISTOGRAM_KEYS: &[&str] = &["buckets", "native_histogram_bucket_factor", "native_histogram_max_buckets"];

impl<'a> ObserverSettings<'a> {
    /// Whether the key was one of these settings.
    pub(super) fn take(&mut self, key: &str, node: Node<'a>) -> Result<bool, MappingError> {
        match key {
            "observer_type" => self.observer_type = Some(node).filter(|node| node.text("").ok() != Some("")),
            "timer_type" => self.timer_type = Some(node),
            "buckets" => self.old_buckets = buckets(node)?,
            "quantiles" => return Err(node.error(no_summaries("quantiles"))),
            "summary_options" => return Err(node.error(no_summaries("summary_options"))),
            "histogram_options" => {
                for (key, node) in node.entries("`histogram_options`")? {
                    self.histogram_option(key, node)?;
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn histogram_option(&mut self, key: &str, node: Node<'_>) -> Result<(), MappingError> {
        match key {
            "buckets" => self.buckets = buckets(node)?,
            "native_histogram_bucket_factor" => self.factor = Some(factor(node)?),
            "native_histogram_max_buckets" => self.max_buckets = Some(max_buckets(node)?),
            _ => return Err(check::unknown_key(&node, key, HISTOGRAM_KEYS)),
        }
        Ok(())
    }

    /// The settings over what holds without them. A factor makes it native beside its classic buckets.
    pub(super) fn shape(self, base: &HistogramShape) -> Result<HistogramShape, MappingError> {
        if let Some(node) = self.observer_type {
            observer_type("observer_type", node)?;
        } else if let Some(node) = self.timer_type {
            observer_type("timer_type", node)?;
        }
        let buckets = self.buckets.or(self.old_buckets);
        let mut native = base.native;
        if self.factor.is_some() || self.max_buckets.is_some() {
            let mut declaration = native.unwrap_or(NativeDeclaration::DEFAULT);
            declaration.factor = self.factor.unwrap_or(declaration.factor);
            declaration.max_buckets = self.max_buckets.unwrap_or(declaration.max_buckets);
            native = Some(declaration);
        }
        let classic = base.classic || buckets.is_some();
        Ok(HistogramShape { buckets: buckets.unwrap_or_else(|| Arc::clone(&base.buckets)), classic, native })
    }
}

fn observer_type(key: &str, node: Node<'_>) -> Result<(), MappingError> {
    match node.text(key)? {
        "histogram" | "" => Ok(()),
        "summary" => Err(node.error(no_summaries(&format!("{key}: summary")))),
        other => Err(node.error(format!("{key} is {other:?}; it must be histogram"))),
    }
}

fn no_summaries(what: &str) -> String {
    format!(
        "{what} is not supported: quantiles computed in one process cannot be combined over several; use `observer_type: \
         histogram` and histogram_quantile()"
    )
}

fn buckets(node: Node<'_>) -> Result<Option<Arc<[f64]>>, MappingError> {
    let mut bounds = Vec::new();
    for item in node.items("`buckets`")? {
        // The last bucket is always there, written or not.
        if matches!(item.text("a bucket bound")?, ".inf" | ".Inf" | "+.inf" | "+Inf") {
            continue;
        }
        let bound = item.number("a bucket bound")?;
        if bounds.last().is_some_and(|last| *last >= bound) {
            return Err(
                item.error(format!("the bucket bound {bound} does not follow the one before; bounds must rise"))
            );
        }
        bounds.push(bound);
    }
    Ok((!bounds.is_empty()).then(|| Arc::from(bounds)))
}

fn factor(node: Node<'_>) -> Result<f64, MappingError> {
    let factor = node.number("native_histogram_bucket_factor")?;
    if factor <= 1.0 {
        return Err(
            node.error(format!("native_histogram_bucket_factor is {factor}; it must be above 1, for example 1.1"))
        );
    }
    Ok(factor)
}

fn max_buckets(node: Node<'_>) -> Result<u16, MappingError> {
    let text = node.text("native_histogram_max_buckets")?;
    let count = text.parse().ok().filter(|count| *count > 0);
    count.ok_or_else(|| {
        node.error(format!("native_histogram_max_buckets is {text:?}; it must be a whole number from 1 to 65535"))
    })
}
