//! Records what it is told and prints the exposition: the other half of `tests/foreign/check.py`.
//!
//! The argument is a format: `text`, `text-utf8`, `openmetrics` or `protobuf`. Each line of the input is one record, its
//! fields separated by spaces and texts in hexadecimal:
//!
//! `<counter|integer|gauge|histogram|info> <name> <help> <value of label a> <value of label b> <number>...`
//!
//! A number of a counter or a histogram may bring an exemplar: `<number>#<labels>#<seconds>.<nanoseconds>`, its labels as
//! `<name>=<value>` separated by commas, the values in hexadecimal. An info has no numbers.

use std::collections::HashMap;
use std::error::Error;
use std::io::{self, BufRead, Write};
use std::str::FromStr;
use std::time::Duration;

use metrics_core::encode::{Exemplar, Timestamp};
use metrics_core::{Counter, Descriptor, DynamicFamily, Format, Gauge, Histogram, MetricType, Registry};

enum Recorder {
    Counter(DynamicFamily<Counter<f64>>),
    Integer(DynamicFamily<Counter>),
    Gauge(DynamicFamily<Gauge<f64>>),
    Histogram(DynamicFamily<Histogram>),
    /// Each is registered by itself.
    Info(Box<Descriptor>),
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
        recorders.insert(name.to_string(), register(registry, kind, name, &text(help)?)?);
    }
    let (a, b) = (text(a)?, text(b)?);
    let labels = [Some(a.as_str()), Some(b.as_str())];
    match &recorders[*name] {
        Recorder::Counter(family) => each(numbers, |number, exemplar| match exemplar {
            Some(exemplar) => family.with(&labels).add_with_exemplar(number, &exemplar(number)),
            None => family.with(&labels).add(number),
        })?,
        Recorder::Integer(family) => each(numbers, |number: u64, exemplar| match exemplar {
            Some(exemplar) => family.with(&labels).add_with_exemplar(number, &exemplar(number as f64)),
            None => family.with(&labels).add(number),
        })?,
        Recorder::Gauge(family) => each(numbers, |number, _| family.with(&labels).set(number))?,
        Recorder::Histogram(family) => {
            // Looking it up makes the series, also where nothing is observed.
            let histogram = family.with(&labels);
            each(numbers, |number, exemplar| match exemplar {
                Some(exemplar) => histogram.observe_with_exemplar(number, &exemplar(number)),
                None => histogram.observe(number),
            })?;
        }
        Recorder::Info(descriptor) => registry.register_info(*descriptor.clone(), &[("a", &a), ("b", &b)])?,
    }
    Ok(())
}

fn register(registry: &Registry, kind: &str, name: &str, help: &str) -> Result<Recorder, Box<dyn Error>> {
    let plain = |kind| Descriptor::new(kind, name, help.to_owned());
    let descriptor = |kind| {
        let mut descriptor = plain(kind);
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
        "info" => Recorder::Info(Box::new(plain(MetricType::Info))),
        other => return Err(format!("{other:?} is no type").into()),
    })
}

/// An exemplar of this value.
type MakeExemplar = Box<dyn Fn(f64) -> Exemplar>;

/// Records each number, with the exemplar that it brings.
fn each<N>(numbers: &[&str], mut record: impl FnMut(N, Option<MakeExemplar>)) -> Result<(), Box<dyn Error>>
where
    N: FromStr<Err: Error + 'static>,
{
    for number in numbers {
        match number.split_once('#') {
            Some((number, brought)) => record(number.parse()?, Some(exemplar(brought)?)),
            None => record(number.parse()?, None),
        }
    }
    Ok(())
}

/// Reads `<labels>#<seconds>.<nanoseconds>`.
fn exemplar(brought: &str) -> Result<MakeExemplar, Box<dyn Error>> {
    let (labels, time) = brought.split_once('#').ok_or_else(|| format!("{brought:?} has no time"))?;
    let (seconds, nanoseconds) = time.split_once('.').ok_or_else(|| format!("{time:?} has no nanoseconds"))?;
    let at = Timestamp::from_epoch(Duration::new(seconds.parse()?, nanoseconds.parse()?));
    let labels = labels.split(',').filter(|label| !label.is_empty()).map(|label| {
        let (name, value) = label.split_once('=').ok_or_else(|| format!("{label:?} has no value"))?;
        Ok::<_, Box<dyn Error>>((name.to_owned(), text(value)?))
    });
    let labels: Vec<_> = labels.collect::<Result<_, _>>()?;
    Ok(Box::new(move |value| {
        let mut exemplar = Exemplar::new(value, at);
        for (name, value) in &labels {
            exemplar.push_label(name, value);
        }
        exemplar
    }))
}

/// A text in hexadecimal.
fn text(digits: &str) -> Result<String, Box<dyn Error>> {
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2).unwrap_or("odd"), 16);
    let bytes: Result<Vec<u8>, _> = (0..digits.len()).step_by(2).map(byte).collect();
    Ok(String::from_utf8(bytes?)?)
}
