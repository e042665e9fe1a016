#[automatically_derived]
#[allow(deprecated)]
impl ::metrics_core::LabelValue for Outcome {
    const VALUES: &'static [&'static ::core::primitive::str] = &["paid", "failed", "other"];
    #[inline]
    fn index(self) -> ::core::primitive::usize {
        match self {
            Self::Paid => 0usize,
            Self::Failed => 1usize,
            Self::Other => 2usize,
        }
    }
}
#[automatically_derived]
#[allow(deprecated)]
impl ::core::convert::From<&::core::primitive::str> for Outcome {
    fn from(text: &::core::primitive::str) -> Self {
        match text {
            "paid" => Self::Paid,
            "failed" => Self::Failed,
            _ => Self::Other,
        }
    }
}
