//! Where do alerts go? A stub that is a whole configuration, to be filled with receivers.

use serde::Serialize;

use super::{Artefact, Plan, yaml};
use crate::error::Result;
use crate::promql::quoted;

#[derive(Serialize)]
struct Config {
    route: Route,
    receivers: Vec<Receiver>,
}

#[derive(Serialize)]
struct Route {
    receiver: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    matchers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    group_by: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    routes: Vec<Route>,
}

#[derive(Serialize)]
struct Receiver {
    name: &'static str,
}

pub(super) fn write(plan: &Plan<'_>, files: &mut Vec<Artefact>) -> Result<()> {
    if !plan.environment.options.alertmanager_route {
        return Ok(());
    }
    let leaf = |severity: &'static str| Route {
        receiver: severity,
        matchers: vec![format!("severity={}", quoted(severity))],
        group_by: Vec::new(),
        routes: Vec::new(),
    };
    let workload = Route {
        receiver: "ticket",
        matchers: vec![format!("namespace={}", quoted(&plan.environment.options.namespace))],
        group_by: vec!["alertname", "slo", "metric"],
        routes: vec![leaf("page"), leaf("ticket")],
    };
    let route = Route { receiver: "default", matchers: Vec::new(), group_by: Vec::new(), routes: vec![workload] };
    let receivers = ["default", "page", "ticket"].map(|name| Receiver { name }).into();
    let remark = "A stub: copy the inner route into your own configuration and give `page` and `ticket` an address.";
    files.push(yaml(plan, "alertmanager-route.yaml", &[remark], &Config { route, receivers })?);
    Ok(())
}
