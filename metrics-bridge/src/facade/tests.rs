//! Does everything that the facade offers arrive?

use metrics::{counter, describe_counter, describe_histogram, gauge, histogram};
use metrics_core::Registry;

use super::*;
use crate::map::Mapper;
use crate::record::BridgeOptions;

fn recorder(registry: &Registry) -> FacadeRecorder {
    let bridge = Bridge::new(registry, Mapper::default(), BridgeOptions::default()).unwrap();
    FacadeRecorder::new(&bridge)
}

#[test]
fn counters_gauges_and_histograms_are_recorded() {
    let registry = Registry::new();
    metrics::with_local_recorder(&recorder(&registry), || {
        counter!("orders", "payment" => "card").increment(3);
        counter!("bytes").absolute(10);
        counter!("bytes").absolute(7);
        counter!("bytes").absolute(12);
        gauge!("depth").set(5.0);
        gauge!("depth").increment(2.0);
        gauge!("depth").decrement(3.0);
        histogram!("size").record(2.0);
        histogram!("size").record_many(3.0, 4);
    });
    assert_eq!(registry.sample("orders_total", &[("payment", "card")]), Some(3.0));
    assert_eq!(registry.sample("bytes_total", &[]), Some(12.0));
    assert_eq!(registry.sample("depth", &[]), Some(4.0));
    assert_eq!(registry.sample("size_count", &[]), Some(5.0));
    assert_eq!(registry.sample("size_sum", &[]), Some(14.0));
}

#[test]
fn a_scope_records_into_its_recorder_and_a_thread_into_its_own() {
    let (outer, inner, other) = (Registry::new(), Registry::new(), Registry::new());
    let (outer_recorder, inner_recorder) = (recorder(&outer), recorder(&inner));
    let guard = metrics::set_default_local_recorder(&outer_recorder);
    counter!("a").increment(1);
    metrics::with_local_recorder(&inner_recorder, || counter!("a").increment(2));
    counter!("a").increment(4);
    let other_recorder = recorder(&other);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // The guard is this test's thread's.
            counter!("a").increment(8);
            metrics::with_local_recorder(&other_recorder, || counter!("a").increment(16));
        });
    });
    drop(guard);
    counter!("a").increment(32);
    let value = |registry: &Registry| registry.sample("a_total", &[]);
    assert_eq!((value(&outer), value(&inner), value(&other)), (Some(5.0), Some(2.0), Some(16.0)));
}

#[test]
fn a_unit_becomes_the_base_unit_and_a_description_the_help() {
    let registry = Registry::new();
    metrics::with_local_recorder(&recorder(&registry), || {
        describe_histogram!("charge.ms", metrics::Unit::Milliseconds, "Time to charge.");
        describe_counter!("sent", metrics::Unit::Kibibytes, "Sent.");
        histogram!("charge.ms").record(250.0);
        counter!("sent").increment(2);
    });
    assert_eq!(registry.sample("charge_seconds_sum", &[]), Some(0.25));
    assert_eq!(registry.sample("sent_bytes_total", &[]), Some(2048.0));
    assert!(registry.encode_text().contains("# HELP charge_seconds Time to charge.\n"));
}

#[test]
fn a_key_is_resolved_once() {
    let registry = Registry::new();
    let recorder = recorder(&registry);
    metrics::with_local_recorder(&recorder, || (0..100).for_each(|_| counter!("a", "b" => "c").increment(1)));
    let handles: usize = recorder.shards.iter().map(|shard| shard.counters.read().len()).sum();
    assert_eq!(handles, 1);
    assert_eq!(registry.sample("a_total", &[("b", "c")]), Some(100.0));
}

#[test]
fn a_name_of_two_types_is_refused_and_counted() {
    let registry = Registry::new();
    metrics::with_local_recorder(&recorder(&registry), || {
        gauge!("a").set(1.0);
        histogram!("a").record(1.0);
    });
    assert_eq!(registry.sample("metrics_bridge_refused_total", &[("reason", "conflict")]), Some(1.0));
    assert_eq!(registry.sample("a", &[]), Some(1.0));
}

#[test]
fn unbounded_keys_stay_bounded() {
    let registry = Registry::new();
    let recorder = recorder(&registry);
    metrics::with_local_recorder(&recorder, || {
        (0..5_000).for_each(|user| counter!("logins", "user" => user.to_string()).increment(1));
    });
    let rows = registry.encode_text().lines().filter(|line| line.starts_with("logins_total")).count();
    assert_eq!(rows, 2_001);
    assert_eq!(registry.sample("logins_total", &[("user", "_overflow")]), Some(3_000.0));
}

#[test]
fn an_absolute_amount_is_never_added_twice() {
    let registry = Registry::new();
    let recorder = recorder(&registry);
    let keys = 2 * SHARDS * MAX_HANDLES;
    metrics::with_local_recorder(&recorder, || {
        for _ in 0..3 {
            (0..keys).for_each(|user| counter!("read", "user" => user.to_string()).absolute(5));
        }
        (0..keys).for_each(|user| counter!("logins", "user" => user.to_string()).increment(1));
    });
    let total = |name: &str| {
        let text = registry.encode_text();
        let rows = text.lines().filter(|line| line.starts_with(name));
        rows.map(|row| row.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap()).sum::<f64>()
    };
    let kept: usize = recorder.shards.iter().map(|shard| shard.counters.read().len()).sum();
    assert_eq!(kept, SHARDS * MAX_HANDLES);
    assert_eq!(total("read_total"), 5.0 * kept as f64);
    let refused = registry.sample("metrics_bridge_refused_total", &[("reason", "too_many_handles")]);
    assert_eq!(refused, Some(3.0 * (keys - kept) as f64));
    assert_eq!(total("logins_total"), keys as f64);
}

#[test]
fn histograms_are_classic_native_or_both_by_configuration() {
    use crate::map::MapperOptions;
    for (classic, native) in [(true, false), (true, true), (false, true)] {
        let registry = Registry::new();
        let mut options = MapperOptions::default();
        options.histogram.classic = classic;
        options.histogram.native = native.then_some(metrics_core::descriptor::NativeDeclaration::DEFAULT);
        let bridge = Bridge::new(&registry, Mapper::new(options), BridgeOptions::default()).unwrap();
        metrics::with_local_recorder(&FacadeRecorder::new(&bridge), || histogram!("size").record(2.0));
        assert_eq!(registry.sample("size_count", &[]), Some(1.0));
        let descriptors = registry.descriptors();
        let size = descriptors.iter().find(|descriptor| descriptor.name == "size").unwrap();
        assert_eq!((size.classic, size.native.is_some()), (classic, native));
        assert_eq!(registry.sample("size_bucket", &[("le", "2.5")]), classic.then_some(1.0));
    }
}
