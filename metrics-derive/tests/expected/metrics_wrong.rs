::core::compile_error! { "counter `orders` must end with `_total`: name it `orders_total`" }
::core::compile_error! { "metric `orders` has no help: say in one sentence what it tells, as a doc comment or `help = \"...\"`" }
#[automatically_derived]
impl ::metrics_core::Metrics for Wrong {
    const DECLARATIONS: &'static [::metrics_core::Declaration] = &[];
    fn describe(_: &mut dyn ::core::ops::FnMut(::metrics_core::Descriptor)) {}
    fn register(_: &::metrics_core::Registry) -> ::core::result::Result<Self, ::metrics_core::Error> {
        ::core::unreachable!()
    }
}
