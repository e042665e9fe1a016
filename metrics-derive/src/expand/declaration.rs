//! How is one metric written as a constant declaration?

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Path;
use syn::spanned::Spanned;

use crate::model::intent::{Autoscale, Bound, Combine, Objective};
use crate::model::metric::{Buckets, Metric, Native};
use crate::model::metrics::Metrics;
use crate::rules::Signal;

pub(super) fn expand(metrics: &Metrics, metric: &Metric) -> TokenStream {
    let krate = &metrics.krate;
    let Metric { ty, help, .. } = metric;
    let name = metrics.full_name(metric);
    let parts = [
        unit(metric),
        buckets(metric),
        native(krate, metric),
        metric.zero_init.as_ref().map(|zero_init| &zero_init.value).map(|value| quote!(with_zero_init(#value))),
        metric.max_series.as_ref().map(|max_series| max_series.value).map(|cap| quote!(with_max_series(#cap))),
        metric.max_value_bytes.as_ref().map(|most| &most.value).map(|bytes| quote!(with_max_value_bytes(#bytes))),
        metric.autoscale.as_ref().map(|scale| autoscale(krate, scale)),
        objectives(krate, &metric.objectives),
    ];
    let parts = parts.iter().flatten();
    // With the field's own span `line!` is the line of the field; with any other it is that of the derive.
    let line = quote_spanned!(metric.ident.span()=> ::core::line!());
    quote! {
        #krate::Declaration::new(<#ty as #krate::Metric>::TYPE, #name, #help)
            .with_labels(<#ty as #krate::Metric>::LABELS)
            #(.#parts)*
            .declared_at(::core::file!(), #line)
    }
}

fn unit(metric: &Metric) -> Option<TokenStream> {
    match &metric.unit {
        Some(unit) => Some(quote!(with_unit(#unit))),
        None if metric.shape.busy => Some(quote!(with_unit("seconds"))),
        None => None,
    }
}

fn buckets(metric: &Metric) -> Option<TokenStream> {
    let bounds = match &metric.buckets.as_ref()?.value {
        Buckets::List(_, bounds) => quote!(&[#(#bounds),*]),
        // A wrong type is the user's, so `&` stands where the expression does.
        Buckets::Expression(expression) => quote_spanned!(expression.span()=> &#expression),
    };
    // The user's expression may well name a constant `BOUNDS`.
    Some(quote! {
        with_buckets({
            const __BOUNDS: &[::core::primitive::f64] = #bounds;
            __BOUNDS
        })
    })
}

fn native(krate: &Path, metric: &Metric) -> Option<TokenStream> {
    let Native { factor, zero_threshold, max_buckets } = &metric.native.as_ref()?.value;
    let native = quote!(#krate::descriptor::NativeDeclaration);
    let or_default = |given: Option<TokenStream>, field: TokenStream| given.unwrap_or(quote!(#native::DEFAULT.#field));
    let factor = or_default(factor.as_ref().map(|factor| quote!(#factor)), quote!(factor));
    let threshold = or_default(zero_threshold.as_ref().map(|least| quote!(#least)), quote!(zero_threshold));
    let max_buckets = or_default(max_buckets.map(|most| quote!(#most)), quote!(max_buckets));
    let classic = metric.classic.as_ref().is_none_or(|classic| classic.value.value);
    Some(quote! {
        with_native(
            #native { factor: #factor, zero_threshold: #threshold, max_buckets: #max_buckets },
            #classic,
        )
    })
}

fn autoscale(krate: &Path, autoscale: &Autoscale) -> TokenStream {
    let Autoscale { target, .. } = autoscale;
    let signal = match autoscale.signal {
        Signal::PerPod => quote!(PerPod),
        Signal::Shared => quote!(Shared),
        Signal::PerSecond => quote!(PerSecond),
        Signal::Concurrency => quote!(Concurrency),
    };
    let combine = option(autoscale.combine.map(|combine| match combine {
        Combine::Sum => quote!(#krate::descriptor::Combine::Sum),
        Combine::Max => quote!(#krate::descriptor::Combine::Max),
    }));
    let over = option(autoscale.over.as_ref().map(|over| over.value.seconds()).map(|over| quote!(#over)));
    let [min, max, scale_down] = [&autoscale.min, &autoscale.max, &autoscale.scale_down]
        .map(|given| option(given.as_ref().map(|given| given.value).map(|number| quote!(#number))));
    quote! {
        with_autoscale(#krate::descriptor::Autoscale {
            target: #krate::descriptor::AutoscaleTarget::#signal(#target),
            combine: #combine,
            over_seconds: #over,
            min: #min,
            max: #max,
            scale_down_seconds: #scale_down,
        })
    }
}

fn objectives(krate: &Path, objectives: &[Objective]) -> Option<TokenStream> {
    if objectives.is_empty() {
        return None;
    }
    let objectives = objectives.iter().map(|objective| {
        let Objective { ratio, window_seconds, .. } = objective;
        let bound = match &objective.bound {
            Bound::AtMost(at_most) => quote!(AtMost(#at_most)),
            Bound::Bad { label, bad } => quote!(Bad { label: #label, bad: &[#(#bad),*] }),
        };
        quote! {
            #krate::descriptor::Objective {
                ratio: #ratio,
                bound: #krate::descriptor::ObjectiveBound::#bound,
                window_seconds: #window_seconds,
            }
        }
    });
    Some(quote! {
        with_objectives({
            const __OBJECTIVES: &[#krate::descriptor::Objective] = &[#(#objectives),*];
            __OBJECTIVES
        })
    })
}

fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}
