//! Which build runs?

use metrics_core::descriptor::{LabelDescriptor, LabelValues};
use metrics_core::{Declaration, Descriptor, Error, MetricType, Registry};

const BUILD: Declaration = Declaration::new(MetricType::Info, "build_info", "The build that runs.");
/// The labels that [`register_build_info!`] gives by itself.
const LABELS: [&str; 2] = ["crate", "version"];

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

/// Tells a catalogue what [`register_build_info!`] registers, with the labels that the program adds to crate and version. Their
/// values are left to the run, for generated files would otherwise change with every release:
/// `Catalogue::new().with_group("Build", metrics_os::describe_build_info(&["revision"]))`.
pub fn describe_build_info(added: &[&'static str]) -> impl FnOnce(&mut dyn FnMut(Descriptor)) {
    move |describe| {
        let mut descriptor = Descriptor::from(BUILD);
        let label = |name: &&'static str| LabelDescriptor {
            name: (*name).into(),
            values: LabelValues::Dynamic,
            optional: false,
        };
        descriptor.labels.extend(LABELS.iter().chain(added).map(label));
        describe(descriptor);
    }
}

/// What [`register_build_info!`] calls.
pub fn register_build_info(registry: &Registry, labels: &[(&str, &str)]) -> Result<(), Error> {
    registry.register_info(BUILD, labels)
}
