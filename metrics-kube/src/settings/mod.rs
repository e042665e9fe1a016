//! What a user chooses: environments, their options, and the file that holds them.

mod check;
mod environment;
mod file;
mod one_of;
mod options;

pub(crate) use environment::Environment;
pub use file::{FILE_NAME, Settings};
pub use one_of::{FleetValues, ResourceRules, Scaler, Scrape, WorkloadKind};
pub use options::Options;
