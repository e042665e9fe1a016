//! What do all Kubernetes objects have in common?

use std::collections::BTreeMap;

use serde::Serialize;

use crate::settings::Environment;

pub(crate) type Map = BTreeMap<String, String>;

/// Version, kind, name; then what the kind has of its own.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Object<T> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    #[serde(flatten)]
    body: T,
}

#[derive(Debug, Serialize)]
struct Metadata {
    name: String,
    namespace: String,
    labels: Map,
}

/// An object with a `spec`, as most are.
#[derive(Debug, Serialize)]
pub(crate) struct Spec<T> {
    pub(crate) spec: T,
}

impl<T> Object<T> {
    /// An object of the workload's name in its namespace.
    pub(crate) fn new(api_version: &'static str, kind: &'static str, environment: &Environment, body: T) -> Self {
        let metadata = Metadata {
            name: environment.options.workload.clone(),
            namespace: environment.options.namespace.clone(),
            labels: environment.object_labels(),
        };
        Self { api_version, kind, metadata, body }
    }

    pub(crate) fn named(mut self, name: String) -> Self {
        self.metadata.name = name;
        self
    }

    pub(crate) fn with_label(mut self, name: &str, value: &str) -> Self {
        self.metadata.labels.insert(name.to_owned(), value.to_owned());
        self
    }
}

/// What selects objects by their labels.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LabelSelector {
    pub(crate) match_labels: Map,
}

impl LabelSelector {
    pub(crate) fn new(match_labels: Map) -> Self {
        Self { match_labels }
    }

    pub(crate) fn one(name: &str, value: &str) -> Self {
        Self { match_labels: Map::from([(name.to_owned(), value.to_owned())]) }
    }
}
