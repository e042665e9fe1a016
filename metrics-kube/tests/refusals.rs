//! Does every wrong option and declaration name itself and what would be right, and is nothing written then?

mod common;

use std::fs;
use std::path::Path;

use common::{autoscale, one};
use metrics_core::MetricType::{Counter, Gauge, Histogram};
use metrics_core::catalogue::Catalogue;
use metrics_core::descriptor::{
    Autoscale, AutoscaleTarget, Combine, Declaration, LabelDeclaration, LabelValues, Objective, ObjectiveBound,
};
use metrics_kube::{check, run, write};

/// A folder with a catalogue and these options of one environment.
fn folder(catalogue: &Catalogue, options: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("catalogue.json"), catalogue.json()).unwrap();
    settings(folder.path(), &format!("namespace: jobs\n    workload: worker\n    {options}"));
    folder
}

fn settings(folder: &Path, options: &str) {
    let text = format!("catalogues: [catalogue.json]\nenvironments:\n  production:\n    {options}\n");
    fs::write(folder.join("metrics-kube.yaml"), text).unwrap();
}

/// The error, without the temporary folder's name; and nothing has been written.
fn refusal(catalogue: &Catalogue, options: &str) -> String {
    let folder = folder(catalogue, options);
    let error = write(folder.path()).expect_err(options).to_string();
    assert!(!folder.path().join("production").exists(), "{options}: something was written");
    error.replace(&format!("{}/", folder.path().display()), "").replace("metrics-kube/tests/", "")
}

#[test]
fn a_wrong_option_is_named_with_what_would_be_right() {
    let of = |text: &str| format!("metrics-kube.yaml: environment `production`: {text}");
    for (options, expected) in [
        (
            "container: App",
            of("`container` is `App`; it has 1 to 63 small letters, digits and `-`, and `-` neither first nor last"),
        ),
        ("rate_window: 30s", of("`rate_window` is 30s, shorter than four scrapes of 15s; give 1m or more")),
        ("scale_down_window: 2h", of("`scale_down_window` is 2h; Kubernetes takes at most 1h")),
        (
            "scaler: keda",
            of(
                "`scaler: keda` needs `prometheus`, the address at which KEDA reaches it: `http://prometheus-operated.monitoring.svc:9090`",
            ),
        ),
        ("prometheus: prometheus:9090", of("`prometheus` is `prometheus:9090`; write it as `http://HOST:PORT`")),
        ("tenant_header: shop", of("`tenant_header` is `shop`; write it as `X-Scope-OrgID=TENANT`")),
        (
            "port: 9464",
            of("`port` is `9464`; it is the name of a container port: at most 15 small letters, digits and `-`"),
        ),
        ("path: metrics", of("`path` is `metrics`; it starts with `/`")),
        (
            "scrape: annotations\n    port_number: 9464\n    rate_window: 1m",
            of("`rate_window` is 1m, shorter than four scrapes of 1m; give 4m or more"),
        ),
        (
            "scrape: annotations",
            of("`scrape: annotations` needs `port_number`, the number of the port `metrics`: 9464, for example"),
        ),
        (
            "network_policy: true",
            of("`network_policy` needs `port_number`, the number of the port `metrics`: 9464, for example"),
        ),
        (
            "target_files: [a.json]",
            of("`target_files` is for `scrape: scrape_config`, and this is `scrape: podmonitor`; change one"),
        ),
        ("cpu: 80", of("`cpu` is `80`; write it as `80%` of the request, or as `200m` a pod")),
        ("cpu: 80x", of("`cpu` is `80x`; write it as `80%` of the request, or as `200m` a pod")),
        (
            "group_labels: [node]",
            of(
                "`group_labels` uses the label `node`, which `scrape: podmonitor` does not give; it gives namespace, pod, container, job, endpoint, instance",
            ),
        ),
        (
            "group_labels: [pod]",
            of("`group_labels`: `pod` is no group of replicas; name labels above the workload, such as `cluster`"),
        ),
    ] {
        assert_eq!(refusal(&common::small(), options), expected, "{options}");
    }
    let labels = "container: app\n    scrape: annotations\n    port_number: 9464";
    assert_eq!(
        refusal(&common::small(), labels),
        of(
            "`container` uses the label `container`, which `scrape: annotations` does not give; it gives namespace, pod, node, job, instance"
        )
    );
    let external = "fleet_values: external\n    scaler: keda\n    prometheus: http://p:9090";
    assert_eq!(
        refusal(&common::small(), external),
        of("`fleet_values: external` is for prometheus-adapter; leave it out, or choose `scaler: adapter`")
    );
}

#[test]
fn two_scalers_or_two_scrapes_are_refused_with_the_reason() {
    let scalers = refusal(&common::small(), "scaler: [adapter, keda]");
    assert!(
        scalers.contains(
            "`scaler` names adapter and keda, but two scalers on one workload fight over its replicas, and both stop; \
             choose one of `adapter`, `keda`"
        ),
        "{scalers}"
    );
    let scrapes = refusal(&common::small(), "scrape: [podmonitor, annotations]");
    assert!(
        scrapes.contains("two scrapes of one pod double every sum that scaling reads; choose one of `podmonitor`"),
        "{scrapes}"
    );
    let unknown = refusal(&common::small(), "scaler: vpa");
    assert!(unknown.contains("`scaler` cannot be `vpa`; it is one of `adapter`, `keda`"), "{unknown}");
    let misspelt = refusal(&common::small(), "conatiner: app");
    assert!(misspelt.contains("unknown field `conatiner`, expected one of `namespace`, `workload`"), "{misspelt}");
}

/// What was declared wrong, and the end of the error.
fn declared(declaration: Declaration, expected: &str) {
    let error = refusal(&one(declaration.declared_at("src/x.rs", 1)), "max_replicas: 5");
    assert_eq!(error, format!("environment `production`: {expected}"));
}

#[test]
fn what_cannot_scale_is_refused_with_what_to_use_instead() {
    use AutoscaleTarget::{Concurrency, PerPod, PerSecond};
    const LABELS: &[LabelDeclaration] = &[LabelDeclaration::new("method", LabelValues::Dynamic)];
    let gauge = |name, target| Declaration::new(Gauge, name, "").with_autoscale(autoscale(target));
    declared(
        Declaration::new(Histogram, "x_seconds", "").with_autoscale(autoscale(PerPod(1.0))),
        "`x_seconds` (src/x.rs:1): a histogram is no scaling target, because a latency does not fall in proportion to \
         replicas; scale on requests in flight or busy seconds",
    );
    declared(
        gauge("x_seconds", PerPod(1.0)).with_unit("seconds"),
        "`x_seconds` (src/x.rs:1): a gauge of seconds is no scaling target, because a latency does not fall in \
         proportion to replicas; scale on requests in flight or busy seconds",
    );
    declared(
        gauge("x", PerSecond(1.0)),
        "`x` (src/x.rs:1): `per_pod` and `shared` are for gauges, `per_second` and `concurrency` for counters; change \
         the target's kind",
    );
    declared(
        gauge("x", PerPod(1.0)).with_labels(LABELS),
        "`x` (src/x.rs:1): it has several series a replica; say `combine = sum` or `combine = max` in autoscale(…)",
    );
    declared(
        Declaration::new(Counter, "x_total", "").with_autoscale(autoscale(Concurrency(1.0))),
        "`x_total` (src/x.rs:1): the name of such a counter ends with `_seconds_total`; rename it",
    );
    for target in [0.0, -1.0, 0.0004, 1.0e-3 / 3.0, 1e16] {
        declared(
            gauge("x", PerPod(target)),
            &format!(
                "`x` (src/x.rs:1): the target {target} is no positive number of thousandths, which is how Kubernetes \
                 counts; round it"
            ),
        );
    }
    declared(
        Declaration::new(Gauge, "x", "")
            .with_autoscale(Autoscale { over_seconds: Some(20.0), ..autoscale(PerPod(1.0)) }),
        "`x` (src/x.rs:1): `over` is 20s, shorter than two scrapes of 15s, so that it averages nothing; give 30s or more",
    );
    declared(
        Declaration::new(Counter, "x_total", "")
            .with_autoscale(Autoscale { scale_down_seconds: Some(60), ..autoscale(PerSecond(1.0)) }),
        "the scale-down window is 1m, less than twice what `x_total` (src/x.rs:1) looks back; give 2m or more in \
         `scale_down` or `scale_down_window`",
    );
}

#[test]
fn what_is_no_objective_is_refused() {
    const LABELS: &[LabelDeclaration] = &[LabelDeclaration::new("result", LabelValues::Enumerated(&["ok", "bad"]))];
    let latency =
        |objectives| Declaration::new(Histogram, "x_seconds", "").with_buckets(&[0.1, 1.0]).with_objectives(objectives);
    let month = 30 * 86_400;
    let at_most = ObjectiveBound::AtMost;
    macro_rules! objective {
        ($ratio:expr, $bound:expr, $window:expr) => {
            Box::leak(Box::new([Objective { ratio: $ratio, bound: $bound, window_seconds: $window }]))
        };
    }
    declared(
        latency(objective!(0.99, at_most(0.5), month)),
        "`x_seconds` (src/x.rs:1): no bucket ends at 0.5; take one of 0.1, 1, or add it",
    );
    declared(
        latency(objective!(99.0, at_most(0.1), month)),
        "`x_seconds` (src/x.rs:1): the share of an objective is 99; it lies between 0 and 1: 0.999",
    );
    declared(
        latency(objective!(0.99, at_most(0.1), 3_600)),
        "`x_seconds` (src/x.rs:1): of an objective over 1h the shortest window is 416ms, less than four scrapes of 15s; \
         take an objective over 6d or more, or scrape more often",
    );
    let counter = |bound| {
        Declaration::new(Counter, "x_total", "").with_labels(LABELS).with_objectives(objective!(0.9, bound, month))
    };
    declared(
        counter(ObjectiveBound::Bad { label: "resutl", bad: &["bad"] }),
        "`x_total` (src/x.rs:1): the objective's label `resutl` is none of its labels; take one",
    );
    declared(
        counter(ObjectiveBound::Bad { label: "result", bad: &["worse"] }),
        "`x_total` (src/x.rs:1): `result` is never `worse`; it is one of ok, bad",
    );
    declared(
        counter(ObjectiveBound::Counted { bad_counter: "y_total", label: "result", value: "ok" }),
        "`x_total` (src/x.rs:1): its bad events are counted in `y_total`, which no catalogue declares; declare it",
    );
}

#[test]
fn the_number_of_replicas_is_bounded_and_bounded_once() {
    let gauge = |name, min, max| {
        let target = Autoscale { min, max, ..autoscale(AutoscaleTarget::PerPod(1.0)) };
        Declaration::new(Gauge, name, "").with_autoscale(target).declared_at("src/x.rs", 1)
    };
    let both = |one: Declaration, other: Declaration| {
        Catalogue::new().with_group("", |describe| [one, other].into_iter().for_each(|each| describe(each.into())))
    };
    let of = |text: &str| format!("environment `production`: {text}");
    assert_eq!(
        refusal(&one(gauge("a", None, None)), "port: metrics"),
        of("no greatest number of replicas; give `max` in autoscale(…) or the option `max_replicas`")
    );
    assert_eq!(
        refusal(&both(gauge("a", None, Some(4)), gauge("b", None, Some(5))), "port: metrics"),
        of(
            "`a` (src/x.rs:1) declares `max = 4` and `b` (src/x.rs:1) `max = 5`, and they scale one workload; make them \
            alike, or give the option `max_replicas`"
        )
    );
    assert_eq!(
        refusal(&one(gauge("a", Some(6), Some(4))), "port: metrics"),
        of("the least number of replicas is 6 and the greatest 4; exchange or change them")
    );
    assert_eq!(
        refusal(&common::small(), "min_replicas: 0"),
        of(
            "the least number of replicas is 0, which a HorizontalPodAutoscaler does not do; give at least 1, or choose \
            `scaler: keda`"
        )
    );
    assert_eq!(
        refusal(&common::small(), "signals: [queue]"),
        of("`signals`: `queue` scales nothing; what does: `in_progress` (common/mod.rs:0)")
            .replace(":0)", &format!(":{})", common::small().metric("in_progress").unwrap().line))
    );
    let keda = "min_replicas: 0\n    scaler: keda\n    prometheus: http://p:9090";
    assert_eq!(
        refusal(&common::small(), keda),
        of("the least number of replicas is 0, and all signals are exported by the replicas themselves: without one \
            there is nothing that wakes the workload; give at least 1, or name the signal that something else exports \
            in `exported_elsewhere`")
    );
    assert_eq!(
        refusal(&common::small(), "exported_elsewhere: [queue]"),
        of("`exported_elsewhere`: `queue` scales nothing; what does: `in_progress` (common/mod.rs:0)")
            .replace(":0)", &format!(":{})", common::small().metric("in_progress").unwrap().line))
    );
    assert_eq!(
        refusal(&common::small(), &format!("{keda}\n    exported_elsewhere: [queue]")),
        of("`exported_elsewhere`: `queue` scales nothing; what does: `in_progress` (common/mod.rs:0)")
            .replace(":0)", &format!(":{})", common::small().metric("in_progress").unwrap().line))
    );
}

#[test]
fn rules_of_one_name_are_equal_or_an_error_that_names_both() {
    const LABELS: &[LabelDeclaration] = &[LabelDeclaration::new("method", LabelValues::Dynamic)];
    let gauge = |combine| {
        let target = Autoscale { combine: Some(combine), max: Some(4), ..autoscale(AutoscaleTarget::PerPod(1.0)) };
        one(Declaration::new(Gauge, "x", "").with_labels(LABELS).with_autoscale(target).declared_at("src/x.rs", 1))
    };
    let with_other = |other: &Catalogue| {
        let folder = folder(&gauge(Combine::Sum), "port: metrics");
        fs::write(folder.path().join("other.json"), other.json()).unwrap();
        let path = folder.path().join("metrics-kube.yaml");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, format!("also: [other.json]\n{text}")).unwrap();
        let result = write(folder.path()).map_err(|error| error.to_string());
        let rules = fs::read_to_string(folder.path().join("production/prometheus-adapter.yaml"));
        result.map(|_| rules.unwrap().matches("seriesQuery").count())
    };
    assert_eq!(with_other(&gauge(Combine::Sum)), Ok(1));
    assert_eq!(with_other(&common::small()), Ok(2));
    assert_eq!(
        with_other(&gauge(Combine::Max)).unwrap_err(),
        "environment `production`: `x` (src/x.rs:1) in catalogue.json and `x` (src/x.rs:1) in other.json are both \
         served as `x`, by different queries: `sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>) >= 0 < Inf` and \
         `max(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>) >= 0 < Inf`; the adapter would use the last one. \
         Rename one, or declare both alike"
    );
    let shadowing = one(Declaration::new(Counter, "x_total", "").declared_at("src/y.rs", 2));
    assert_eq!(
        with_other(&shadowing).unwrap_err(),
        "environment `production`: `x` (src/x.rs:1) in catalogue.json is served as `x`, which is also the name that the \
         default rules of the adapter's chart give to `x_total` (src/y.rs:2) in other.json; rename one"
    );
}

#[test]
fn one_name_declared_in_two_ways_is_refused() {
    let gauge = |help| one(Declaration::new(Gauge, "x", help).declared_at("src/x.rs", 1));
    let folder = folder(&gauge("One."), "port: metrics");
    fs::write(folder.path().join("b.json"), gauge("Another.").json()).unwrap();
    let path = folder.path().join("metrics-kube.yaml");
    let text = fs::read_to_string(&path).unwrap().replace("[catalogue.json]", "[catalogue.json, b.json]");
    fs::write(&path, text).unwrap();
    assert_eq!(
        write(folder.path()).unwrap_err().to_string(),
        "`x` (src/x.rs:1) in b.json and `x` (src/x.rs:1) in catalogue.json have one name and are declared differently; \
         rename one or make them alike"
    );
}

#[test]
fn a_stale_folder_is_shown_and_mended() {
    let folder = folder(&common::small(), "port: metrics");
    let at = |name: &str| folder.path().join("production").join(name);
    let count = write(folder.path()).unwrap().len();
    assert!(count >= 8);
    assert_eq!(write(folder.path()).unwrap(), Vec::<String>::new());
    check(folder.path()).unwrap();

    let hpa = fs::read_to_string(at("hpa.yaml")).unwrap();
    fs::write(at("hpa.yaml"), hpa.replace("maxReplicas: 8", "maxReplicas: 9")).unwrap();
    fs::write(at("old.yaml"), "# Made by metrics-kube\nold: true\n").unwrap();
    fs::write(at("mine.yaml"), "mine: true\n").unwrap();
    let error = check(folder.path()).unwrap_err().to_string();
    assert!(error.contains("-  maxReplicas: 9\n+  maxReplicas: 8\n"), "{error}");
    assert!(error.contains("--- production/old.yaml"), "{error}");
    assert!(!error.contains("mine.yaml"), "{error}");

    assert_eq!(write(folder.path()).unwrap(), ["production/hpa.yaml", "production/old.yaml"]);
    assert_eq!(fs::read_to_string(at("hpa.yaml")).unwrap(), hpa);
    assert!(at("mine.yaml").exists() && !at("old.yaml").exists());
}

#[test]
fn what_an_environment_leaves_that_is_named_no_more_is_shown_and_removed() {
    let folder = folder(&common::small(), "port: metrics");
    let made = write(folder.path()).unwrap();
    fs::write(folder.path().join("production/mine.yaml"), "mine: true\n").unwrap();
    let path = folder.path().join("metrics-kube.yaml");
    let settings = fs::read_to_string(&path).unwrap().replace("production:", "live:");
    fs::write(&path, settings).unwrap();
    write(folder.path()).unwrap();
    for name in &made {
        assert!(!folder.path().join(name).exists(), "{name}");
    }
    assert!(folder.path().join("production/mine.yaml").exists());
    check(folder.path()).unwrap();

    let left = folder.path().join("production/hpa.yaml");
    fs::copy(folder.path().join("live/hpa.yaml"), &left).unwrap();
    let error = check(folder.path()).unwrap_err().to_string();
    assert!(error.contains("--- production/hpa.yaml"), "{error}");
    assert!(!error.contains("mine.yaml"), "{error}");
    assert_eq!(write(folder.path()).unwrap(), ["production/hpa.yaml"]);
    assert!(!left.exists());
}

#[test]
fn a_test_of_the_user_says_how_to_mend() {
    let folder = folder(&common::small(), "port: metrics");
    let panic = std::panic::catch_unwind(|| metrics_kube::assert_up_to_date(folder.path())).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    let mend = format!("To mend it: metrics-kube {}, or this test with METRICS_KUBE_MEND=1", folder.path().display());
    assert!(text.ends_with(&mend), "{text}");
}

#[test]
fn the_command_writes_settings_the_first_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("catalogue.json"), common::small().json()).unwrap();
    let first = |deploy: &str, more: &str| {
        let line = format!("{} {} {more}", path(deploy), path("catalogue.json"));
        run(line.split_whitespace().map(str::to_owned)).map_err(|error| error.to_string())
    };
    let given = "--environment production --namespace jobs --workload worker";
    assert!(first("deploy", &format!("{given} --max-replicas 3 --group-labels cluster")).unwrap().contains("hpa.yaml"));
    let settings = fs::read_to_string(path("deploy/metrics-kube.yaml")).unwrap();
    assert!(settings.contains("catalogues:\n- ../catalogue.json\n"), "{settings}");
    assert!(settings.contains("max_replicas: 3\n"), "{settings}");
    assert_eq!(run([path("deploy"), "--check".to_owned()]).unwrap(), format!("{} is up to date\n", path("deploy")));
    assert_eq!(run([path("deploy")]).unwrap(), format!("{}: nothing to change\n", path("deploy")));

    let again = first("deploy", given).unwrap_err();
    assert!(again.contains("exists and holds the catalogues and options; change them there, then say"), "{again}");
    let twice = first("other", &format!("{given} --scaler adapter --scaler keda")).unwrap_err();
    assert!(twice.contains("two scalers on one workload fight over its replicas"), "{twice}");
    assert_eq!(
        first("other", "--namespace jobs").unwrap_err(),
        "`--environment` is missing; give the environment a name, such as `--environment production`"
    );
    assert!(!Path::new(&path("other")).exists());
    assert_eq!(
        run(Vec::new()).unwrap_err().to_string(),
        "no folder is given; say `metrics-kube deploy`, for example, or `metrics-kube --help`"
    );
}

#[test]
fn another_schema_is_refused() {
    let error = |text: &str| metrics_kube::read_catalogue(text).unwrap_err().to_string();
    assert_eq!(
        error("{\"schema\": \"metrics-catalogue/2\"}"),
        "this is a catalogue of schema `metrics-catalogue/2`, and this program reads `metrics-catalogue/1`; use the \
         same version of both crates"
    );
    assert!(error("[]").ends_with("a program writes one with `Catalogue::json()`"), "{}", error("[]"));
}
