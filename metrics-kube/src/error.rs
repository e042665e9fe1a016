//! What can be wrong with options or declarations?

use std::fmt;

/// Why nothing was written. The text names the option or the metric, and what would be right.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    message: String,
}

/// What this crate's functions return.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// The same error, said to be at `place`.
    pub(crate) fn at(self, place: impl fmt::Display) -> Self {
        Self { message: format!("{place}: {}", self.message) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({})", self.message)
    }
}

impl std::error::Error for Error {}

/// An [`Error`] with a formatted text.
macro_rules! error {
    ($($text:tt)*) => { $crate::error::Error::new(format!($($text)*)) };
}
pub(crate) use error;
