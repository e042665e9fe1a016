//! Can another program read every query that is written?

mod common;

use metrics_kube::{Artefact, generate};
use promql_parser::parser;
use yaml_serde::Value;

/// What stands for Grafana's variables and the adapter's template when a query is read.
const STAND_INS: [(&str, &str); 8] = [
    ("$__rate_interval", "1m"),
    ("$namespace", "shop"),
    ("$job", "shop-backend"),
    ("$cluster", "east"),
    ("$app_kubernetes_io_name", "mailer"),
    ("<<.Series>>", "a_series"),
    ("<<.LabelMatchers>>", "namespace=\"shop\",pod=~\"a|b\""),
    ("<<.GroupBy>>", "pod"),
];

/// The members that hold queries: of rules, panels, KEDA's triggers and the adapter's rules.
const MEMBERS: [&str; 6] = ["expr", "query", "metricsQuery", "seriesQuery", "containerQuery", "nodeQuery"];

fn all() -> Vec<Artefact> {
    ["shop", "ways", "native", "small"].iter().flat_map(|name| generate(common::fixture(name)).unwrap()).collect()
}

fn queries(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Mapping(members) => {
            for (name, member) in members {
                match (name.as_str(), member.as_str()) {
                    (Some(name), Some(text)) if MEMBERS.contains(&name) => found.push(text.to_owned()),
                    _ => queries(member, found),
                }
            }
        }
        Value::Sequence(items) => items.iter().for_each(|item| queries(item, found)),
        _ => {}
    }
}

#[test]
fn every_query_parses() {
    let mut count = 0;
    for file in all().iter().filter(|file| file.name.ends_with(".yaml") || file.name.ends_with(".json")) {
        let mut found = Vec::new();
        queries(&yaml_serde::from_str(&file.content).unwrap(), &mut found);
        // A dashboard's variables are asked for with `label_values`, which is Grafana's own.
        for query in found.iter().filter(|query| !query.starts_with("label_values(") && *query != "prometheus") {
            let plain = STAND_INS.iter().fold(query.clone(), |text, (from, to)| text.replace(from, to));
            parser::parse(&plain).unwrap_or_else(|cause| panic!("{}: {cause}: {plain}", file.name));
            assert!(!plain.contains(['$', '<']) || plain.contains("< Inf"), "{}: left over in {plain}", file.name);
            count += 1;
        }
    }
    assert!(count > 300, "only {count} queries were found");
}

#[test]
fn nothing_that_scales_invents_a_value() {
    let scaling = ["prometheus-adapter.yaml", "prometheus-adapter-values.yaml", "scaledobject.yaml"];
    let files = all();
    let files: Vec<_> = files.iter().filter(|file| scaling.iter().any(|name| file.name.ends_with(name))).collect();
    assert!(files.len() > 5);
    for file in files {
        assert!(!file.content.contains("vector("), "{}", file.name);
        assert!(!file.content.contains(" or "), "{}", file.name);
    }
}
