//! Are native histograms those that Prometheus' own library would give?

use metrics_core::descriptor::NativeDeclaration;
use metrics_core::{Declaration, Histogram, MetricType, NativeSnapshot, Registry};

fn histogram(registry: &Registry, factor: f64, max_buckets: u16, classic: bool) -> Histogram {
    let native = NativeDeclaration { factor, max_buckets, ..NativeDeclaration::DEFAULT };
    let declaration = Declaration::new(MetricType::Histogram, "h", "H.").with_native(native, classic);
    registry.register(declaration).unwrap()
}

fn observed(factor: f64, max_buckets: u16, values: &[f64]) -> NativeSnapshot {
    let histogram = histogram(&Registry::new(), factor, max_buckets, false);
    values.iter().for_each(|value| histogram.observe(*value));
    let snapshot = histogram.snapshot();
    assert_eq!(snapshot.counts, [values.len() as u64]);
    snapshot.native.unwrap()
}

#[test]
fn observations_lie_where_the_goldens_say() {
    let at = observed(1.1, 160, &[0.0, 1.0, 2.0, 3.0]);
    assert_eq!((at.schema, at.zero_count), (3, 1));
    assert_eq!(at.positive, [(0, 1), (8, 1), (13, 1)]);
    let at = observed(1.2, 160, &[0.0, 1.0, 1.2, 1.4, 1.8, 2.0, f64::INFINITY]);
    assert_eq!(at.schema, 2);
    assert_eq!(at.positive, [(0, 1), (2, 2), (4, 2), (4097, 1)]);
    let at = observed(1.2, 160, &[f64::NEG_INFINITY, 1.0]);
    assert_eq!(at.negative, [(4097, 1)]);
}

#[test]
fn the_limit_counts_occupied_buckets_and_halves_the_resolution() {
    let values: Vec<f64> = (0..40).map(|power| 1.1_f64.powi(power)).collect();
    let fine = observed(1.1, 160, &values);
    assert_eq!(fine.schema, 3);
    let coarse = observed(1.1, 10, &values);
    assert!(coarse.schema < 3);
    assert!(coarse.positive.len() <= 10);
    assert_eq!(coarse.positive.iter().map(|(_, count)| count).sum::<u64>(), 40);
}

#[test]
fn an_outlier_does_not_ruin_the_resolution() {
    let mut values = vec![1e-30, 1e30, -1e20];
    values.extend((0..1000).map(|step| 0.01 + f64::from(step) * 1e-4));
    let at = observed(1.1, 160, &values);
    assert_eq!(at.schema, 3);
    assert_eq!(at.negative.len(), 1);
    assert_eq!(at.positive.iter().map(|(_, count)| count).sum::<u64>(), 1002);
}

#[test]
fn values_over_the_whole_range_keep_their_count_at_a_coarser_resolution() {
    let values: Vec<f64> = (-300..300).flat_map(|power| [10_f64.powi(power), -10_f64.powi(power)]).collect();
    let at = observed(1.1, 160, &values);
    assert!(at.schema <= -3, "{}", at.schema);
    let count = |side: &[(i32, u64)]| side.iter().map(|(_, count)| count).sum::<u64>();
    // Beyond the threshold of 2^-128.
    assert_eq!(count(&at.positive) + count(&at.negative) + at.zero_count, 1200);
}

#[test]
fn classic_and_native_buckets_of_one_histogram_count_the_same_while_threads_observe() {
    let registry = Registry::new();
    let histogram = histogram(&registry, 1.1, 160, true);
    std::thread::scope(|scope| {
        for seed in 0..2_u64 {
            let histogram = histogram.clone();
            scope.spawn(move || {
                let mut state = seed + 1;
                for _ in 0..200_000 {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    // Whole numbers, so that sums are exact whatever their order.
                    histogram.observe(((state >> 33) % 5000) as f64);
                }
            });
        }
        let mut last = 0;
        while last < 400_000 {
            let now = histogram.snapshot();
            let native = now.native.as_ref().unwrap();
            let counted = native.zero_count + native.positive.iter().map(|(_, count)| count).sum::<u64>();
            assert_eq!(now.count(), counted);
            assert!(counted >= last);
            last = counted;
        }
    });
}

#[test]
fn threads_at_different_resolutions_are_merged_at_the_coarsest() {
    let histogram = histogram(&Registry::new(), 1.1, 160, false);
    histogram.observe(1.0);
    let other = histogram.clone();
    let wide = move || (-300..300).for_each(|power| other.observe(10_f64.powi(power)));
    std::thread::spawn(wide).join().unwrap();
    let at = histogram.snapshot().native.unwrap();
    assert!(at.schema < 3);
    assert_eq!(at.zero_count + at.positive.iter().map(|(_, count)| count).sum::<u64>(), 601);
}
