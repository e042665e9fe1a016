//! What does the HorizontalPodAutoscaler ask for?

use super::scaling::{behavior, limits};
use super::{Artefact, Plan, yaml};
use crate::error::Result;
use crate::kubernetes::autoscaling::{
    HorizontalPodAutoscaler, Metric, MetricIdentifier, ObjectMetric, ObjectReference, PodsMetric, ResourceMetric,
    Target,
};
use crate::kubernetes::meta::{LabelSelector, Object, Spec};
use crate::settings::{Environment, FleetValues};
use crate::source::{Signal, Unit};

pub(super) fn write(plan: &Plan<'_>, files: &mut Vec<Artefact>) -> Result<()> {
    if !plan.scales() {
        return Ok(());
    }
    let options = &plan.environment.options;
    let (min_replicas, max_replicas) = limits(plan)?;
    let mut metrics = plan.signals.iter().map(|signal| metric(signal, plan.environment)).collect::<Result<Vec<_>>>()?;
    metrics.extend(options.cpu.as_deref().map(|cpu| cpu_metric(cpu, options.container.as_deref())));
    let spec = HorizontalPodAutoscaler {
        scale_target_ref: ObjectReference {
            api_version: "apps/v1",
            kind: options.workload_kind.word(),
            name: options.workload.clone(),
        },
        min_replicas,
        max_replicas,
        metrics,
        behavior: behavior(plan)?,
    };
    let object = Object::new("autoscaling/v2", "HorizontalPodAutoscaler", plan.environment, Spec { spec });
    files.push(yaml(plan, "hpa.yaml", &[], &object)?);
    Ok(())
}

fn metric(signal: &Signal<'_>, environment: &Environment) -> Result<Metric> {
    let options = &environment.options;
    let elsewhere = environment.is_elsewhere(&signal.metric.name);
    let container = options.container.as_deref().filter(|_| !elsewhere);
    let metric = MetricIdentifier {
        name: signal.served.clone(),
        selector: container.map(|container| LabelSelector::one("container", container)),
    };
    let target = Target::AverageValue { average_value: signal.quantity()? };
    Ok(match (signal.unit(), options.fleet_values) {
        (Unit::Pod, _) => Metric::Pods { pods: PodsMetric { metric, target } },
        (Unit::Fleet, FleetValues::External) => Metric::External { external: PodsMetric { metric, target } },
        (Unit::Fleet, FleetValues::Object) => {
            let described_object =
                ObjectReference { api_version: "v1", kind: "Namespace", name: options.namespace.clone() };
            Metric::Object { object: ObjectMetric { described_object, metric, target } }
        }
    })
}

fn cpu_metric(cpu: &str, container: Option<&str>) -> Metric {
    let target = match cpu.strip_suffix('%').and_then(|percent| percent.parse().ok()) {
        Some(average_utilization) => Target::Utilization { average_utilization },
        None => Target::AverageValue { average_value: cpu.to_owned() },
    };
    let metric = ResourceMetric { name: "cpu", container: container.map(str::to_owned), target };
    match container {
        Some(_) => Metric::ContainerResource { container_resource: metric },
        None => Metric::Resource { resource: metric },
    }
}
