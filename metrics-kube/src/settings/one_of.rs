//! Which options are a choice, and why only one at a time?

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

/// A choice among words; asking for two is refused with the reason.
pub(crate) trait Choice: Sized + Copy + 'static {
    /// The option's name.
    const OPTION: &'static str;
    /// Why two cannot be had.
    const WHY_ONE: &'static str;
    /// The words.
    const WORDS: &'static [(&'static str, Self)];
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident, $option:literal, $why:literal, $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant),+ }

        impl Choice for $name {
            const OPTION: &'static str = $option;
            const WHY_ONE: &'static str = $why;
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),+];
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(ChoiceVisitor(PhantomData))
            }
        }
    };
}

choice! {
    /// Who turns a metric into a number of replicas.
    Scaler, "scaler", "two scalers on one workload fight over its replicas, and both stop",
    /// A HorizontalPodAutoscaler that reads prometheus-adapter.
    Adapter = "adapter",
    /// A ScaledObject of KEDA, which makes a HorizontalPodAutoscaler of its own.
    Keda = "keda",
}

choice! {
    /// How Prometheus learns of the pods.
    Scrape, "scrape", "two scrapes of one pod double every sum that scaling reads",
    /// A PodMonitor of the Prometheus Operator.
    PodMonitor = "podmonitor",
    /// A ServiceMonitor of the Prometheus Operator, and the Service that it selects.
    ServiceMonitor = "servicemonitor",
    /// Annotations on the pod template, which the plain chart's configuration reads.
    Annotations = "annotations",
    /// A `scrape_config` for Prometheus' own configuration file.
    ScrapeConfig = "scrape_config",
}

choice! {
    /// Which API hands a fleet's value to the HorizontalPodAutoscaler.
    FleetValues, "fleet_values", "a fleet's value that comes twice is weighed twice",
    /// custom.metrics.k8s.io, as a metric of the Namespace.
    Object = "object",
    /// external.metrics.k8s.io, which has one owner in a cluster.
    External = "external",
}

choice! {
    /// What the adapter answers for cpu and memory.
    ResourceRules, "resource_rules", "metrics.k8s.io gives one reading a container",
    /// The kubelet's `container_*` series.
    Cadvisor = "cadvisor",
    /// The `process_*` series of the service itself; for the loop on one machine only.
    Process = "process",
}

choice! {
    /// What is scaled.
    WorkloadKind, "workload_kind", "a scaler has one target",
    /// A Deployment.
    Deployment = "Deployment",
    /// A StatefulSet.
    StatefulSet = "StatefulSet",
}

impl WorkloadKind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
        }
    }
}

struct ChoiceVisitor<T>(PhantomData<T>);

impl<T: Choice> ChoiceVisitor<T> {
    fn words() -> String {
        T::WORDS.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", ")
    }
}

impl<'de, T: Choice> Visitor<'de> for ChoiceVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of {}", Self::words())
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<T, E> {
        let known = T::WORDS.iter().find(|(known, _)| *known == word);
        let unknown = || E::custom(format!("`{}` cannot be `{word}`; it is one of {}", T::OPTION, Self::words()));
        Ok(known.ok_or_else(unknown)?.1)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<T, A::Error> {
        let mut asked = Vec::new();
        while let Some(word) = list.next_element::<String>()? {
            asked.push(word);
        }
        match &*asked {
            [word] => self.visit_str(word),
            _ => Err(A::Error::custom(format!(
                "`{}` names {}, but {}; choose one of {}",
                T::OPTION,
                asked.join(" and "),
                T::WHY_ONE,
                Self::words()
            ))),
        }
    }
}
