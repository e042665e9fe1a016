//! What is an exemplar?

use super::name::NameKind;
use super::time::Timestamp;

/// The most code points that an exemplar's label names and values have together.
pub const MAX_CODE_POINTS: usize = 128;

/// One observation that stands for many: its value, when it was made, and labels that lead to its trace.
///
/// Label names are `[a-zA-Z_][a-zA-Z0-9_]*` and different. Names and values have at most [`MAX_CODE_POINTS`] code points together:
/// [`Self::push_label`] leaves out a label that would go beyond, so that recording never fails.
///
/// ```
/// use metrics_core::encode::{Exemplar, Timestamp};
///
/// let mut exemplar = Exemplar::new(0.25, Timestamp::now());
/// assert!(exemplar.push_label("trace_id", "0af7651916cd43dd8448eb211c80319c"));
/// assert!(!exemplar.push_label("body", &"x".repeat(500)));
/// assert_eq!(exemplar.labels().count(), 1);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar {
    value: f64,
    timestamp: Timestamp,
    /// Names and values, one after the other; at most four bytes a code point.
    text: String,
    /// Where each name and each value ends in `text`.
    ends: Vec<u16>,
    code_points: usize,
}

impl Exemplar {
    /// An exemplar without labels.
    pub fn new(value: f64, timestamp: Timestamp) -> Self {
        Self { value, timestamp, text: String::new(), ends: Vec::new(), code_points: 0 }
    }

    /// Adds a label; false if it was left out, because its name is not allowed or taken, or because it is too long.
    pub fn push_label(&mut self, name: &str, value: &str) -> bool {
        let code_points = name.chars().count() + value.chars().count();
        let fits = self.code_points + code_points <= MAX_CODE_POINTS;
        if !fits || !NameKind::Label.is_legacy(name) || self.labels().any(|(taken, _)| taken == name) {
            return false;
        }
        for part in [name, value] {
            self.text.push_str(part);
            // At most 4 * MAX_CODE_POINTS.
            self.ends.push(self.text.len() as u16);
        }
        self.code_points += code_points;
        true
    }

    /// The observed value.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// When it was observed.
    pub fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// Names and values, in the order in which they were added.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut start = 0;
        self.ends.chunks_exact(2).map(move |ends| {
            let (middle, end) = (usize::from(ends[0]), usize::from(ends[1]));
            let label = (&self.text[start..middle], &self.text[middle..end]);
            start = end;
            label
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exemplar() -> Exemplar {
        Exemplar::new(1.0, Timestamp::now())
    }

    #[test]
    fn labels_come_back_in_order() {
        let mut exemplar = exemplar();
        assert!(exemplar.push_label("trace_id", "abc"));
        assert!(exemplar.push_label("span_id", ""));
        assert_eq!(exemplar.labels().collect::<Vec<_>>(), [("trace_id", "abc"), ("span_id", "")]);
    }

    #[test]
    fn code_points_are_counted_not_bytes() {
        let mut exemplar = exemplar();
        assert!(exemplar.push_label("a", &"😱".repeat(127)));
        assert!(!exemplar.push_label("b", ""));
        assert_eq!(exemplar.labels().count(), 1);
    }

    #[test]
    fn names_that_a_reader_refuses_are_left_out() {
        let mut exemplar = exemplar();
        for name in ["", "1a", "a.b", "a:b"] {
            assert!(!exemplar.push_label(name, "x"), "{name:?}");
        }
        assert!(exemplar.push_label("a", "1"));
        assert!(!exemplar.push_label("a", "2"));
        assert_eq!(exemplar.labels().collect::<Vec<_>>(), [("a", "1")]);
    }
}
