//! Who may reach the metrics port?

use super::{Artefact, Plan, yaml};
use crate::error::Result;
use crate::kubernetes::meta::{LabelSelector, Object, Spec};
use crate::kubernetes::network::{Ingress, NetworkPolicy, Peer, PolicyPort};

pub(super) fn write(plan: &Plan<'_>, files: &mut Vec<Artefact>) -> Result<()> {
    let options = &plan.environment.options;
    let Some(port) = options.port_number.filter(|_| options.network_policy) else { return Ok(()) };
    let prometheus = Peer {
        namespace_selector: LabelSelector::one("kubernetes.io/metadata.name", &options.prometheus_namespace),
        pod_selector: LabelSelector::one("app.kubernetes.io/name", "prometheus"),
    };
    let one = PolicyPort { protocol: "TCP", port, end_port: None };
    let spec = NetworkPolicy {
        pod_selector: LabelSelector::new(plan.environment.pod_labels()),
        policy_types: ["Ingress"],
        ingress: vec![
            Ingress { from: vec![prometheus], ports: vec![one] },
            Ingress { from: Vec::new(), ports: all_but(port) },
        ],
    };
    let object = Object::new("networking.k8s.io/v1", "NetworkPolicy", plan.environment, Spec { spec });
    let object = object.named(format!("{}-metrics", options.workload));
    let remark = "A policy shuts what it does not open: every port but the metrics port stays open to everybody.";
    files.push(yaml(plan, "networkpolicy.yaml", &[remark], &object)?);
    Ok(())
}

fn all_but(port: u16) -> Vec<PolicyPort> {
    let range = |protocol, first: u16, last: u16| PolicyPort { protocol, port: first, end_port: Some(last) };
    let mut ports = Vec::new();
    if port > 1 {
        ports.push(range("TCP", 1, port - 1));
    }
    if port < u16::MAX {
        ports.push(range("TCP", port + 1, u16::MAX));
    }
    ports.extend([range("UDP", 1, u16::MAX), range("SCTP", 1, u16::MAX)]);
    ports
}
