//! How is everything written, in pieces and without disturbing anybody?

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::group::Group;
use super::{Collected, Inner, Reader};
use crate::cell::sharded_arc;
use crate::encode::{ContentType, Encoder, encoder_for};
use crate::family::{Pass, Progress};

/// A piece is full when it is longer than this; the last row may reach beyond.
const PIECE: usize = 64 * 1024 - 1024;

/// A piece ends early once collectors and callbacks together have taken this long, so that whoever drives the scrape can
/// do something else, or give it up, before the next one is asked.
const ELSEWHERE: Duration = Duration::from_millis(1);

/// A scrape under way. It owns what it needs and holds no lock; what it keeps is independent of the number of series.
///
/// ```
/// use metrics_core::{Format, Registry};
///
/// let mut exposition = Registry::new().exposition(Format::Text);
/// let mut body = Vec::new();
/// while exposition.next_piece(&mut body) {}
/// assert!(body.is_empty());
/// ```
pub struct Exposition {
    inner: Arc<Inner>,
    groups: Arc<[Arc<Group>]>,
    /// Which families are written; all if there is no list.
    only: Option<Vec<String>>,
    /// The member that is being written.
    group: usize,
    member: usize,
    progress: Progress,
    begun: bool,
    finished: bool,
    /// How long collectors and callbacks took in this piece.
    elsewhere: Duration,
    content_type: ContentType,
    encoder: Box<dyn Encoder + Send>,
    reader: Reader,
    collected: Collected,
}

impl Exposition {
    pub(crate) fn new(inner: Arc<Inner>, groups: Arc<[Arc<Group>]>, content_type: ContentType) -> Self {
        // Nobody else comes by regularly.
        sharded_arc::sweep();
        Self {
            inner,
            groups,
            only: None,
            group: 0,
            member: 0,
            progress: Progress::default(),
            begun: false,
            finished: false,
            elsewhere: Duration::ZERO,
            content_type,
            encoder: encoder_for(content_type, false),
            reader: Reader::default(),
            collected: Collected::default(),
        }
    }

    /// Only the families of these names; call it before the first piece.
    #[must_use]
    pub fn only(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.only = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// In OpenMetrics 1.0 a sample `x_created` for each counter and histogram, which tells since when it has counted;
    /// call it before the first piece. Off unless asked for, because a Prometheus that is not told otherwise keeps these
    /// samples as series of their own. The other formats have room for it beside the value, or none.
    ///
    /// ```
    /// use metrics_core::{Counter, Declaration, Format, MetricType, Registry};
    ///
    /// let registry = Registry::new();
    /// registry.register::<Counter>(Declaration::new(MetricType::Counter, "jobs_total", "Jobs done."))?;
    /// let mut exposition = registry.exposition(Format::OpenMetrics).with_created_samples();
    /// let mut body = Vec::new();
    /// while exposition.next_piece(&mut body) {}
    /// assert!(String::from_utf8_lossy(&body).contains("\njobs_created 1"));
    /// # Ok::<(), metrics_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_created_samples(mut self) -> Self {
        self.encoder = encoder_for(self.content_type, true);
        self
    }

    /// The format, and what becomes of UTF-8 names in it.
    pub fn content_type(&self) -> ContentType {
        self.content_type
    }

    /// Appends the next piece, about 64 KiB; false when everything has been written. A piece takes well under a
    /// millisecond unless a collector or callback takes longer; behind such a one it ends early, and may be empty.
    pub fn next_piece(&mut self, out: &mut Vec<u8>) -> bool {
        if self.finished {
            return false;
        }
        // Threads may have come since the last piece.
        self.reader.refresh();
        self.encoder.start_piece();
        self.elsewhere = Duration::ZERO;
        let limit = out.len() + PIECE;
        while out.len() < limit {
            let groups = self.groups.clone();
            let Some(group) = groups.get(self.group) else {
                self.encoder.finish(out);
                self.finished = true;
                return false;
            };
            if !self.write_group(group, limit, out) {
                return true;
            }
            self.group += 1;
            self.member = 0;
        }
        true
    }

    /// Writes from the current member on until the piece is full; true when the group is written.
    fn write_group(&mut self, group: &Group, limit: usize, out: &mut Vec<u8>) -> bool {
        while let Some(member) = group.members.get(self.member) {
            if self.skips(&member.descriptor.name) {
                return true;
            }
            if !self.begun {
                self.encoder.begin_family(&member.descriptor);
                self.begun = true;
            }
            let mut pass = Pass {
                reader: &mut self.reader,
                encoder: &mut *self.encoder,
                out,
                limit,
                left_out: 0,
                elsewhere: Duration::ZERO,
                collected: &mut self.collected,
            };
            let done = member.source.write(&mut self.progress, &mut pass);
            self.inner.add_left_out(pass.left_out);
            self.elsewhere += pass.elsewhere;
            if !done {
                return false;
            }
            self.member += 1;
            self.progress = Progress::default();
            self.begun = false;
            if self.elsewhere > ELSEWHERE {
                return false;
            }
        }
        true
    }

    fn skips(&self, name: &str) -> bool {
        self.only.as_ref().is_some_and(|only| only.iter().all(|wanted| wanted != name))
    }
}

impl fmt::Debug for Exposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exposition")
            .field("content_type", &self.content_type)
            .field("finished", &self.finished)
            .finish()
    }
}
