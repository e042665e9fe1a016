//! Is what a registry is given right? The rules of constants, and what only a registry sees: names in UTF-8, constant labels.

use std::borrow::Cow;
use std::collections::HashSet;

use super::super::rules::{self, Verdict};
use super::super::{Descriptor, LabelValues, MetricType, ObjectiveBound};
use super::label::{self, enumerated};
use super::subject::Subject;
use crate::Error;
use crate::encode::{Escaping, NameKind, escape_name};

/// Checks everything about a descriptor, as [`declaration`] does, and its constant labels.
///
/// # Errors
///
/// What is wrong, where it is declared, and what would be right.
pub(crate) fn descriptor(descriptor: &Descriptor) -> Result<(), Error> {
    told(Subject::kept(descriptor).verdict(), descriptor)?;
    for label in &descriptor.labels {
        let name = as_all_readers_see_it(descriptor, &label.name);
        told(label::label(&name, label.values), descriptor)?;
        told(repeated_value(label.values), descriptor)?;
    }
    for (name, value) in &descriptor.const_labels {
        told(rules::label_name(&as_all_readers_see_it(descriptor, name)), descriptor)?;
        told(rules::label_value(value), descriptor)?;
    }
    told(repeated_label(descriptor), descriptor)?;
    told(label_of_states(descriptor), descriptor)?;
    for objective in descriptor.objectives.iter() {
        told(Subject::kept(descriptor).objective(objective), descriptor)?;
        let ObjectiveBound::Bad { label, bad } = objective.bound else { continue };
        let found = descriptor.labels.iter().find(|known| known.name == label).map(|known| known.values);
        told(rules::objective_values(&descriptor.name, label, enumerated(found), bad), descriptor)?;
    }
    Ok(())
}

/// A label's name as it has to obey the rules: in UTF-8 anything is allowed that can be escaped, but what is reserved
/// is reserved, before as after.
fn as_all_readers_see_it<'a>(descriptor: &Descriptor, name: &'a str) -> Cow<'a, str> {
    let reserved = name.is_empty() || name.starts_with("__");
    if !descriptor.utf8 || reserved {
        return Cow::Borrowed(name);
    }
    match escape_name(name, NameKind::Label, Escaping::Underscores) {
        // A name of nothing but other scripts: no rule is about it.
        escaped if escaped.starts_with("__") => Cow::Borrowed("utf8"),
        escaped => escaped,
    }
}

fn told(verdict: Verdict, descriptor: &Descriptor) -> Result<(), Error> {
    let Some(message) = verdict else { return Ok(()) };
    Err(Error::new(format!("{} (declared at {}:{})", message.as_str(), descriptor.file, descriptor.line)))
}

fn repeated_value(values: LabelValues) -> Verdict {
    let LabelValues::Enumerated(values) = values else { return None };
    let mut seen = HashSet::new();
    let repeated = values.iter().find(|value| !seen.insert(**value))?;
    rules::values_differ(repeated, repeated)
}

fn repeated_label(descriptor: &Descriptor) -> Verdict {
    let mut seen = HashSet::new();
    let repeated = descriptor.label_names().find(|name| !seen.insert(*name))?;
    rules::labels_differ(repeated, repeated)
}

fn label_of_states(descriptor: &Descriptor) -> Verdict {
    let mut labels = descriptor.label_names().filter(|_| descriptor.kind == MetricType::StateSet);
    labels.find_map(|label| rules::label_of_states(&descriptor.name, label))
}
