#[automatically_derived]
impl<'a> ::metrics_core::LabelSet for Borrowed<'a> {
    type Schema = Borrowed<'static>;
    const LABELS: &'static [::metrics_core::LabelDeclaration] = {
        const PARTS: &[&[::metrics_core::LabelDeclaration]] = &[
            <Labels as ::metrics_core::LabelSet>::LABELS,
            &[::metrics_core::LabelDeclaration {
                name: "kind",
                values: <&'static str as ::metrics_core::__private::LabelField>::VALUES,
                optional: <&'static str as ::metrics_core::__private::LabelField>::OPTIONS != 0,
            }],
        ];
        const LABELS: [::metrics_core::LabelDeclaration; ::metrics_core::__private::label_count(PARTS)] =
            ::metrics_core::__private::concat_labels(PARTS);
        &LABELS
    };
    #[inline]
    fn index(&self) -> ::core::primitive::usize {
        if <Self as ::metrics_core::LabelSet>::CARDINALITY.is_none() {
            return 0;
        }
        (<Labels as ::metrics_core::LabelSet>::index(&self.labels))
            * <&'a str as ::metrics_core::__private::LabelField>::CARDINALITY
            + <&'a str as ::metrics_core::__private::LabelField>::index(&self.route)
    }
    #[inline]
    fn visit<__V: ::metrics_core::LabelVisitor>(&self, visitor: &mut __V) {
        let _ = &visitor;
        <Labels as ::metrics_core::LabelSet>::visit(&self.labels, visitor);
        <&'a str as ::metrics_core::__private::LabelField>::visit(&self.route, visitor);
    }
}
#[allow(long_running_const_eval)]
const _: () = {
    use ::metrics_core::__private::validate;
    validate::labels_apart(
        &[&[::metrics_core::LabelDeclaration {
            name: "kind",
            values: <&'static str as ::metrics_core::__private::LabelField>::VALUES,
            optional: <&'static str as ::metrics_core::__private::LabelField>::OPTIONS != 0,
        }]],
        <Labels as ::metrics_core::LabelSet>::LABELS,
    )
};
#[allow(long_running_const_eval)]
const _: () = {
    use ::metrics_core::__private::validate;
    validate::optional_once(<&'static str as ::metrics_core::__private::LabelField>::OPTIONS)
};
