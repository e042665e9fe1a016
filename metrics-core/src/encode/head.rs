//! When is a family's head written? With its first row, and once.

/// What stands before a family's rows, until it has been written.
#[derive(Debug, Default)]
pub(crate) struct Head {
    /// The family, by its name.
    family: String,
    text: Vec<u8>,
}

impl Head {
    /// The rows that follow belong to this family. Returns where its head is to be written, nothing if it is the family
    /// that was begun last: members of one family differ in their constant labels and share the head.
    pub(crate) fn begin(&mut self, family: &str) -> Option<&mut Vec<u8>> {
        if self.family == family {
            return None;
        }
        self.family.clear();
        self.family.push_str(family);
        self.text.clear();
        Some(&mut self.text)
    }

    /// Appends the head if no row of its family has been written.
    #[inline]
    pub(crate) fn write(&mut self, out: &mut Vec<u8>) {
        if !self.text.is_empty() {
            out.append(&mut self.text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_written_once_for_all_members() {
        let (mut head, mut out) = (Head::default(), Vec::new());
        // The third member has no row: it leaves the head to the next one.
        for (family, has_row) in [("a", true), ("a", true), ("b", false), ("b", true)] {
            if let Some(text) = head.begin(family) {
                text.extend_from_slice(family.as_bytes());
            }
            if has_row {
                head.write(&mut out);
                out.push(b'R');
            }
        }
        assert_eq!(out, b"aRRbR");
    }
}
