//! How does a rule word its finding where nothing can be allocated?

/// The room for one message; what does not fit is cut off.
const ROOM: usize = 1024;

/// A text that can be put together in a constant, and raised as a compile error from there.
#[derive(Clone, Copy)]
pub(crate) struct Message {
    bytes: [u8; ROOM],
    length: usize,
}

impl Message {
    /// Starts with this text.
    pub(crate) const fn new(text: &str) -> Self {
        Self { bytes: [0; ROOM], length: 0 }.text(text)
    }

    /// Goes on with this text.
    pub(crate) const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut end = if text.len() < ROOM - self.length { text.len() } else { ROOM - self.length };
        // Never half a character: `as_str` would show nothing at all.
        while end < text.len() && text[end] & 0b1100_0000 == 0b1000_0000 {
            end -= 1;
        }
        let mut at = 0;
        while at < end {
            self.bytes[self.length + at] = text[at];
            at += 1;
        }
        self.length += end;
        self
    }

    /// Goes on with this name, as code.
    pub(crate) const fn quoted(self, name: &str) -> Self {
        self.text("`").text(name).text("`")
    }

    /// Goes on with this number.
    pub(crate) const fn number(self, number: u128) -> Self {
        const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
        let digit = DIGITS[(number % 10) as usize];
        if number < 10 { self.text(digit) } else { self.number(number / 10).text(digit) }
    }

    /// Goes on with the part of `text` from `start` to `end`, both at ASCII characters.
    pub(crate) const fn part(self, text: &str, start: usize, end: usize) -> Self {
        let (head, _) = text.as_bytes().split_at(end);
        let (_, part) = head.split_at(start);
        match core::str::from_utf8(part) {
            Ok(part) => self.text(part),
            Err(_) => self,
        }
    }

    /// What has been put together.
    pub(crate) const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Message, ROOM};

    #[test]
    fn numbers_are_decimal() {
        assert_eq!(Message::new("").number(0).text(" ").number(4097).text(" ").number(10).as_str(), "0 4097 10");
    }

    #[test]
    fn what_does_not_fit_is_cut_between_characters() {
        let text = "é".repeat(ROOM);
        let message = Message::new("x").text(&text);
        assert_eq!(message.as_str().len(), ROOM - 1);
        assert!(message.as_str().ends_with('é'));
        assert_eq!(message.text("€").as_str().len(), ROOM - 1);
    }
}
