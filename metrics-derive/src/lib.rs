//! The derive macros of `metrics-core`.
use proc_macro::TokenStream;
/// Stub.
#[proc_macro_derive(Metrics, attributes(metrics, metric))]
pub fn derive_metrics(_: TokenStream) -> TokenStream {
    TokenStream::new()
}
/// Stub.
#[proc_macro_derive(LabelSet, attributes(label))]
pub fn derive_label_set(_: TokenStream) -> TokenStream {
    TokenStream::new()
}
/// Stub.
#[proc_macro_derive(LabelValue, attributes(label))]
pub fn derive_label_value(_: TokenStream) -> TokenStream {
    TokenStream::new()
}
