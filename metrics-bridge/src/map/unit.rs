//! In what unit are values sent, and what is its base unit?

/// The unit of a foreign metric's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Unit {
    #[default]
    None,
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
    Bytes,
    Kibibytes,
    Mebibytes,
    Gibibytes,
    Tebibytes,
    /// 0 to 100; the base unit is the ratio.
    Percent,
}

impl Unit {
    /// The base unit, which is the suffix of a conventional name.
    pub const fn base(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Seconds | Self::Milliseconds | Self::Microseconds | Self::Nanoseconds => Some("seconds"),
            Self::Bytes | Self::Kibibytes | Self::Mebibytes | Self::Gibibytes | Self::Tebibytes => Some("bytes"),
            Self::Percent => Some("ratio"),
        }
    }

    /// What a value is multiplied with to be in the base unit.
    pub const fn factor(self) -> f64 {
        match self {
            Self::None | Self::Seconds | Self::Bytes => 1.0,
            Self::Milliseconds => 1e-3,
            Self::Microseconds => 1e-6,
            Self::Nanoseconds => 1e-9,
            Self::Kibibytes => 1024.0,
            Self::Mebibytes => 1_048_576.0,
            Self::Gibibytes => 1_073_741_824.0,
            Self::Tebibytes => 1_099_511_627_776.0,
            Self::Percent => 0.01,
        }
    }

    /// The ends of names that tell this unit and are replaced by the base unit's.
    pub(super) const fn suffixes(self) -> &'static [&'static str] {
        match self {
            Self::Milliseconds => &["_ms", "_msec", "_msecs", "_millis", "_milliseconds"],
            Self::Microseconds => &["_us", "_usec", "_micros", "_microseconds"],
            Self::Nanoseconds => &["_ns", "_nsec", "_nanos", "_nanoseconds"],
            Self::Kibibytes => &["_kib", "_kibibytes"],
            Self::Mebibytes => &["_mib", "_mebibytes"],
            Self::Gibibytes => &["_gib", "_gibibytes"],
            Self::Tebibytes => &["_tib", "_tebibytes"],
            Self::Percent => &["_percent", "_pct"],
            Self::None | Self::Seconds | Self::Bytes => &[],
        }
    }
}
