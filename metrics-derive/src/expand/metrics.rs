//! What is written for a struct of metrics?

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::spanned::Spanned;

use super::{ask, declaration};
use crate::model::intent::Bound;
use crate::model::metric::{Buckets, Member, Metric};
use crate::model::metrics::Metrics;
use crate::rules::{self, MetricType, Place};

pub(super) fn expand(metrics: &Metrics) -> TokenStream {
    let Metrics { ident, krate, .. } = metrics;
    let declarations = metrics.metrics().map(|metric| declaration::expand(metrics, metric));
    let nested = metrics.nested().map(|nested| {
        let (ty, prefix) = (&nested.ty, metrics.nested_prefix(nested));
        quote!(<#ty as #krate::Metrics>::describe(&mut #krate::__private::prefixed(#prefix, describe));)
    });
    let fields = fields(metrics);
    let checks = checks(metrics);
    quote! {
        #[automatically_derived]
        impl #krate::Metrics for #ident {
            const DECLARATIONS: &'static [#krate::Declaration] = &[#(#declarations),*];

            fn describe(describe: &mut dyn ::core::ops::FnMut(#krate::Descriptor)) {
                #krate::__private::describe_own::<Self>(describe);
                #(#nested)*
            }

            fn register(registry: &#krate::Registry) -> ::core::result::Result<Self, #krate::Error> {
                #krate::__private::check::<Self>(registry)?;
                ::core::result::Result::Ok(Self { #(#fields),* })
            }
        }

        #checks
    }
}

fn fields(metrics: &Metrics) -> Vec<TokenStream> {
    let krate = &metrics.krate;
    let mut at = 0_usize..;
    let field = |member: &Member| match member {
        Member::Metric(metric) => {
            let (ident, ty, at) = (&metric.ident, &metric.ty, at.next());
            quote! {
                #ident: <#ty as #krate::Metric>::register(
                    registry,
                    ::core::convert::From::from(<Self as #krate::Metrics>::DECLARATIONS[#at]),
                )?
            }
        }
        Member::Nested(nested) => {
            let (ident, ty, prefix) = (&nested.ident, &nested.ty, metrics.nested_prefix(nested));
            quote! {
                #ident: <#ty as #krate::Metrics>::register(&#krate::Registry::with_prefix(registry, #prefix))?
            }
        }
    };
    metrics.members.iter().map(field).collect()
}

/// Constants that apply the rules for which types have to be known, each at its token.
fn checks(metrics: &Metrics) -> TokenStream {
    let mut checks = Checks { metrics, written: TokenStream::new() };
    for (at, metric) in metrics.metrics().enumerate() {
        checks.metric(at, metric);
        checks.clashes(at, metric);
    }
    checks.nested();
    checks.written
}

struct Checks<'a> {
    metrics: &'a Metrics,
    written: TokenStream,
}

impl Checks<'_> {
    fn own(&self) -> TokenStream {
        let Metrics { ident, krate, .. } = self.metrics;
        quote!(<#ident as #krate::Metrics>::DECLARATIONS)
    }

    fn ask(&mut self, span: Span, rule: TokenStream, arguments: TokenStream) {
        self.written.extend(ask(&self.metrics.krate, span, &quote!(#rule(#arguments))));
    }

    fn metric(&mut self, at: usize, metric: &Metric) {
        let own = self.own();
        let mut about = |span: Span, rule: TokenStream| self.ask(span, rule, quote!(&#own[#at]));
        if metric.shape.kind == MetricType::Unknown {
            about(metric.name_span(), quote!(name));
            about(metric.unit.as_ref().map_or_else(|| metric.name_span(), |unit| unit.span()), quote!(unit));
        }
        if !metric.shape.alone() {
            about(metric.ty.span(), quote!(labels));
        }
        if let Some(buckets) = &metric.buckets {
            about(bounds(&buckets.value).span(), quote!(buckets));
        }
        if let Some(key) = metric.native.as_ref().map(|native| &native.key) {
            about(key.span(), quote!(native));
        }
        if let Some(key) = metric.zero_init.as_ref().map(|zero_init| &zero_init.key) {
            about(key.span(), quote!(zero_init));
        }
        if let Some(key) = metric.max_series.as_ref().map(|max_series| &max_series.key) {
            about(key.span(), quote!(max_series));
        }
        if let Some(key) = metric.max_value_bytes.as_ref().map(|max_value_bytes| &max_value_bytes.key) {
            about(key.span(), quote!(max_value_bytes));
        }
        if let Some(autoscale) = &metric.autoscale {
            about(autoscale.signal_key.span(), quote!(autoscale));
        }
        if metric.shape.kind != MetricType::Unknown {
            let (krate, kind) = (&self.metrics.krate, format_ident!("{}", format!("{:?}", metric.shape.kind)));
            self.ask(metric.name_span(), quote!(seen), quote!(&#own[#at], #krate::MetricType::#kind));
        }
        for (nth, objective) in metric.objectives.iter().enumerate() {
            let span = match &objective.bound {
                Bound::AtMost(at_most) => at_most.span(),
                Bound::Bad { label, .. } => label.span(),
            };
            self.ask(span, quote!(objective), quote!(&#own[#at], #nth));
        }
    }

    /// A metric against those before it, if it takes their types to know whether they clash.
    fn clashes(&mut self, at: usize, metric: &Metric) {
        let own = self.own();
        let name = self.metrics.full_name(metric);
        for (other, before) in self.metrics.metrics().enumerate().take(at) {
            if may_clash(before.shape.kind, &self.metrics.full_name(before), metric.shape.kind, &name) {
                self.ask(metric.name_span(), quote!(distinct), quote!(&#own[#other], &#own[#at]));
            }
        }
    }

    /// Nested structs against this one's metrics, and against those before them.
    fn nested(&mut self) {
        let krate = &self.metrics.krate;
        let mut before = vec![(String::new(), self.own())];
        for nested in self.metrics.nested() {
            let (ty, prefix) = (&nested.ty, self.metrics.nested_prefix(nested));
            let declarations = quote!(<#ty as #krate::Metrics>::DECLARATIONS);
            for (other_prefix, others) in &before {
                let arguments = quote!(#other_prefix, #others, #prefix, #declarations);
                self.ask(nested.ident.span(), quote!(apart), arguments);
            }
            before.push((prefix, declarations));
        }
    }
}

/// Whether metrics of these names clash for some type of those whose type cannot be seen. The others have been checked.
fn may_clash(kind: MetricType, name: &str, other_kind: MetricType, other: &str) -> bool {
    if kind != MetricType::Unknown && other_kind != MetricType::Unknown {
        return false;
    }
    let clash =
        |kind, other_kind| rules::clash(&Place::new(kind, "", name), &Place::new(other_kind, "", other)).is_some();
    kinds(kind).iter().any(|kind| kinds(other_kind).iter().any(|other_kind| clash(*kind, *other_kind)))
}

fn kinds(seen: MetricType) -> Vec<MetricType> {
    match seen {
        MetricType::Unknown => vec![MetricType::Counter, MetricType::Gauge, MetricType::Histogram],
        seen => vec![seen],
    }
}

fn bounds(buckets: &Buckets) -> &dyn ToTokens {
    match buckets {
        Buckets::List(expression, _) | Buckets::Expression(expression) => expression,
    }
}
