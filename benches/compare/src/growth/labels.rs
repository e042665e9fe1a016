//! What does a look-up cost by the number of labels?

use std::sync::Arc;
use std::time::Duration;

use benches::measure::{Plan, measure, wrong_totals};
use benches::rows::{HANDLES, Row, rotate};
use fast_telemetry::DynamicCounter;
use metrics_core::{
    Counter, Declaration, Family, LabelDeclaration, LabelSet, LabelValues, LabelVisitor, MetricType, Registry,
};
use prometheus::{IntCounterVec, Opts};

use super::{Curve, Picture, Point};
use crate::peers::OURS;

/// As many as the longest set has.
const NAMES: [&str; 8] = ["method", "route", "code", "tenant", "region", "version", "protocol", "cache"];
const DECLARED: [LabelDeclaration; 8] = {
    let mut declared = [LabelDeclaration::new(NAMES[0], LabelValues::Dynamic); 8];
    let mut at = 0;
    while at < NAMES.len() {
        declared[at] = LabelDeclaration::new(NAMES[at], LabelValues::Dynamic);
        at += 1;
    }
    declared
};

/// So many borrowed texts.
#[derive(Clone, Copy)]
struct Labels<'a, const N: usize>([&'a str; N]);

impl<const N: usize> LabelSet for Labels<'_, N> {
    type Schema = Labels<'static, N>;
    const LABELS: &'static [LabelDeclaration] = DECLARED.split_at(N).0;

    #[inline]
    fn index(&self) -> usize {
        0
    }

    #[inline]
    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        self.0.iter().for_each(|text| visitor.text(text));
    }
}

pub(super) fn pictures(rounds: usize) -> Result<Vec<Picture>, String> {
    let by_number =
        [rows::<1>(), rows::<2>(), rows::<3>(), rows::<4>(), rows::<5>(), rows::<6>(), rows::<7>(), rows::<8>()];
    let names: Vec<&'static str> = by_number[0].iter().map(|row| row.name).collect();
    let rows: Vec<Row> = by_number.into_iter().flatten().collect();
    let times = measure(&rows, &Plan { rounds, slice: Duration::from_millis(1), threads: vec![1] });
    let wrong = wrong_totals(&rows, &times);
    if !wrong.is_empty() {
        return Err(wrong.join("\n"));
    }
    let curve = |(at, name): (usize, &&str)| {
        let point = |number: usize| Point::new(number as f64 + 1.0, times.of(number * names.len() + at, 0));
        Curve { name: (*name).to_owned(), points: (0..NAMES.len()).map(point).collect() }
    };
    Ok(vec![Picture {
        file: "labels",
        title: "Adding to a known series, looked up by borrowed texts; 64 series".to_owned(),
        x: "labels",
        y: "ns an operation",
        logarithmic: false,
        curves: names.iter().enumerate().map(curve).collect(),
    }])
}

fn rows<const N: usize>() -> Vec<Row> {
    vec![ours::<N>(), prometheus_row::<N>(), fast_telemetry_row::<N>()]
}

/// 64 sets that differ in their first text, as routes do.
fn texts<const N: usize>() -> [[String; N]; HANDLES] {
    std::array::from_fn(|at| {
        std::array::from_fn(|label| if label == 0 { format!("/api/v1/items/{at}") } else { format!("value-{label}") })
    })
}

fn ours<const N: usize>() -> Row {
    let declaration = Declaration::new(MetricType::Counter, "c_total", "C.");
    let family: Family<Labels<'static, N>, Counter> = Registry::new().register(declaration).expect("it is right");
    let (texts, known, read) = (texts::<N>(), texts::<N>(), family.clone());
    let work = move |operations| {
        let sets: [Labels<'_, N>; HANDLES] = std::array::from_fn(|at| Labels(texts[at].each_ref().map(String::as_str)));
        rotate(&sets, operations, |labels| family.with(labels).inc());
    };
    let value = move |texts: &[String; N]| read.with(&Labels(texts.each_ref().map(String::as_str))).value();
    Row::new(OURS, work, move || known.iter().map(&value).sum())
}

fn prometheus_row<const N: usize>() -> Row {
    let family = IntCounterVec::new(Opts::new("c_total", "C."), &NAMES[..N]).expect("it is right");
    let (texts, known, read) = (texts::<N>(), texts::<N>(), family.clone());
    let work = move |operations| {
        rotate(&texts, operations, |texts| family.with_label_values(&texts.each_ref().map(String::as_str)).inc());
    };
    let value = move |texts: &[String; N]| read.with_label_values(&texts.each_ref().map(String::as_str)).get();
    Row::new("prometheus", work, move || known.iter().map(&value).sum())
}

fn fast_telemetry_row<const N: usize>() -> Row {
    let family = Arc::new(DynamicCounter::new(benches::measure::cores()));
    let (texts, read) = (texts::<N>(), family.clone());
    let work = move |operations| {
        rotate(&texts, operations, |texts| {
            let labels: [(&str, &str); N] = std::array::from_fn(|label| (NAMES[label], texts[label].as_str()));
            family.inc(&labels);
        });
    };
    Row::new("fast-telemetry", work, move || read.sum_all() as u64)
}
