//! From the declaration of a metric to everything that Prometheus and Kubernetes need to scale by it.
//!
//! A program prints its [`Catalogue`](metrics_core::catalogue::Catalogue) as JSON; a folder holds it beside the
//! settings ([`Settings`], `metrics-kube.yaml`), and [`generate`] or the command `metrics-kube FOLDER` make of both a
//! folder of files an environment: prometheus-adapter's rules and HorizontalPodAutoscaler, or KEDA's ScaledObject; the
//! scrape object; Prometheus' rules and their tests; a dashboard; a reference page. The guide is `docs/autoscaling.md`.
//!
//! A test keeps them as the code has them:
//!
//! ```no_run
//! # // no_run: the folder is the user's
//! metrics_kube::assert_up_to_date("deploy/");
//! ```
//!
//! | module | question |
//! |---|---|
//! | `settings` | what does the user choose, and what is wrong with it? |
//! | `source` | what do the catalogues declare, as far as something is made of it? |
//! | `generate` | which file says what? |
//! | `kubernetes` | of which members do the objects consist? |
//! | `folder` | what stands on the disk, and what differs? |
#![forbid(unsafe_code)]

mod command;
mod error;
mod folder;
mod generate;
mod kubernetes;
mod promql;
mod settings;
mod source;

pub use command::run;
pub use error::{Error, Result};
pub use folder::{assert_catalogue, assert_up_to_date, check, generate, write};
pub use generate::Artefact;
pub use promql::Span;
pub use settings::{FILE_NAME, FleetValues, Options, ResourceRules, Scaler, Scrape, Settings, WorkloadKind};
pub use source::read_catalogue;
