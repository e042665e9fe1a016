//! What is one family in a scrape? All members with one name, which differ in their constant labels.

use std::any::Any;
use std::sync::Arc;

use crate::descriptor::Descriptor;
use crate::family::Source;

/// One registered definition.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) descriptor: Arc<Descriptor>,
    pub(crate) source: Arc<dyn Source>,
    /// The same, to be handed back under its own type.
    pub(crate) handle: Arc<dyn Any + Send + Sync>,
}

/// The members of one name, by their constant labels.
#[derive(Clone, Default)]
pub(crate) struct Group {
    pub(crate) members: Vec<Member>,
}
