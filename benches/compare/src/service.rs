//! What does a library do with many series? One interface for all of them.

use std::any::Any;

use benches::labels::RequestLabels;

/// A format of exposition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    Text,
    OpenMetrics,
    Protobuf,
}

impl Wire {
    pub const ALL: [Self; 3] = [Self::Text, Self::OpenMetrics, Self::Protobuf];

    /// As it is told.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text 0.0.4",
            Self::OpenMetrics => "OpenMetrics 1.0",
            Self::Protobuf => "protobuf",
        }
    }

    /// From a command line.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wire| format!("{wire:?}") == text)
    }
}

/// What is kept between two scrapes, so that nobody has to allocate it anew.
#[derive(Debug, Default)]
pub struct Buffers {
    pub text: String,
    pub bytes: Vec<u8>,
}

/// Where the bytes go.
pub type Sink<'a> = &'a mut dyn FnMut(&[u8]);

/// A registry with one family of three labels.
pub trait Service: Send + Sync {
    /// Adds to the counter, or observes [`observation`] in the histogram, of these labels.
    fn add(&self, labels: &RequestLabels<'_>, amount: u64);

    /// Writes everything.
    fn encode(&self, wire: Wire, buffers: &mut Buffers, sink: Sink<'_>);
}

/// Makes one for so many series.
pub type Open = fn(series: usize) -> Box<dyn Service>;

/// Registers a counter of each name with a fresh registry; gives back what would be dropped, so that it is dropped later.
pub type Register = fn(names: &'static [String]) -> Box<dyn Any>;

/// What is observed for an amount.
pub fn observation(amount: u64) -> f64 {
    0.0007 * (amount % 9000) as f64
}

/// The name of the family of counters, as its samples have it.
pub const COUNTERS: &str = "requests_total";
/// The name of the family of histograms.
pub const HISTOGRAMS: &str = "duration_seconds";
