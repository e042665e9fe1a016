//! Records what it is told and prints the exposition: the other half of `tests/foreign/check.py`.
//!
//! The argument is a format: `text`, `text-utf8`, `openmetrics` or `protobuf`. Each line of the input is one record, its
//! fields separated by spaces and texts in hexadecimal:
//!
//! `<counter|integer|gauge|histogram> <name> <help> <value of label a> <value of label b> <number>...`

use std::collections::HashMap;
use std::error::Error;
use std::io::{self, BufRead, Write};
use std::str::FromStr;

use metrics_core::{Counter, Descriptor, DynamicFamily, Format, Gauge, Histogram, MetricType, Registry};

enum Recorder {
    Counter(DynamicFamily<Counter<f64>>),
    Integer(DynamicFamily<Counter>),
    Gauge(DynamicFamily<Gauge<f64>>),
    Histogram(DynamicFamily<Histogram>),
}

fn main() -> Result<(), Box<dyn Error>> {
    let format = match std::env::args().nth(1).as_deref() {
        Some("text") => Format::Text,
        Some("text-utf8") => Format::TextUtf8,
        Some("openmetrics") => Format::OpenMetrics,
        Some("protobuf") => Format::Protobuf,
        other => return Err(format!("{other:?} is no format: give text, text-utf8, openmetrics or protobuf").into()),
    };
    let registry = Registry::new();
    let mut recorders = HashMap::new();
    for line in io::stdin().lock().lines() {
        record(&registry, &mut recorders, &line?)?;
    }
    let mut exposition = registry.exposition(format);
    let mut piece = Vec::new();
    let mut more = true;
    while more {
        more = exposition.next_piece(&mut piece);
        io::stdout().write_all(&piece)?;
        piece.clear();
    }
    Ok(())
}

fn record(registry: &Registry, recorders: &mut HashMap<String, Recorder>, line: &str) -> Result<(), Box<dyn Error>> {
    let fields: Vec<&str> = line.split(' ').collect();
    let [kind, name, help, a, b, numbers @ ..] = fields.as_slice() else {
        return Err(format!("{line:?} has less than five fields").into());
    };
    if !recorders.contains_key(*name) {
        recorders.insert(name.to_string(), register(registry, kind, name, text(help)?)?);
    }
    let (a, b) = (text(a)?, text(b)?);
    let labels = [Some(a.as_str()), Some(b.as_str())];
    match &recorders[*name] {
        Recorder::Counter(family) => each(numbers, |number| family.with(&labels).add(number))?,
        Recorder::Integer(family) => each(numbers, |number| family.with(&labels).add(number))?,
        Recorder::Gauge(family) => each(numbers, |number| family.with(&labels).set(number))?,
        Recorder::Histogram(family) => {
            // Looking it up makes the series, also where nothing is observed.
            let histogram = family.with(&labels);
            each(numbers, |number| histogram.observe(number))?;
        }
    }
    Ok(())
}

fn register(registry: &Registry, kind: &str, name: &str, help: String) -> Result<Recorder, Box<dyn Error>> {
    let descriptor = |kind| {
        let mut descriptor = Descriptor::new(kind, name, help);
        descriptor.add_label("a").add_label("b");
        descriptor
    };
    Ok(match kind {
        "counter" => Recorder::Counter(registry.register_dynamic(descriptor(MetricType::Counter))?),
        "integer" => Recorder::Integer(registry.register_dynamic(descriptor(MetricType::Counter))?),
        "gauge" => Recorder::Gauge(registry.register_dynamic(descriptor(MetricType::Gauge))?),
        "histogram" => {
            let mut descriptor = descriptor(MetricType::Histogram);
            descriptor.buckets = Some(vec![0.001, 0.5, 1.0, 250.0, 1e6].into());
            Recorder::Histogram(registry.register_dynamic(descriptor)?)
        }
        other => return Err(format!("{other:?} is no type").into()),
    })
}

fn each<N: FromStr>(numbers: &[&str], mut record: impl FnMut(N)) -> Result<(), N::Err> {
    numbers.iter().try_for_each(|number| number.parse().map(&mut record))
}

/// A text in hexadecimal.
fn text(digits: &str) -> Result<String, Box<dyn Error>> {
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2).unwrap_or("odd"), 16);
    let bytes: Result<Vec<u8>, _> = (0..digits.len()).step_by(2).map(byte).collect();
    Ok(String::from_utf8(bytes?)?)
}
