//! Which build runs?

use metrics_core::{Declaration, Error, MetricType, Registry};

const BUILD: Declaration = Declaration::new(MetricType::Info, "build_info", "The build that runs.");

/// Registers `build_info` with the name and the version of the crate that calls it, taken when it is compiled: a series
/// whose value is always 1. `register_build_info!(&registry, "revision" = "0a1b2c")` adds labels. Registering the same again
/// is no error.
///
/// ```
/// use metrics_core::Registry;
///
/// let registry = Registry::new();
/// metrics_os::register_build_info!(&registry, "revision" = "0a1b2c")?;
/// assert!(registry.encode_text().contains("revision=\"0a1b2c\"} 1"));
/// # Ok::<(), metrics_core::Error>(())
/// ```
///
/// # Errors
/// If a label is not allowed, or `build_info` is registered with other labels.
#[macro_export]
macro_rules! register_build_info {
    ($registry:expr $(, $name:literal = $value:expr)* $(,)?) => {
        $crate::__private::register_build_info(
            $registry,
            &[("crate", ::core::env!("CARGO_PKG_NAME")), ("version", ::core::env!("CARGO_PKG_VERSION")) $(, ($name, $value))*],
        )
    };
}

/// What [`register_build_info!`] calls.
pub fn register_build_info(registry: &Registry, labels: &[(&str, &str)]) -> Result<(), Error> {
    registry.register_info(BUILD, labels)
}
