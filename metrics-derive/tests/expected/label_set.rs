#[automatically_derived]
impl ::metrics_core::LabelSet for Labels {
    type Schema = Labels;
    const LABELS: &'static [::metrics_core::LabelDeclaration] = &[
        ::metrics_core::LabelDeclaration {
            name: "outcome",
            values: <Outcome as ::metrics_core::__private::LabelField>::VALUES,
            optional: <Outcome as ::metrics_core::__private::LabelField>::OPTIONS != 0,
        },
        ::metrics_core::LabelDeclaration {
            name: "retried",
            values: <Option<bool> as ::metrics_core::__private::LabelField>::VALUES,
            optional: <Option<bool> as ::metrics_core::__private::LabelField>::OPTIONS != 0,
        },
    ];
    #[inline]
    fn index(&self) -> ::core::primitive::usize {
        if <Self as ::metrics_core::LabelSet>::CARDINALITY.is_none() {
            return 0;
        }
        (<Outcome as ::metrics_core::__private::LabelField>::index(&self.outcome))
            * <Option<bool> as ::metrics_core::__private::LabelField>::CARDINALITY
            + <Option<bool> as ::metrics_core::__private::LabelField>::index(&self.retried)
    }
    #[inline]
    fn visit<__V: ::metrics_core::LabelVisitor>(&self, visitor: &mut __V) {
        let _ = &visitor;
        <Outcome as ::metrics_core::__private::LabelField>::visit(&self.outcome, visitor);
        <Option<bool> as ::metrics_core::__private::LabelField>::visit(&self.retried, visitor);
    }
}
#[allow(long_running_const_eval)]
const _: () = {
    use ::metrics_core::__private::validate;
    validate::optional_once(<Outcome as ::metrics_core::__private::LabelField>::OPTIONS)
};
#[allow(long_running_const_eval)]
const _: () = {
    use ::metrics_core::__private::validate;
    validate::optional_once(<Option<bool> as ::metrics_core::__private::LabelField>::OPTIONS)
};
