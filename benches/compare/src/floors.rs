//! What would it cost without a library?

use benches::labels::RequestLabels;
use benches::rows::{Row, find};
use benches::series::Texts;

use crate::service::{Buffers, Open, Service, Sink, Wire};
use crate::{BUSY, COUNTER, DYNAMIC, ENUMS, FLOAT, GAUGE, HISTOGRAM, KEPT, NATIVE, TIMER, UP_DOWN, peers};

/// x: what ratios are to.
pub const UNIT: &str = "AtomicU64::fetch_add, one thread each";
pub const SHARED: &str = "AtomicU64::fetch_add, shared";
pub const STORE: &str = "AtomicU64::store, shared";
pub const PLAIN: &str = "thread-local add";
pub const PLAIN_F64: &str = "thread-local f64 add";
pub const HASH: &str = "hash of three labels";
pub const CLOCK: &str = "the clock, read twice";
/// Of the bytes that this library writes, in the pieces in which it writes them.
pub const COPY: &str = "memcpy of the same bytes";

/// All that are recorded to.
pub fn rows() -> Vec<(&'static str, Row)> {
    let names = [UNIT, SHARED, STORE, PLAIN, PLAIN_F64, HASH, CLOCK];
    names.map(|name| (name, find(name).expect("the row exists"))).into()
}

/// Which floors are under a way of recording.
pub fn under(kind: &str) -> &'static [&'static str] {
    match kind {
        COUNTER | UP_DOWN => &[PLAIN, UNIT, SHARED],
        ENUMS | HISTOGRAM | NATIVE | BUSY => &[UNIT],
        DYNAMIC | KEPT => &[HASH],
        GAUGE => &[STORE],
        FLOAT => &[PLAIN_F64],
        TIMER => &[CLOCK],
        _ => &[],
    }
}

/// A service that has written everything already, and only copies it.
pub const COUNTERS: Open =
    |series| Box::new(copied(series, 1, peers::find(peers::OURS).and_then(|ours| ours.counters)));
/// The same of histograms.
pub const HISTOGRAMS: Open =
    |series| Box::new(copied(series, 4, peers::find(peers::OURS).and_then(|ours| ours.histograms)));

struct Copied(Vec<(Wire, Vec<Vec<u8>>)>);

fn copied(series: usize, times: usize, open: Option<Open>) -> Copied {
    let (service, texts) = (open.expect("this library has it")(series), Texts::new());
    for at in 0..series * times {
        service.add(&texts.labels(at % series), at as u64 * 7);
    }
    let pieces = |wire| {
        let (mut buffers, mut pieces) = (Buffers::default(), Vec::new());
        service.encode(wire, &mut buffers, &mut |piece| pieces.push(piece.to_owned()));
        (wire, pieces)
    };
    Copied(Wire::ALL.map(pieces).into())
}

impl Service for Copied {
    fn add(&self, _: &RequestLabels<'_>, _: u64) {}

    fn encode(&self, wire: Wire, buffers: &mut Buffers, sink: Sink<'_>) {
        let pieces = self.0.iter().filter(|(written, _)| *written == wire).flat_map(|(_, pieces)| pieces);
        for piece in pieces {
            buffers.bytes.clear();
            buffers.bytes.extend_from_slice(piece);
            sink(&buffers.bytes);
        }
    }
}
