//! What does a format have to be able to do?

use super::exemplar::Exemplar;
use super::native::NativeValue;
use super::time::Timestamp;
use crate::descriptor::Descriptor;

/// A value as it was recorded: integers stay integers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// An integer that is not negative.
    Unsigned(u64),
    /// An integer.
    Signed(i64),
    /// A float.
    Float(f64),
}

impl Number {
    /// The same as a float, the nearest one where it has too many digits.
    pub(crate) fn as_f64(self) -> f64 {
        match self {
            Self::Unsigned(value) => value as f64,
            Self::Signed(value) => value as f64,
            Self::Float(value) => value,
        }
    }
}

/// A histogram at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HistogramValue<'a> {
    /// Upper bounds without `+Inf`; empty for a native histogram without classic buckets.
    pub(crate) bounds: &'a [f64],
    /// How many observations each bucket has, not cumulative; one more than `bounds`.
    pub(crate) counts: &'a [u64],
    /// The sum of the finite observations.
    pub(crate) sum: f64,
    /// The native buckets, if it has them.
    pub(crate) native: Option<NativeValue<'a>>,
}

/// A summary at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SummaryValue<'a> {
    /// Quantiles in \[0, 1\] and their values, ascending.
    pub(crate) quantiles: &'a [(f64, f64)],
    /// The sum of the observations.
    pub(crate) sum: f64,
    /// How many observations there were.
    pub(crate) count: u64,
}

/// A row that cannot be written in this format; it is left out and counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowError;

/// One exposition format. A walker calls `start_piece` whenever it has a new buffer, `begin_family` once a family, then
/// per row `start_row`, `label` for each label that the series has, `created` and `exemplar` where they are known, and one
/// of the value methods. A family's head is written with its first row, so that a family without rows leaves nothing. On
/// an error a value method has written nothing.
pub(crate) trait Encoder {
    /// What was appended so far has been taken away; what follows goes to another buffer, or to the emptied one.
    fn start_piece(&mut self) {}
    /// The rows that follow belong to this family. Constant labels are the encoder's business: for each member of a
    /// family that has other ones it is called again, and the head is not repeated.
    fn begin_family(&mut self, descriptor: &Descriptor);
    /// A new row without labels yet.
    fn start_row(&mut self);
    /// The row has this label (index into `descriptor.labels`), with this unescaped UTF-8 text, which is not empty.
    fn label(&mut self, index: usize, value: &[u8]);
    /// The row has the label that was told under this key in an earlier row of this member of the family; false, and
    /// nothing is done, if that is not remembered. A key of a label stands for one value; what it is, is the walker's business.
    fn recall_label(&mut self, _index: usize, _key: u32) -> bool {
        false
    }
    /// As [`Self::label`], and to be remembered under this key.
    fn keyed_label(&mut self, index: usize, _key: u32, value: &[u8]) {
        self.label(index, value);
    }
    /// Whether [`Self::created`] makes a difference.
    fn tells_created(&self) -> bool {
        false
    }
    /// The row has counted since then; told after `start_row`. A format that cannot say so does nothing.
    fn created(&mut self, _created: Timestamp) {}
    /// The row has this exemplar, in the classic bucket of this index. Of a counter and of a histogram without classic
    /// buckets, which may have several, the index says nothing. A format that cannot say so does nothing.
    fn exemplar(&mut self, _bucket: usize, _exemplar: &Exemplar) {}
    /// The row is a counter.
    fn counter(&mut self, out: &mut Vec<u8>, value: Number) -> Result<(), RowError>;
    /// The row is a gauge, or of unknown type.
    fn gauge(&mut self, out: &mut Vec<u8>, value: Number) -> Result<(), RowError>;
    /// The row is a histogram.
    fn histogram(&mut self, out: &mut Vec<u8>, value: &HistogramValue<'_>) -> Result<(), RowError>;
    /// The row is a summary.
    fn summary(&mut self, out: &mut Vec<u8>, value: &SummaryValue<'_>) -> Result<(), RowError>;
    /// The row is an info: its labels say everything.
    fn info(&mut self, out: &mut Vec<u8>) -> Result<(), RowError>;
    /// The row is a set of states, each on or off.
    fn state_set(&mut self, out: &mut Vec<u8>, states: &[(&str, bool)]) -> Result<(), RowError>;
    /// No family follows.
    fn finish(&mut self, out: &mut Vec<u8>);
}
