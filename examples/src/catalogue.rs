//! What does a program declare? Every example answers that with `--catalogue`, and starts nothing.

use metrics_core::Registry;
use metrics_core::catalogue::Catalogue;

/// The option of every example.
pub const OPTION: &str = "catalogue";

/// Whether `--catalogue` was asked for; it is printed then.
pub fn printed(catalogue: impl FnOnce() -> Catalogue) -> bool {
    let asked = std::env::args().skip(1).any(|argument| argument.strip_prefix("--") == Some(OPTION));
    if asked {
        print!("{}", catalogue().json());
    }
    asked
}

/// The same of what is registered already, where no type and no configuration tells it all.
pub fn printed_of(registry: &Registry) -> bool {
    printed(|| of(registry))
}

/// Everything in a registry as one group.
pub fn of(registry: &Registry) -> Catalogue {
    Catalogue::new().with_group("Metrics", |describe| registry.descriptors().into_iter().for_each(describe))
}
