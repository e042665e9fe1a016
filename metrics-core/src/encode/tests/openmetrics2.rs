//! Is whatever a registry holds read back from OpenMetrics 2.0, whose values have parts?

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::Format;
use super::exposed_text;
use super::parse::{Sample, Told, parse};
use super::round_trip::{Content, Labels, assert_some_of, content, native_buckets, number, record, same};

/// The value of the one sample of this name and these labels, without what stands behind it, and its exemplars.
fn value<'a>(samples: &'a [Sample], content: &Content, name: &str, labels: &Labels) -> (&'a str, &'a [Told]) {
    let row = content.row(labels);
    let mut found = samples.iter().filter(|sample| sample.name == name && sample.labels == row);
    let sample = found.next().unwrap_or_else(|| panic!("no {name}{row:?}"));
    assert!(found.next().is_none(), "{name}{row:?} comes once");
    let (value, start) = sample.value.split_once(" st@").expect("what counts tells since when");
    assert!(number(start) > 1e9);
    (value, &sample.exemplars)
}

/// `{part:text,part:[a,b]}` by part.
fn parts(value: &str) -> BTreeMap<&str, &str> {
    let mut rest = value.strip_prefix('{').and_then(|value| value.strip_suffix('}')).expect("a value with parts");
    let mut parts = BTreeMap::new();
    while !rest.is_empty() {
        let (name, behind) = rest.split_once(':').expect("a part has a name");
        let end = match behind.strip_prefix('[') {
            Some(list) => list.find(']').expect("a list ends") + 2,
            None => behind.find(',').unwrap_or(behind.len()),
        };
        assert!(parts.insert(name, behind[..end].trim_start_matches('[').trim_end_matches(']')).is_none(), "{value}");
        rest = behind[end..].strip_prefix(',').unwrap_or(&behind[end..]);
    }
    parts
}

fn list<'a>(parts: &BTreeMap<&str, &'a str>, name: &str) -> Vec<&'a str> {
    parts.get(name).map_or_else(Vec::new, |list| list.split(',').collect())
}

/// Index and count of the occupied buckets.
fn side(parts: &BTreeMap<&str, &str>, side: &str) -> Vec<(i32, u64)> {
    let mut counts = list(parts, &format!("{side}_buckets")).into_iter().map(|count| count.parse::<u64>().unwrap());
    let (mut index, mut buckets) = (0, Vec::new());
    for span in list(parts, &format!("{side}_spans")) {
        let (offset, length) = span.split_once(':').unwrap();
        index += offset.parse::<i32>().unwrap();
        for count in counts.by_ref().take(length.parse().unwrap()) {
            buckets.push((index, count));
            index += 1;
        }
    }
    assert!(counts.next().is_none(), "spans and buckets agree");
    buckets.retain(|(_, count)| *count > 0);
    buckets
}

fn assert_read_back(content: &Content) {
    let parsed = parse(&exposed_text(&record(content), Format::OpenMetrics2));
    for (row, (labels, expected)) in content.counters.iter().enumerate() {
        let (value, told) = value(&parsed.samples, content, "c_total", labels);
        assert!(same(number(value), *expected));
        assert_eq!(told, content.counter_told(row, *expected));
    }
    for labels in &content.infos {
        let infos = parsed.samples.iter().filter(|sample| sample.name == "x_info");
        let values: Vec<_> = infos.filter(|info| info.labels == content.row(labels)).map(|info| &info.value).collect();
        assert_eq!(values, ["1"]);
    }
    for (row, (labels, values)) in content.histograms.iter().enumerate() {
        let (value, told) = value(&parsed.samples, content, "h", labels);
        assert_eq!(told, content.told_by_bucket(row, values).into_iter().flatten().collect::<Vec<_>>());
        let parts = parts(value);
        let buckets: Vec<(f64, u64)> = list(&parts, "bucket")
            .iter()
            .map(|bucket| bucket.split_once(':').unwrap())
            .map(|(bound, count)| (number(bound), count.parse().unwrap()))
            .collect();
        let bounds = content.bounds.iter().copied().chain([f64::INFINITY]);
        assert_eq!(buckets, bounds.zip(content.cumulative(values)).collect::<Vec<_>>());
        assert_eq!(number(parts["count"]), values.len() as f64);
        assert!(same(number(parts["sum"]), values.iter().sum()));
    }
    for (row, (labels, values)) in content.natives.iter().enumerate() {
        let (value, told) = value(&parsed.samples, content, "n", labels);
        assert_some_of(told, &content.all_told(row, values));
        let parts = parts(value);
        let ([positive, negative], zero) = native_buckets(values, parts["schema"].parse().unwrap());
        assert_eq!((side(&parts, "positive"), side(&parts, "negative")), (positive, negative));
        assert_eq!((number(parts["zero_count"]), number(parts["count"])), (zero as f64, values.len() as f64));
        assert!(same(number(parts["sum"]), values.iter().sum()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_counts_is_read_back(content in content()) {
        assert_read_back(&content);
    }
}
