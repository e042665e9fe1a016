//! Which options are wrong, and what would be right?

use super::environment::target_labels;
use super::one_of::{Choice, FleetValues, Scaler, Scrape};
use super::options::Options;
use crate::error::{Result, error};
use crate::promql::Span;

/// The Kubernetes API takes at most an hour.
const LONGEST_WINDOW: Span = Span::seconds(3_600);

/// Labels that only a scrape can give; whether it does is looked up in [`target_labels`].
const KUBERNETES_LABELS: [&str; 8] =
    ["namespace", "pod", "container", "node", "service", "job", "endpoint", "instance"];

pub(super) fn name(environment: &str) -> Result<()> {
    dns_label("the name of an environment", environment)
}

/// Every rule in turn; the first that is broken is told.
pub(super) fn options(options: &Options) -> Result<()> {
    names(options)?;
    labels_of_the_scrape(options)?;
    windows(options)?;
    addresses(options)?;
    port(options)?;
    only_with_the_adapter(options)?;
    only_with_scrape_config(options)?;
    cpu(options)
}

fn names(options: &Options) -> Result<()> {
    dns_label("`namespace`", &options.namespace)?;
    dns_label("`workload`", &options.workload)?;
    dns_label("`prometheus_namespace`", &options.prometheus_namespace)?;
    options.container.as_deref().map_or(Ok(()), |container| dns_label("`container`", container))
}

/// A rule that groups or selects by a label that no series has finds nothing, and says nothing.
fn labels_of_the_scrape(options: &Options) -> Result<()> {
    let given = target_labels(options.scrape);
    let word = word(options.scrape);
    let missing = |option: &str, label: &str| {
        error!(
            "`{option}` uses the label `{label}`, which `scrape: {word}` does not give; it gives {}",
            given.join(", ")
        )
    };
    if options.container.is_some() && !given.contains(&"container") {
        return Err(missing("container", "container"));
    }
    for label in &options.group_labels {
        if !is_label_name(label) {
            return Err(error!("`group_labels`: `{label}` is no label name; it has letters, digits and `_`"));
        }
        if KUBERNETES_LABELS.contains(&&**label) && !given.contains(&&**label) {
            return Err(missing("group_labels", label));
        }
        if ["pod", "instance", "namespace", "job", "container"].contains(&&**label) {
            return Err(error!(
                "`group_labels`: `{label}` is no group of replicas; name labels above the workload, such as `cluster`"
            ));
        }
    }
    Ok(())
}

fn windows(options: &Options) -> Result<()> {
    let least = options.interval().times(4);
    if let Some(window) = options.rate_window.filter(|window| *window < least) {
        return Err(error!(
            "`rate_window` is {window}, shorter than four scrapes of {}; give {least} or more",
            options.interval()
        ));
    }
    match options.scale_down_window.filter(|window| *window > LONGEST_WINDOW) {
        Some(window) => Err(error!("`scale_down_window` is {window}; Kubernetes takes at most {LONGEST_WINDOW}")),
        None => Ok(()),
    }
}

fn addresses(options: &Options) -> Result<()> {
    if options.scaler == Scaler::Keda && options.prometheus.is_none() {
        return Err(error!(
            "`scaler: keda` needs `prometheus`, the address at which KEDA reaches it: `http://prometheus-operated.monitoring.svc:9090`"
        ));
    }
    if let Some(address) = options.prometheus.as_deref() {
        let host = address.strip_prefix("http://").or_else(|| address.strip_prefix("https://"));
        if host.is_none_or(|host| host.is_empty() || host.starts_with(['/', ':'])) {
            return Err(error!("`prometheus` is `{address}`; write it as `http://HOST:PORT`"));
        }
    }
    match options.tenant_header.as_deref() {
        Some(header) if !header.split_once('=').is_some_and(|(name, value)| !name.is_empty() && !value.is_empty()) => {
            Err(error!("`tenant_header` is `{header}`; write it as `X-Scope-OrgID=TENANT`"))
        }
        _ => Ok(()),
    }
}

fn port(options: &Options) -> Result<()> {
    let port = &options.port;
    let is_name = port.len() <= 15
        && port.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && port.chars().any(|c| c.is_ascii_lowercase())
        && !port.starts_with('-')
        && !port.ends_with('-');
    if !is_name {
        return Err(error!(
            "`port` is `{port}`; it is the name of a container port: at most 15 small letters, digits and `-`"
        ));
    }
    if !options.path.starts_with('/') {
        return Err(error!("`path` is `{}`; it starts with `/`", options.path));
    }
    let asker = match options.scrape {
        Scrape::Annotations => Some("`scrape: annotations`"),
        Scrape::ServiceMonitor => Some("`scrape: servicemonitor`"),
        _ if options.network_policy => Some("`network_policy`"),
        _ => None,
    };
    match (asker, options.port_number) {
        (Some(asker), None | Some(0)) => {
            Err(error!("{asker} needs `port_number`, the number of the port `{port}`: 9464, for example"))
        }
        _ => Ok(()),
    }
}

fn only_with_the_adapter(options: &Options) -> Result<()> {
    if options.scaler == Scaler::Adapter {
        return Ok(());
    }
    let asked = [
        ("resource_rules", options.resource_rules.is_some()),
        ("fleet_values: external", options.fleet_values == FleetValues::External),
    ];
    match asked.into_iter().find(|(_, asked)| *asked) {
        Some((option, _)) => {
            Err(error!("`{option}` is for prometheus-adapter; leave it out, or choose `scaler: adapter`"))
        }
        None => Ok(()),
    }
}

fn only_with_scrape_config(options: &Options) -> Result<()> {
    if options.target_files.is_empty() || options.scrape == Scrape::ScrapeConfig {
        return Ok(());
    }
    Err(error!(
        "`target_files` is for `scrape: scrape_config`, and this is `scrape: {}`; change one",
        word(options.scrape)
    ))
}

fn cpu(options: &Options) -> Result<()> {
    let Some(cpu) = options.cpu.as_deref() else { return Ok(()) };
    let number = cpu.strip_suffix('%').or_else(|| cpu.strip_suffix('m')).unwrap_or("");
    match number.parse::<u32>() {
        Ok(1..) => Ok(()),
        _ => Err(error!("`cpu` is `{cpu}`; write it as `80%` of the request, or as `200m` a pod")),
    }
}

fn word<T: Choice + PartialEq>(value: T) -> &'static str {
    T::WORDS.iter().find(|(_, known)| *known == value).map_or("", |(word, _)| word)
}

fn is_label_name(text: &str) -> bool {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !text.starts_with("__")
}

/// What Kubernetes takes as the name of a namespace, a container and most other things.
fn dns_label(what: &str, text: &str) -> Result<()> {
    let fits = (1..=63).contains(&text.len());
    let plain = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if fits && plain && !text.starts_with('-') && !text.ends_with('-') {
        return Ok(());
    }
    Err(error!("{what} is `{text}`; it has 1 to 63 small letters, digits and `-`, and `-` neither first nor last"))
}
