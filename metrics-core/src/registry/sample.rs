//! What is the value of one series, for a test that asserts without parsing?

use std::time::Duration;

use super::{Collected, Reader, Registry};
use crate::descriptor::Descriptor;
use crate::encode::{Encoder, HistogramValue, Number, RowError, SummaryValue};
use crate::family::{Pass, Progress};

/// See [`Registry::sample`].
pub(crate) fn sample(registry: &Registry, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let groups = registry.groups();
    let is_asked_for = |family: &str| match name.strip_prefix(family) {
        Some(suffix) => ["", "_count", "_sum", "_bucket"].contains(&suffix),
        None => false,
    };
    let members = groups.iter().flat_map(|group| group.members.iter());
    let members = members.filter(|member| is_asked_for(&member.descriptor.name));
    let mut search = Search { name, labels, descriptor: None, row: Vec::new(), found: None };
    for member in members {
        search.begin_family(&member.descriptor);
        let mut pass = Pass {
            reader: &mut Reader::new(),
            encoder: &mut search,
            out: &mut Vec::new(),
            limit: usize::MAX,
            left_out: 0,
            elsewhere: Duration::ZERO,
            collected: &mut Collected::default(),
        };
        let mut progress = Progress::default();
        while !member.source.write(&mut progress, &mut pass) {}
    }
    search.found
}

/// An "encoder" that keeps the value of the series that it looks for.
struct Search<'a> {
    name: &'a str,
    labels: &'a [(&'a str, &'a str)],
    descriptor: Option<Descriptor>,
    row: Vec<(String, String)>,
    found: Option<f64>,
}

impl Search<'_> {
    /// Takes a value if the row has the labels that are looked for, `extra` included.
    fn take(&mut self, suffix: &str, extra: Option<(&str, &str)>, value: f64) {
        let Some(descriptor) = &self.descriptor else { return };
        let has = |(name, value): &(&str, &str)| {
            let same = |other: (&str, &str)| other == (*name, *value);
            let own = self.row.iter().chain(&descriptor.const_labels);
            own.map(|(name, value)| (name.as_str(), value.as_str())).chain(extra).any(same)
        };
        let count = self.row.len() + descriptor.const_labels.len() + usize::from(extra.is_some());
        let named = self.name.strip_prefix(descriptor.name.as_str()) == Some(suffix);
        if named && self.labels.len() == count && self.labels.iter().all(has) {
            self.found = Some(value);
        }
    }

    fn distribution(&mut self, count: u64, sum: f64) {
        self.take("_count", None, count as f64);
        self.take("_sum", None, sum);
    }
}

impl Encoder for Search<'_> {
    fn begin_family(&mut self, descriptor: &Descriptor) {
        self.descriptor = Some(descriptor.clone());
    }

    fn start_row(&mut self) {
        self.row.clear();
    }

    fn label(&mut self, index: usize, value: &[u8]) {
        let label = self.descriptor.as_ref().and_then(|descriptor| descriptor.labels.get(index));
        if let Some(label) = label {
            self.row.push((label.name.clone().into_owned(), String::from_utf8_lossy(value).into_owned()));
        }
    }

    fn counter(&mut self, _: &mut Vec<u8>, value: Number) -> Result<(), RowError> {
        self.take("", None, value.as_f64());
        Ok(())
    }

    fn gauge(&mut self, _: &mut Vec<u8>, value: Number) -> Result<(), RowError> {
        self.take("", None, value.as_f64());
        Ok(())
    }

    fn histogram(&mut self, _: &mut Vec<u8>, value: &HistogramValue<'_>) -> Result<(), RowError> {
        let mut count = 0;
        for (at, in_bucket) in value.counts.iter().enumerate() {
            count += in_bucket;
            let bound = value.bounds.get(at).copied().unwrap_or(f64::INFINITY);
            for bound in crate::encode::bucket_labels(bound) {
                self.take("_bucket", Some(("le", &bound)), count as f64);
            }
        }
        self.distribution(count, value.sum);
        Ok(())
    }

    fn summary(&mut self, _: &mut Vec<u8>, value: &SummaryValue<'_>) -> Result<(), RowError> {
        self.distribution(value.count, value.sum);
        Ok(())
    }

    fn info(&mut self, _: &mut Vec<u8>) -> Result<(), RowError> {
        self.take("", None, 1.0);
        Ok(())
    }

    fn state_set(&mut self, _: &mut Vec<u8>, states: &[(&str, bool)]) -> Result<(), RowError> {
        let Some(name) = self.descriptor.as_ref().map(|descriptor| descriptor.name.clone()) else { return Ok(()) };
        for (state, on) in states {
            self.take("", Some((&name, state)), f64::from(u8::from(*on)));
        }
        Ok(())
    }

    fn finish(&mut self, _: &mut Vec<u8>) {}
}
