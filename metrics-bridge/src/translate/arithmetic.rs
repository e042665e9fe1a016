//! What are sums and quotients of queries?

use super::TranslateError;
use super::piece::{Binding, Piece, Scene};

impl Scene<'_, '_> {
    pub(super) fn arithmetic(
        &mut self,
        at: usize,
        operator: char,
        left: Piece,
        right: Piece,
    ) -> Result<Piece, TranslateError> {
        let matching = self.matching(at, &left, &right)?;
        let binding = if matches!(operator, '+' | '-') { Binding::Sum } else { Binding::Product };
        // The right side of a - b or a / b needs parentheses where the left does not.
        let after = if binding == Binding::Sum { Binding::Product } else { Binding::Tight };
        let text = format!("{} {operator}{matching} {}", left.at_least(binding), right.at_least(after));
        let groups = match (left.groups, right.groups) {
            (Some(left), Some(right)) => Some(if left.is_empty() { right } else { left }),
            (left, right) => left.or(right),
        };
        if operator == '/' && groups.is_some() {
            self.note("a division by zero is no value in Datadog; here it is NaN or Inf");
        }
        Ok(Piece { text, binding, groups })
    }

    /// How the series of both sides find each other.
    fn matching(&self, at: usize, left: &Piece, right: &Piece) -> Result<&'static str, TranslateError> {
        let (Some(left), Some(right)) = (&left.groups, &right.groups) else { return Ok("") };
        let sorted = |groups: &[String]| {
            let mut groups = groups.to_vec();
            groups.sort_unstable();
            groups
        };
        match (left.is_empty(), right.is_empty()) {
            _ if sorted(left) == sorted(right) => Ok(""),
            (false, true) => Ok(" on () group_left ()"),
            (true, false) => Ok(" on () group_right ()"),
            _ => {
                let advice = format!(
                    "the sides are grouped by {{{}}} and {{{}}}; group both alike, or leave one ungrouped",
                    left.join(", "),
                    right.join(", ")
                );
                Err(TranslateError::new(self.part(at), at, advice))
            }
        }
    }
}
