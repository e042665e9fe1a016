//! What does KEDA's ScaledObject ask for?

use super::scaling::{behavior, limits};
use super::{Artefact, Plan, yaml};
use crate::error::Result;
use crate::kubernetes::keda::{Advanced, AutoscalerConfig, Fallback, ScaleTarget, ScaledObject, Trigger};
use crate::kubernetes::meta::{Map, Object, Spec};
use crate::settings::{Environment, Options};
use crate::source::Signal;

pub(super) fn write(plan: &Plan<'_>, files: &mut Vec<Artefact>) -> Result<()> {
    if !plan.scales() {
        return Ok(());
    }
    let options = &plan.environment.options;
    let (min, max) = limits(plan)?;
    let mut triggers =
        plan.signals.iter().map(|signal| trigger(signal, plan.environment)).collect::<Result<Vec<_>>>()?;
    triggers.extend(options.cpu.as_deref().map(|cpu| cpu_trigger(cpu, options)));
    let spec = ScaledObject {
        scale_target_ref: ScaleTarget {
            api_version: "apps/v1",
            kind: options.workload_kind.word(),
            name: options.workload.clone(),
        },
        min_replica_count: min,
        max_replica_count: max,
        polling_interval: options.interval().whole_seconds(),
        cooldown_period: 300,
        fallback: (!plan.signals.is_empty()).then(|| fallback(min, max)),
        advanced: Advanced { horizontal_pod_autoscaler_config: AutoscalerConfig { behavior: behavior(plan)? } },
        triggers,
    };
    let object = Object::new("keda.sh/v1alpha1", "ScaledObject", plan.environment, Spec { spec });
    files.push(yaml(plan, "scaledobject.yaml", &[], &object)?);
    Ok(())
}

/// Without an answer the replicas stay, and are at least two; KEDA's own default would scale down to the number given.
fn fallback(min: u32, max: u32) -> Fallback {
    Fallback { failure_threshold: 3, replicas: min.max(2).min(max), behavior: "currentReplicasIfHigher" }
}

fn trigger(signal: &Signal<'_>, environment: &Environment) -> Result<Trigger> {
    let options = &environment.options;
    let name = &signal.metric.name;
    let mut metadata = Map::from([
        ("query".to_owned(), signal.total(&environment.selector_of(name).of(name))),
        ("threshold".to_owned(), threshold(signal)?),
        ("ignoreNullValues".to_owned(), "false".to_owned()),
    ]);
    metadata.extend(options.prometheus.clone().map(|address| ("serverAddress".to_owned(), address)));
    metadata.extend(options.tenant_header.clone().map(|header| ("customHeaders".to_owned(), header)));
    Ok(Trigger { kind: "prometheus", name: Some(signal.served.clone()), metric_type: "AverageValue", metadata })
}

/// KEDA takes a decimal number where a HorizontalPodAutoscaler takes a quantity; the check for thousandths is the same.
fn threshold(signal: &Signal<'_>) -> Result<String> {
    signal.quantity().map(|_| signal.target().to_string())
}

fn cpu_trigger(cpu: &str, options: &Options) -> Trigger {
    let (metric_type, value) = match cpu.strip_suffix('%') {
        Some(percent) => ("Utilization", percent),
        None => ("AverageValue", cpu),
    };
    let mut metadata = Map::from([("value".to_owned(), value.to_owned())]);
    metadata.extend(options.container.clone().map(|container| ("containerName".to_owned(), container)));
    Trigger { kind: "cpu", name: None, metric_type, metadata }
}
