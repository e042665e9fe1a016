//! Everything that is declared, without starting the service: the source of all generated configuration.
//!
//! A [`Catalogue`] is built from types ([`Catalogue::with`]) and from plain configuration values
//! ([`Catalogue::with_group`]), never from a registry, so that a build step or a test can print it:
//!
//! ```
//! use metrics_core::catalogue::Catalogue;
//! use metrics_core::{Descriptor, MetricType};
//!
//! let catalogue = Catalogue::new().with_prefix("shop").with_group("Orders", |describe| {
//!     describe(Descriptor::new(MetricType::Counter, "orders_total", "Orders placed."));
//! });
//! assert_eq!(catalogue.metrics().next().unwrap().name, "shop_orders_total");
//! assert!(catalogue.json().starts_with("{\n  \"schema\": \"metrics-catalogue/1\""));
//! assert!(catalogue.markdown().contains("### `shop_orders_total`"));
//! ```

mod build;
mod json;
mod markdown;
mod model;
mod query;

pub use build::Catalogue;
pub use json::SCHEMA;
pub use model::{Bound, Group, Histogram, Label, Metric, Objective};
pub use query::starting_query;
