#[automatically_derived]
impl ::metrics_core::Metrics for Shop {
    const DECLARATIONS: &'static [::metrics_core::Declaration] = &[
        ::metrics_core::Declaration::new(
            <Family<Labels, Counter> as ::metrics_core::Metric>::TYPE,
            "shop_orders_total",
            "Orders.",
        )
        .with_labels(<Family<Labels, Counter> as ::metrics_core::Metric>::LABELS)
        .with_objectives({
            const __OBJECTIVES: &[::metrics_core::descriptor::Objective] = &[::metrics_core::descriptor::Objective {
                ratio: 0.99f64,
                bound: ::metrics_core::descriptor::ObjectiveBound::Bad { label: "outcome", bad: &["failed"] },
                window_seconds: 2592000u64,
            }];
            __OBJECTIVES
        })
        .declared_at(::core::file!(), ::core::line!()),
        ::metrics_core::Declaration::new(<Gauge as ::metrics_core::Metric>::TYPE, "shop_queue_depth", "Depth.")
            .with_labels(<Gauge as ::metrics_core::Metric>::LABELS)
            .with_autoscale(::metrics_core::descriptor::Autoscale {
                target: ::metrics_core::descriptor::AutoscaleTarget::Shared(30f64),
                combine: ::core::option::Option::None,
                over_seconds: ::core::option::Option::Some(60f64),
                min: ::core::option::Option::None,
                max: ::core::option::Option::None,
                scale_down_seconds: ::core::option::Option::Some(300u32),
            })
            .declared_at(::core::file!(), ::core::line!()),
        ::metrics_core::Declaration::new(<Histogram as ::metrics_core::Metric>::TYPE, "shop_wait_seconds", "Time.")
            .with_labels(<Histogram as ::metrics_core::Metric>::LABELS)
            .with_unit("seconds")
            .with_buckets({
                const __BOUNDS: &[::core::primitive::f64] = &[0.1f64, 1f64];
                __BOUNDS
            })
            .with_native(
                ::metrics_core::descriptor::NativeDeclaration {
                    factor: ::metrics_core::descriptor::NativeDeclaration::DEFAULT.factor,
                    zero_threshold: ::metrics_core::descriptor::NativeDeclaration::DEFAULT.zero_threshold,
                    max_buckets: ::metrics_core::descriptor::NativeDeclaration::DEFAULT.max_buckets,
                },
                true,
            )
            .declared_at(::core::file!(), ::core::line!()),
        ::metrics_core::Declaration::new(<Total as ::metrics_core::Metric>::TYPE, "shop_scans_total", "An alias.")
            .with_labels(<Total as ::metrics_core::Metric>::LABELS)
            .declared_at(::core::file!(), ::core::line!()),
    ];
    fn describe(describe: &mut dyn ::core::ops::FnMut(::metrics_core::Descriptor)) {
        ::metrics_core::__private::describe_own::<Self>(describe);
        <Db as ::metrics_core::Metrics>::describe(&mut ::metrics_core::__private::prefixed("shop_main", describe));
    }
    fn register(registry: &::metrics_core::Registry) -> ::core::result::Result<Self, ::metrics_core::Error> {
        ::metrics_core::__private::check::<Self>(registry)?;
        ::core::result::Result::Ok(Self {
            orders_total: <Family<Labels, Counter> as ::metrics_core::Metric>::register(
                registry,
                ::core::convert::From::from(<Self as ::metrics_core::Metrics>::DECLARATIONS[0usize]),
            )?,
            queue_depth: <Gauge as ::metrics_core::Metric>::register(
                registry,
                ::core::convert::From::from(<Self as ::metrics_core::Metrics>::DECLARATIONS[1usize]),
            )?,
            wait_seconds: <Histogram as ::metrics_core::Metric>::register(
                registry,
                ::core::convert::From::from(<Self as ::metrics_core::Metrics>::DECLARATIONS[2usize]),
            )?,
            scans_total: <Total as ::metrics_core::Metric>::register(
                registry,
                ::core::convert::From::from(<Self as ::metrics_core::Metrics>::DECLARATIONS[3usize]),
            )?,
            db: <Db as ::metrics_core::Metrics>::register(&::metrics_core::Registry::with_prefix(
                registry,
                "shop_main",
            ))?,
        })
    }
}
#[allow(long_running_const_eval)]
const _: () = {
    use ::metrics_core::__private::validate;
    validate::labels(&<Shop as ::metrics_core::Metrics>::DECLARATIONS[0usize])
};
#[allow(long_running_const_eval)]
const _: () = {
    use ::metrics_core::__private::validate;
    validate::seen(&<Shop as ::metrics_core::Metrics>::DECLARATIONS[0usize], ::metrics_core::MetricType::Counter)
};
#[allow(long_running_const_eval)]
const _: () = {
    use ::metrics_core::__private::validate;
    validate::objective(&<Shop as ::metrics_core::Metrics>::DECLARATIONS[0usize], 0usize)
};
#[allow(long_running_const_eval)]
const _: () = {
    use ::metrics_core::__private::validate;
    validate::autoscale(&<Shop as ::metrics_core::Metrics>::DECLARATIONS[1usize])
};
#[allow(long_running_const_eval)]
const _: () = {
    use ::metrics_core::__private::validate;
    validate::seen(&<Shop as ::metrics_core::Metrics>::DECLARATIONS[1usize], ::metrics_core::MetricType::Gauge)
};
#[allow(long_running_const_eval)]
const _: () = {
    use ::metrics_core::__private::validate;
    validate::buckets(&<Shop as ::metrics_core::Metrics>::DECLARATIONS[2usize])
};
#[allow(long_running_const_eval)]
const _: () = {
    use ::metrics_core::__private::validate;
    validate::native(&<Shop as ::metrics_core::Metrics>::DECLARATIONS[2usize])
};
#[allow(long_running_const_eval)]
const _: () = {
    use ::metrics_core::__private::validate;
    validate::seen(&<Shop as ::metrics_core::Metrics>::DECLARATIONS[2usize], ::metrics_core::MetricType::Histogram)
};
#[allow(long_running_const_eval)]
const _: () = {
    use ::metrics_core::__private::validate;
    validate::name(&<Shop as ::metrics_core::Metrics>::DECLARATIONS[3usize])
};
#[allow(long_running_const_eval)]
const _: () = {
    use ::metrics_core::__private::validate;
    validate::unit(&<Shop as ::metrics_core::Metrics>::DECLARATIONS[3usize])
};
#[allow(long_running_const_eval)]
const _: () = {
    use ::metrics_core::__private::validate;
    validate::labels(&<Shop as ::metrics_core::Metrics>::DECLARATIONS[3usize])
};
#[allow(long_running_const_eval)]
const _: () = {
    use ::metrics_core::__private::validate;
    validate::apart(
        "",
        <Shop as ::metrics_core::Metrics>::DECLARATIONS,
        "shop_main",
        <Db as ::metrics_core::Metrics>::DECLARATIONS,
    )
};
