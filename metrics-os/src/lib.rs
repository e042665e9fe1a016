//! What the operating system knows about the process, as the standard `process_*` metrics, and the build that runs.
//!
//! ```
//! use metrics_core::Registry;
//!
//! let registry = Registry::new();
//! metrics_os::register(&registry)?;
//! metrics_os::register_build_info!(&registry)?;
//! assert!(registry.sample("process_start_time_seconds", &[]).is_some_and(|start| start > 0.0));
//! # Ok::<(), metrics_core::Error>(())
//! ```
#![forbid(unsafe_code)]

mod build;
mod process;

pub use build::describe_build_info;
pub use process::{ProcessCollector, describe, register};

/// What the expansion of [`register_build_info`] names. Not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::build::register_build_info;
}
