//! Are the process' numbers those that the system tells elsewhere?
#![cfg(target_os = "linux")]

use metrics_core::Registry;

fn sample(registry: &Registry, name: &str) -> f64 {
    registry.sample(name, &[]).unwrap_or_else(|| panic!("{name} is exposed"))
}

#[test]
fn numbers_are_those_of_proc() {
    let registry = Registry::new();
    metrics_os::register(&registry).unwrap();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let field = |name: &str| -> f64 {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let resident = sample(&registry, "process_resident_memory_bytes");
    assert!((resident / 1024.0 / field("VmRSS:") - 1.0).abs() < 0.5, "{resident}");
    assert_eq!(sample(&registry, "process_threads"), field("Threads:"));
    assert!(sample(&registry, "process_open_fds") >= 3.0);
    assert!(sample(&registry, "process_max_fds") >= sample(&registry, "process_open_fds"));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
    let started = sample(&registry, "process_start_time_seconds");
    assert!((now - 3600.0..=now + 2.0).contains(&started), "{started}, and now is {now}");
}

#[test]
fn cpu_time_rises_with_work() {
    let registry = Registry::new();
    metrics_os::register(&registry).unwrap();
    let before = sample(&registry, "process_cpu_seconds_total");
    let mut work = 0_u64;
    // The clock ticks every hundredth of a second.
    while sample(&registry, "process_cpu_seconds_total") <= before {
        (0..10_000_u64).for_each(|step| work = std::hint::black_box(work.wrapping_mul(31).wrapping_add(step)));
    }
}

#[test]
fn the_catalogue_names_what_is_exposed() {
    let registry = Registry::new();
    metrics_os::register(&registry).unwrap();
    let catalogue = metrics_core::catalogue::Catalogue::new().with_group("Process", metrics_os::describe);
    let declared: Vec<_> = catalogue.metrics().map(|metric| metric.name.clone()).collect();
    assert_eq!(declared.len(), 8);
    for name in declared {
        assert!(registry.sample(&name, &[]).is_some(), "{name} is declared and, on Linux, exposed");
    }
}

#[test]
fn the_catalogue_names_the_build_and_its_labels_without_their_values() {
    let registry = Registry::new();
    metrics_os::register_build_info!(&registry, "revision" = "0a1b2c").unwrap();
    let catalogue =
        metrics_core::catalogue::Catalogue::new().with_group("Build", metrics_os::describe_build_info(&["revision"]));
    let declared = catalogue.metric("build_info").expect("it is declared");
    let exposed = &registry.descriptors()[0];
    assert_eq!(
        (&declared.name, declared.kind, &declared.help),
        (&exposed.name.to_string(), exposed.kind, &exposed.help.to_string())
    );
    let names: Vec<_> = exposed.const_labels.iter().map(|(name, _)| name).collect();
    assert_eq!(declared.labels.iter().map(|label| &label.name).collect::<Vec<_>>(), names);
    assert!(declared.const_labels.is_empty() && declared.file.ends_with("metrics-os/src/build.rs"), "{declared:?}");
}

#[test]
fn registering_the_collector_twice_is_an_error_and_the_same_build_twice_is_none() {
    let registry = Registry::new();
    metrics_os::register(&registry).unwrap();
    let error = metrics_os::register(&registry).unwrap_err().to_string();
    assert!(error.contains("`process_cpu_seconds_total`") && error.contains("registered already"), "{error}");
    metrics_os::register_build_info!(&registry).unwrap();
    metrics_os::register_build_info!(&registry).unwrap();
    let labels = [("crate", "metrics-os"), ("version", env!("CARGO_PKG_VERSION"))];
    assert_eq!(registry.sample("build_info", &labels), Some(1.0));
}
