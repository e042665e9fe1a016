//! What follows from the options of one environment: labels, selectors, windows?

use std::collections::BTreeMap;

use super::check;
use super::one_of::{Scaler, Scrape};
use super::options::Options;
use crate::error::Result;
use crate::promql::{Selector, Span};

/// The label that names a workload, on its pods, its Service and every object written here.
pub(crate) const NAME_LABEL: &str = "app.kubernetes.io/name";

/// [`NAME_LABEL`] as the plain chart's label map writes it.
const NAME_LABEL_MAPPED: &str = "app_kubernetes_io_name";

/// One environment with options that have been checked.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    pub(crate) name: String,
    pub(crate) options: Options,
}

impl Environment {
    pub(crate) fn new(name: &str, options: Options) -> Result<Self> {
        check::name(name)?;
        check::options(&options).map_err(|error| error.at(format!("environment `{name}`")))?;
        Ok(Self { name: name.to_owned(), options })
    }

    /// The window of every rate that scales: with four scrapes in it, two may fail.
    pub(crate) fn rate_window(&self) -> Span {
        self.options.rate_window.unwrap_or(self.options.interval().times(4))
    }

    /// What tells this workload's series from all others.
    pub(crate) fn selector(&self) -> Selector {
        let selector = self.identity_selector();
        match &self.options.container {
            Some(container) => selector.and_equal("container", container),
            None => selector,
        }
    }

    /// Whether something else than the workload exports this metric.
    pub(crate) fn is_elsewhere(&self, metric: &str) -> bool {
        self.options.exported_elsewhere.iter().any(|name| name == metric)
    }

    /// What tells a metric that scales: what something else exports carries that thing's job and container.
    pub(crate) fn selector_of(&self, metric: &str) -> Selector {
        match self.is_elsewhere(metric) {
            true => Selector::equal([("namespace", &*self.options.namespace)]),
            false => self.selector(),
        }
    }

    /// What tells this workload's recorded series from all others: they have no container any more.
    pub(crate) fn identity_selector(&self) -> Selector {
        Selector::equal(self.identity_pairs())
    }

    /// The labels that rules keep: what differs between groups of replicas, and what names the workload.
    pub(crate) fn identity(&self) -> Vec<&str> {
        let groups = self.options.group_labels.iter().map(String::as_str);
        groups.chain(self.identity_pairs().into_iter().map(|(name, _)| name)).collect()
    }

    fn identity_pairs(&self) -> Vec<(&str, &str)> {
        let namespace = ("namespace", &*self.options.namespace);
        match self.options.scrape {
            Scrape::Annotations => {
                vec![namespace, ("job", "kubernetes-pods"), (NAME_LABEL_MAPPED, &self.options.workload)]
            }
            Scrape::PodMonitor | Scrape::ServiceMonitor | Scrape::ScrapeConfig => {
                vec![namespace, ("job", &self.options.workload)]
            }
        }
    }

    /// The labels of a test's series: those of [`Self::selector`] and a value for each group label.
    pub(crate) fn series_labels(&self) -> Vec<(String, String)> {
        let groups = self.options.group_labels.iter().map(|name| (name.clone(), format!("{name}-1")));
        groups.chain(self.selector().labels().iter().cloned()).collect()
    }

    /// The labels of every object.
    pub(crate) fn object_labels(&self) -> BTreeMap<String, String> {
        let mut labels = self.options.labels.clone();
        labels.insert(NAME_LABEL.to_owned(), self.options.workload.clone());
        if let Some(release) = &self.options.release {
            labels.insert("release".to_owned(), release.clone());
        }
        labels
    }

    /// What selects the workload's pods.
    pub(crate) fn pod_labels(&self) -> BTreeMap<String, String> {
        BTreeMap::from([(NAME_LABEL.to_owned(), self.options.workload.clone())])
    }

    /// The HorizontalPodAutoscaler's name: KEDA gives its own.
    pub(crate) fn autoscaler_name(&self) -> String {
        match self.options.scaler {
            Scaler::Adapter => self.options.workload.clone(),
            Scaler::Keda => format!("keda-hpa-{}", self.options.workload),
        }
    }
}

/// The labels that Kubernetes gives a target, by the way it is scraped.
pub(crate) fn target_labels(scrape: Scrape) -> &'static [&'static str] {
    match scrape {
        Scrape::PodMonitor => &["namespace", "pod", "container", "job", "endpoint", "instance"],
        Scrape::ServiceMonitor => &["namespace", "pod", "container", "node", "service", "job", "endpoint", "instance"],
        Scrape::Annotations => &["namespace", "pod", "node", "job", "instance"],
        Scrape::ScrapeConfig => &["namespace", "pod", "container", "job", "instance"],
    }
}
