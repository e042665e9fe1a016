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

use std::borrow::Cow;
use std::collections::HashSet;

use super::rules::{self, Message, Place, Signal, Verdict};
use super::{
    Autoscale, AutoscaleTarget, Declaration, Descriptor, LabelDeclaration, LabelValues, MetricType, NativeDeclaration,
    Objective, ObjectiveBound,
};
use crate::Error;
use crate::encode::{Escaping, NameKind, escape_name};

/// The first finding of several rules.
macro_rules! first {
    ($($rule:expr),+ $(,)?) => {{
        $(if let Some(message) = $rule { return Some(message); })+
        None
    }};
}

/// The most label values that are compared each with each in a constant, where there is no hashing.
const COMPARED_IN_CONSTANTS: usize = 128;

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

/// Checks everything about a descriptor, as [`declaration`] does, and its constant labels.
///
/// # Errors
///
/// What is wrong, where it is declared, and what would be right.
pub(crate) fn descriptor(descriptor: &Descriptor) -> Result<(), Error> {
    told(Subject::kept(descriptor).verdict(), descriptor)?;
    for label in &descriptor.labels {
        let name = as_all_readers_see_it(descriptor, &label.name);
        told(self::label(&name, label.values), descriptor)?;
        told(repeated_value(label.values), descriptor)?;
    }
    for (name, value) in &descriptor.const_labels {
        told(rules::label_name(&as_all_readers_see_it(descriptor, name)), descriptor)?;
        told(rules::label_value(value), descriptor)?;
    }
    told(repeated_label(descriptor), descriptor)?;
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

#[track_caller]
const fn raise(verdict: Verdict) {
    if let Some(message) = verdict {
        panic!("{}", message.as_str());
    }
}

const fn label(name: &str, values: LabelValues) -> Verdict {
    let LabelValues::Enumerated(values) = values else { return rules::label_name(name) };
    if values.is_empty() {
        return Some(Message::new("label ").quoted(name).text(" has no value at all: give it one"));
    }
    let compared = values.len() <= COMPARED_IN_CONSTANTS;
    let mut at = 0;
    while at < values.len() {
        if let Some(message) = rules::label_value(values[at]) {
            return Some(message);
        }
        let mut before = 0;
        while compared && before < at {
            if let Some(message) = rules::values_differ(values[before], values[at]) {
                return Some(message);
            }
            before += 1;
        }
        at += 1;
    }
    rules::label_name(name)
}

fn repeated_value(values: LabelValues) -> Verdict {
    let LabelValues::Enumerated(values) = values else { return None };
    let mut seen = HashSet::new();
    let repeated = values.iter().find(|value| !seen.insert(**value))?;
    rules::values_differ(repeated, repeated)
}

fn repeated_label(descriptor: &Descriptor) -> Verdict {
    let own = descriptor.labels.iter().map(|label| &*label.name);
    let mut seen = HashSet::new();
    let repeated =
        descriptor.const_labels.iter().map(|(name, _)| &**name).chain(own).find(|name| !seen.insert(*name))?;
    rules::labels_differ(repeated, repeated)
}

/// The values of a label that was looked for: `None` if there is no such label, `Some(None)` if it is dynamic.
const fn enumerated(values: Option<LabelValues>) -> Option<Option<&'static [&'static str]>> {
    match values {
        None => None,
        Some(LabelValues::Dynamic) => Some(None),
        Some(LabelValues::Enumerated(values)) => Some(Some(values)),
    }
}

/// What constant and owned form have in common.
#[derive(Clone, Copy)]
struct Subject<'a> {
    kind: MetricType,
    name: &'a str,
    unit: Option<&'a str>,
    help: &'a str,
    labels: usize,
    /// The product of the labels' cardinalities; `None` if one is dynamic.
    space: Option<u128>,
    buckets: Option<&'a [f64]>,
    native: Option<NativeDeclaration>,
    classic: bool,
    zero_init: bool,
    max_series: Option<u32>,
    foreign: bool,
    utf8: bool,
    autoscale: Option<Autoscale>,
}

impl<'a> Subject<'a> {
    const fn declared(declaration: &'a Declaration) -> Self {
        let mut space = Some(1);
        let mut at = 0;
        while at < declaration.labels.len() {
            space = wider(space, declaration.labels[at].values, declaration.labels[at].optional);
            at += 1;
        }
        Self {
            kind: declaration.kind,
            name: declaration.name,
            unit: declaration.unit,
            help: declaration.help,
            labels: declaration.labels.len(),
            space,
            buckets: declaration.buckets,
            native: declaration.native,
            classic: declaration.classic,
            zero_init: declaration.zero_init,
            max_series: declaration.max_series,
            foreign: false,
            utf8: false,
            autoscale: declaration.autoscale,
        }
    }

    fn kept(descriptor: &'a Descriptor) -> Self {
        let labels = &descriptor.labels;
        Self {
            kind: descriptor.kind,
            name: &descriptor.name,
            unit: descriptor.unit.as_deref(),
            help: &descriptor.help,
            labels: labels.len(),
            space: labels.iter().try_fold(1, |space, label| wider(Some(space), label.values, label.optional)),
            buckets: descriptor.buckets.as_deref(),
            native: descriptor.native,
            classic: descriptor.classic,
            zero_init: descriptor.zero_init,
            max_series: descriptor.max_series,
            foreign: descriptor.foreign,
            utf8: descriptor.utf8,
            autoscale: descriptor.autoscale,
        }
    }

    /// Everything but what needs the labels one by one.
    const fn verdict(self) -> Verdict {
        first!(
            self.name(),
            rules::help(self.name, self.help),
            self.unit(),
            self.space(),
            self.cap(),
            self.buckets(),
            self.native(),
            self.autoscale(),
        )
    }

    const fn name(self) -> Verdict {
        if self.utf8 {
            return rules::utf8_name(self.name);
        }
        let lenient = self.foreign && !matches!(self.kind, MetricType::Counter);
        first!(rules::metric_name(self.name), if lenient { None } else { rules::type_suffix(self.kind, self.name) })
    }

    const fn unit(self) -> Verdict {
        match self.unit {
            Some(unit) => first!(rules::base_unit(unit), rules::unit_suffix(self.kind, self.name, unit)),
            None if self.foreign || self.utf8 => None,
            None => rules::unit_in_name(self.kind, self.name),
        }
    }

    const fn space(self) -> Verdict {
        match self.space {
            Some(product) => rules::label_space(product),
            None => None,
        }
    }

    const fn cap(self) -> Verdict {
        match self.max_series {
            Some(cap) => rules::series_cap(self.name, cap),
            None => None,
        }
    }

    const fn buckets(self) -> Verdict {
        let Some(bounds) = self.buckets else { return None };
        first!(
            rules::only_histograms(self.kind, self.name, "buckets"),
            if self.classic { None } else { Some(rules::unused_buckets()) },
            rules::bucket_bounds(bounds),
        )
    }

    const fn native(self) -> Verdict {
        let Some(native) = self.native else {
            return if self.classic { None } else { Some(rules::no_buckets()) };
        };
        first!(
            rules::only_histograms(self.kind, self.name, "native"),
            rules::native(native.factor, native.zero_threshold, native.max_buckets as u32),
        )
    }

    const fn autoscale(self) -> Verdict {
        let Some(autoscale) = self.autoscale else { return None };
        let (signal, target) = match autoscale.target {
            AutoscaleTarget::PerPod(target) => (Signal::PerPod, target),
            AutoscaleTarget::Shared(target) => (Signal::Shared, target),
            AutoscaleTarget::PerSecond(target) => (Signal::PerSecond, target),
            AutoscaleTarget::Concurrency(target) => (Signal::Concurrency, target),
        };
        let Autoscale { combine, over_seconds, min, max, scale_down_seconds, .. } = autoscale;
        first!(
            rules::scale_kind(self.kind, self.name, self.unit, signal),
            rules::scale_target(signal, target),
            rules::scale_combine(self.name, self.labels > 0, combine.is_some()),
            rules::scale_zero_init(self.name, self.zero_init),
            if let Some(over) = over_seconds { rules::scale_over(self.kind, over) } else { None },
            rules::scale_replicas(min, max),
            if let Some(wait) = scale_down_seconds { rules::scale_down(over_seconds, wait) } else { None },
        )
    }

    const fn objective(self, objective: &Objective) -> Verdict {
        let at_most = match objective.bound {
            ObjectiveBound::AtMost(at_most) => Some(at_most),
            ObjectiveBound::Bad { .. } | ObjectiveBound::Counted { .. } => None,
        };
        first!(
            rules::objective_kind(self.kind, self.name, at_most.is_some()),
            rules::objective_ratio(objective.ratio),
            rules::objective_window(objective.window_seconds),
            self.bound(at_most),
        )
    }

    /// A native histogram without classic buckets answers for any bound.
    const fn bound(self, at_most: Option<f64>) -> Verdict {
        let bounds = match self.buckets {
            Some(bounds) => bounds,
            None => crate::buckets::DEFAULT,
        };
        match at_most {
            Some(at_most) if self.classic => rules::objective_bound_listed(bounds, at_most),
            Some(at_most) if !at_most.is_finite() => rules::objective_bound_listed(&[], at_most),
            _ => None,
        }
    }
}

const fn wider(space: Option<u128>, values: LabelValues, optional: bool) -> Option<u128> {
    match (space, values) {
        (Some(space), LabelValues::Enumerated(values)) => {
            Some(space.saturating_mul(values.len() as u128 + optional as u128))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::descriptor::LabelDescriptor;

    fn counter(name: &'static str) -> Descriptor {
        Declaration::new(MetricType::Counter, name, "Help.").declared_at("shop.rs", 7).into()
    }

    fn histogram() -> Descriptor {
        Declaration::new(MetricType::Histogram, "wait_seconds", "Help.").declared_at("shop.rs", 7).into()
    }

    fn label(name: &'static str, values: &'static [&'static str]) -> LabelDescriptor {
        LabelDescriptor { name: Cow::Borrowed(name), values: LabelValues::Enumerated(values), optional: false }
    }

    fn refused(subject: &Descriptor) -> String {
        descriptor(subject).expect_err("should be refused").to_string()
    }

    #[test]
    fn a_refusal_says_where_the_metric_is_declared() {
        assert_eq!(
            refused(&counter("orders")),
            "counter `orders` must end with `_total`: name it `orders_total` (declared at shop.rs:7)"
        );
        assert!(descriptor(&counter("orders_total")).is_ok());
    }

    #[test]
    fn a_metric_without_help_is_refused() {
        let subject = Descriptor { help: Cow::Borrowed(" "), ..counter("orders_total") };
        assert_eq!(
            refused(&subject),
            "metric `orders_total` has no help: say in one sentence what it tells, as a doc comment or `help = \"...\"` \
             (declared at shop.rs:7)"
        );
    }

    #[test]
    fn a_constant_label_cannot_repeat_a_label() {
        let subject = Descriptor {
            const_labels: vec![("zone".to_owned(), "a".to_owned())],
            labels: vec![label("zone", &["b"])],
            ..counter("orders_total")
        };
        assert!(refused(&subject).starts_with("label `zone` is there twice: rename one of the two"));
    }

    #[test]
    fn label_values_are_there_once_and_have_text() {
        let with = |values| Descriptor { labels: vec![label("kind", values)], ..counter("orders_total") };
        assert!(refused(&with(&["a", "b", "a"])).starts_with("label value `a` is there twice"));
        assert!(refused(&with(&["a", ""])).starts_with("a label value is empty, which Prometheus takes for no label"));
        assert!(refused(&with(&[])).starts_with("label `kind` has no value at all: give it one"));
    }

    #[test]
    fn many_label_values_are_compared_too() {
        let mut values: Vec<&'static str> = (0..300).map(|value| &*format!("v{value}").leak()).collect();
        values.push("v1");
        let subject = Descriptor { labels: vec![label("kind", values.leak())], ..counter("orders_total") };
        assert!(refused(&subject).starts_with("label value `v1` is there twice"));
    }

    #[test]
    fn a_large_dense_label_space_is_refused() {
        let values: &[&str] = (0..17).map(|value| &*format!("v{value}").leak()).collect::<Vec<_>>().leak();
        let labels = vec![label("a", values), label("b", values), label("c", values)];
        let mut subject = Descriptor { labels, ..counter("orders_total") };
        assert!(refused(&subject).starts_with("the labels have 4913 combinations, and each would be exported"));
        subject.labels[0].values = LabelValues::Dynamic;
        assert!(descriptor(&subject).is_ok());
    }

    #[test]
    fn buckets_belong_to_classic_histograms() {
        let bounds: Cow<'static, [f64]> = Cow::Borrowed(&[0.1, 0.5]);
        let subject = Descriptor { buckets: Some(bounds.clone()), ..counter("orders_total") };
        assert!(refused(&subject).starts_with("`buckets` is for histograms, and `orders_total` is a counter"));
        let native = Some(NativeDeclaration::DEFAULT);
        let subject = Descriptor { buckets: Some(bounds), native, classic: false, ..histogram() };
        assert!(refused(&subject).starts_with("`buckets` are the bounds of classic buckets, which `classic = false`"));
        assert!(
            refused(&Descriptor { classic: false, ..histogram() }).starts_with("`classic = false` leaves no buckets")
        );
        assert!(descriptor(&Descriptor { native, classic: false, ..histogram() }).is_ok());
        let subject = Descriptor { native, ..counter("orders_total") };
        assert!(refused(&subject).starts_with("`native` is for histograms, and `orders_total` is a counter"));
    }

    #[test]
    fn an_objective_is_checked_against_buckets_and_labels() {
        let objective = |bound| Cow::Owned(vec![Objective { ratio: 0.99, bound, window_seconds: 60 }]);
        let with = |bound| Descriptor { objectives: objective(ObjectiveBound::AtMost(bound)), ..histogram() };
        assert!(descriptor(&with(0.5)).is_ok());
        assert!(refused(&with(0.3)).starts_with("`at_most` is none of the histogram's bucket bounds"));
        let with = |label, bad| Descriptor {
            objectives: objective(ObjectiveBound::Bad { label, bad }),
            labels: vec![self::label("outcome", &["paid", "failed"])],
            ..counter("orders_total")
        };
        assert!(descriptor(&with("outcome", &["failed"])).is_ok());
        assert!(refused(&with("status", &["failed"])).starts_with("`orders_total` has no label `status`"));
        assert!(refused(&with("outcome", &["lost"])).starts_with("label `outcome` has no value `lost`"));
        assert!(refused(&with("outcome", &["paid", "failed"])).starts_with("every value of `outcome` is bad"));
        assert!(refused(&with("outcome", &[])).starts_with("`bad` names no value"));
    }

    #[test]
    fn constants_and_registries_see_the_same_clashes() {
        use MetricType::{Counter, Gauge, Histogram, Info, StateSet, Summary, Unknown};
        let kinds = [Counter, Gauge, Histogram, Info, StateSet, Summary, Unknown];
        let names =
            ["x", "x_total", "x_info", "x_created", "x_count", "x_count_total", "x_sum", "x_bucket", "xy_total"];
        let subjects = || kinds.iter().flat_map(|kind| names.map(|name| Descriptor::new(*kind, name, "Help.")));
        for (first, second) in subjects().flat_map(|first| subjects().map(move |second| (first.clone(), second))) {
            let samples = crate::registry::sample_names(&second);
            let shared = crate::registry::sample_names(&first).iter().any(|sample| samples.contains(sample));
            let (one, other) = (Place::new(first.kind, "", &first.name), Place::new(second.kind, "", &second.name));
            assert_eq!(rules::clash(&one, &other).is_some(), shared, "{first:?} {second:?}");
        }
    }
}
