//! Which rules hold for a metric, whether it is declared in a constant or kept by a registry?

use super::super::rules::{self, Signal, Verdict};
use super::super::{
    Autoscale, AutoscaleTarget, Declaration, Descriptor, LabelValues, MetricType, NativeDeclaration, Objective,
    ObjectiveBound,
};

/// The first finding of several rules.
macro_rules! first {
    ($($rule:expr),+ $(,)?) => {{
        $(if let Some(message) = $rule { return Some(message); })+
        None
    }};
}

/// What constant and owned form have in common.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    kind: MetricType,
    pub(super) name: &'a str,
    unit: Option<&'a str>,
    help: &'a str,
    pub(super) labels: usize,
    /// The product of the labels' cardinalities; `None` if one is dynamic.
    pub(super) space: Option<u128>,
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
    pub(super) const fn declared(declaration: &'a Declaration) -> Self {
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

    pub(super) fn kept(descriptor: &'a Descriptor) -> Self {
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
    pub(super) const fn verdict(self) -> Verdict {
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

    pub(super) const fn name(self) -> Verdict {
        if self.utf8 {
            return rules::utf8_name(self.name);
        }
        let lenient = self.foreign && !matches!(self.kind, MetricType::Counter);
        first!(rules::metric_name(self.name), if lenient { None } else { rules::type_suffix(self.kind, self.name) })
    }

    pub(super) const fn unit(self) -> Verdict {
        match self.unit {
            Some(unit) => first!(rules::base_unit(unit), rules::unit_suffix(self.kind, self.name, unit)),
            None if self.foreign || self.utf8 => None,
            None => rules::unit_in_name(self.kind, self.name),
        }
    }

    pub(super) const fn space(self) -> Verdict {
        match self.space {
            Some(product) => rules::label_space(product),
            None => None,
        }
    }

    pub(super) const fn cap(self) -> Verdict {
        match self.max_series {
            Some(cap) => rules::series_cap(self.name, cap),
            None => None,
        }
    }

    pub(super) const fn buckets(self) -> Verdict {
        let Some(bounds) = self.buckets else { return None };
        first!(
            rules::only_histograms(self.kind, self.name, "buckets"),
            if self.classic { None } else { Some(rules::unused_buckets()) },
            rules::bucket_bounds(bounds),
        )
    }

    pub(super) const fn native(self) -> Verdict {
        let Some(native) = self.native else {
            return if self.classic { None } else { Some(rules::no_buckets()) };
        };
        first!(
            rules::only_histograms(self.kind, self.name, "native"),
            rules::native(native.factor, native.zero_threshold, native.max_buckets as u32),
        )
    }

    pub(super) const fn autoscale(self) -> Verdict {
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

    pub(super) const fn objective(self, objective: &Objective) -> Verdict {
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
