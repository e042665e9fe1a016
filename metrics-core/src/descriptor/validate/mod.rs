//! Which names, units, labels and buckets are allowed? One set of `const fn` rules for derived and hand-written metrics.
//!
//! `#[derive(Metrics)]` asks these functions in constants, each with the source place of what it is about; hand-written
//! declarations can do the same with [`declaration`]; a registry asks them of everything that is registered.
//!
//! ```
//! use metrics_core::{Declaration, MetricType, descriptor::validate};
//!
//! const ORDERS: Declaration = Declaration::new(MetricType::Counter, "orders_total", "Orders placed.");
//! const _: () = validate::declaration(&ORDERS);
//! ```
//!
//! ```compile_fail
//! # use metrics_core::{Declaration, MetricType, descriptor::validate};
//! const ORDERS: Declaration = Declaration::new(MetricType::Counter, "orders", "Orders placed.");
//! // error: counter `orders` must end with `_total`: name it `orders_total`
//! const _: () = validate::declaration(&ORDERS);
//! ```

mod label;
mod registered;
mod subject;
#[cfg(test)]
mod tests;

pub(crate) use registered::descriptor;

use self::label::{enumerated, label};
use self::subject::Subject;
use super::rules::{self, Message, Place, Verdict};
use super::{Declaration, LabelDeclaration, MetricType, ObjectiveBound};

/// Checks everything about a declaration, in a constant: a finding is a compile error.
///
/// # Panics
///
/// With what is wrong and what would be right.
#[track_caller]
pub const fn declaration(declaration: &Declaration) {
    name(declaration);
    help(declaration);
    unit(declaration);
    labels(declaration);
    buckets(declaration);
    native(declaration);
    autoscale(declaration);
    let mut at = 0;
    while at < declaration.objectives.len() {
        objective(declaration, at);
        at += 1;
    }
}

/// Checks the name: its characters, and `_total` and `_info`.
#[doc(hidden)]
#[track_caller]
pub const fn name(declaration: &Declaration) {
    raise(Subject::declared(declaration).name());
}

/// Checks that there is a help text.
#[doc(hidden)]
#[track_caller]
pub const fn help(declaration: &Declaration) {
    raise(rules::help(declaration.name, declaration.help));
}

/// Checks name and unit of a metric whose type the derive has seen, and with it name and unit: again only if the type is
/// not what it is called.
#[doc(hidden)]
#[track_caller]
pub const fn seen(declaration: &Declaration, kind: MetricType) {
    if declaration.kind as u8 != kind as u8 {
        name(declaration);
        unit(declaration);
    }
}

/// Checks the unit, against the name too.
#[doc(hidden)]
#[track_caller]
pub const fn unit(declaration: &Declaration) {
    raise(Subject::declared(declaration).unit());
}

/// Checks the labels: names, values, and how many combinations there are.
#[doc(hidden)]
#[track_caller]
pub const fn labels(declaration: &Declaration) {
    label_set(declaration.labels);
    let is_state_set = matches!(declaration.kind, MetricType::StateSet);
    let mut at = 0;
    while is_state_set && at < declaration.labels.len() {
        raise(rules::label_of_states(declaration.name, declaration.labels[at].name));
        at += 1;
    }
    raise(Subject::declared(declaration).space());
}

/// Checks the labels of a set by themselves, whatever family they are for.
#[doc(hidden)]
#[track_caller]
pub const fn label_set(labels: &[LabelDeclaration]) {
    let mut at = 0;
    while at < labels.len() {
        raise(label(labels[at].name, labels[at].values));
        let mut before = 0;
        while before < at {
            raise(rules::labels_differ(labels[before].name, labels[at].name));
            before += 1;
        }
        at += 1;
    }
}

/// Checks the bucket bounds, and that the metric can have any.
#[doc(hidden)]
#[track_caller]
pub const fn buckets(declaration: &Declaration) {
    raise(Subject::declared(declaration).buckets());
}

/// Checks how a native histogram is kept, and that the metric can be one.
#[doc(hidden)]
#[track_caller]
pub const fn native(declaration: &Declaration) {
    raise(Subject::declared(declaration).native());
}

/// Checks that `zero_init`, which the derive was given, has an effect.
#[doc(hidden)]
#[track_caller]
pub const fn zero_init(declaration: &Declaration) {
    let subject = Subject::declared(declaration);
    if subject.labels == 0 || subject.space.is_none() {
        raise(Some(rules::unused_zero_init(subject.name)));
    }
}

/// Checks that `max_series`, which the derive was given, has an effect.
#[doc(hidden)]
#[track_caller]
pub const fn max_series(declaration: &Declaration) {
    let subject = Subject::declared(declaration);
    if subject.labels == 0 || subject.space.is_some() {
        raise(Some(rules::unused_cap("max_series", subject.name)));
    }
    raise(subject.cap());
}

/// Checks that `max_value_bytes`, which the derive was given, has an effect.
#[doc(hidden)]
#[track_caller]
pub const fn max_value_bytes(declaration: &Declaration) {
    let subject = Subject::declared(declaration);
    if subject.labels == 0 || subject.space.is_some() {
        raise(Some(rules::unused_cap("max_value_bytes", subject.name)));
    }
}

/// Checks what scales the fleet.
#[doc(hidden)]
#[track_caller]
pub const fn autoscale(declaration: &Declaration) {
    raise(Subject::declared(declaration).autoscale());
}

/// Checks one service level objective.
#[doc(hidden)]
#[track_caller]
pub const fn objective(declaration: &Declaration, at: usize) {
    let objective = &declaration.objectives[at];
    raise(Subject::declared(declaration).objective(objective));
    let ObjectiveBound::Bad { label, bad } = objective.bound else { return };
    let mut found = None;
    let mut at = 0;
    while at < declaration.labels.len() {
        if rules::labels_differ(declaration.labels[at].name, label).is_some() {
            found = Some(declaration.labels[at].values);
        }
        at += 1;
    }
    raise(rules::objective_values(declaration.name, label, enumerated(found), bad));
}

/// Checks that two groups of metrics, each under its prefix (which may be empty), can live beside one another.
#[doc(hidden)]
#[track_caller]
pub const fn apart(prefix: &str, declarations: &[Declaration], other_prefix: &str, others: &[Declaration]) {
    let mut at = 0;
    while at < declarations.len() {
        let mut other = 0;
        while other < others.len() {
            if !rules::far(prefix, declarations[at].name, other_prefix, others[other].name) {
                neighbours(prefix, &declarations[at], other_prefix, &others[other]);
            }
            other += 1;
        }
        at += 1;
    }
}

#[track_caller]
const fn neighbours(prefix: &str, own: &Declaration, other_prefix: &str, other: &Declaration) {
    let (own, other) = (Place::new(own.kind, prefix, own.name), Place::new(other.kind, other_prefix, other.name));
    if let Some(message) = rules::clash(&own, &other) {
        raise(Some(message.text(", or give the nested struct a `prefix`")));
    }
}

/// Checks two metrics of a struct whose types tell whether they clash.
#[doc(hidden)]
#[track_caller]
pub const fn distinct(first: &Declaration, second: &Declaration) {
    raise(rules::clash(&Place::new(first.kind, "", first.name), &Place::new(second.kind, "", second.name)));
}

/// Checks that a label has at most one `Option` around it.
#[doc(hidden)]
#[track_caller]
pub const fn optional_once(options: usize) {
    if options > 1 {
        raise(Some(Message::new("a label is there or left out: one `Option` is enough")));
    }
}

/// Checks that a nested label set repeats no label of the others.
#[doc(hidden)]
#[track_caller]
pub const fn labels_apart(others: &[&[LabelDeclaration]], nested: &[LabelDeclaration]) {
    let mut set = 0;
    while set < others.len() {
        let mut at = 0;
        while at < others[set].len() * nested.len() {
            let (other, own) = (at / nested.len(), at % nested.len());
            raise(rules::labels_differ(others[set][other].name, nested[own].name));
            at += 1;
        }
        set += 1;
    }
}

#[track_caller]
const fn raise(verdict: Verdict) {
    if let Some(message) = verdict {
        panic!("{}", message.as_str());
    }
}
