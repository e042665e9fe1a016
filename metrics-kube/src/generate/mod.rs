//! From a catalogue and an environment to files, all in memory: nothing is written unless everything can be.

mod adapter;
mod alerting;
mod dashboard;
mod hpa;
mod keda;
mod network;
mod panel;
mod reference;
mod rule_tests;
mod rules;
mod scaling;
mod scrape;
mod state_tests;
mod window_tests;

use metrics_core::catalogue::Catalogue;
use serde::Serialize;

use crate::error::{Result, error};
use crate::settings::{Environment, Scaler};
use crate::source::{Signal, Slo, Source, merge};

/// How a file that was made here is known.
pub(crate) const MARK: &str = "Made by metrics-kube";

/// A generated file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artefact {
    /// Its name within the folder of the environment.
    pub name: String,
    /// What stands in it.
    pub content: String,
}

/// What all generators read.
pub(crate) struct Plan<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) signals: Vec<Signal<'a>>,
    pub(crate) slos: Vec<Slo<'a>>,
}

impl Plan<'_> {
    /// Whether something scales the workload.
    pub(crate) fn scales(&self) -> bool {
        !self.signals.is_empty() || self.environment.options.cpu.is_some()
    }
}

/// Every file of one environment, by name.
pub(crate) fn artefacts(environment: &Environment, own: &[Source], others: &[Source]) -> Result<Vec<Artefact>> {
    let in_environment = |error: crate::Error| error.at(format!("environment `{}`", environment.name));
    let catalogue = merge(own)?;
    let plan = Plan {
        environment,
        catalogue: &catalogue,
        signals: Signal::chosen(&catalogue, environment).map_err(in_environment)?,
        slos: Slo::all(&catalogue, environment).map_err(in_environment)?,
    };
    let mut files = Vec::new();
    scaler(&plan, own, others, &mut files).map_err(in_environment)?;
    scrape::write(&plan, &mut files)?;
    rules::write(&plan, &mut files)?;
    rule_tests::write(&plan, &mut files)?;
    window_tests::write(&plan, &mut files)?;
    alerting::write(&plan, &mut files)?;
    network::write(&plan, &mut files)?;
    dashboard::write(&plan, &mut files)?;
    reference::write(&plan, &mut files);
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(files)
}

fn scaler(plan: &Plan<'_>, own: &[Source], others: &[Source], files: &mut Vec<Artefact>) -> Result<()> {
    match plan.environment.options.scaler {
        Scaler::Adapter => {
            adapter::write(plan, own, others, files)?;
            hpa::write(plan, files)
        }
        Scaler::Keda => keda::write(plan, files),
    }
}

/// A YAML file with a head that says what made it.
fn yaml(plan: &Plan<'_>, name: &str, remarks: &[&str], body: &impl Serialize) -> Result<Artefact> {
    let text = yaml_serde::to_string(body).map_err(|cause| error!("{name} cannot be written: {cause}"))?;
    let mut content = String::new();
    for line in head(plan).iter().map(String::as_str).chain(remarks.iter().copied()) {
        content.push_str(&format!("# {line}\n"));
    }
    content.push_str(&text);
    Ok(Artefact { name: name.to_owned(), content })
}

/// The lines at the head of every file: the same wherever it is made.
fn head(plan: &Plan<'_>) -> Vec<String> {
    let mut lines = vec![
        format!("{MARK} from the metrics declared in code; what is changed here is lost."),
        "To make it again, in the folder of metrics-kube.yaml: metrics-kube .".to_owned(),
    ];
    lines.extend(plan.environment.options.note.clone());
    lines
}
