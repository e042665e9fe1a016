//! Where do exemplars wait for the next scrape? Beside the cells, one place a bucket, made when the first one comes.
//!
//! A record never waits: where a scrape or another record is at the same place just then, its exemplar is dropped; there
//! are others. A place takes about 640 bytes, and belongs to its run: what an earlier generation left is not shown.

use once_cell::sync::OnceCell;

use crate::cell::directory::{CHUNK_WORDS, WORDS};
use crate::cell::run::Place;
use crate::encode::{Encoder, Exemplar};
use crate::sync::Mutex;

/// Runs are at least two words long.
const RUNS: usize = CHUNK_WORDS / 2;
const CHUNKS: usize = 256;
const TABLES: usize = WORDS / CHUNK_WORDS / CHUNKS;

/// How many exemplars a native histogram without classic buckets keeps.
pub(crate) const NATIVE_BUCKETS: usize = 10;

type Held = Mutex<Option<(u32, Exemplar)>>;
/// One place a bucket of a run.
type Run = Box<[OnceCell<Box<Held>>]>;
type Chunk = Box<[OnceCell<Run>]>;
type Table = Box<[OnceCell<Chunk>]>;

static TABLES_OF_RUNS: [OnceCell<Table>; TABLES] = [const { OnceCell::new() }; TABLES];

fn empty<T>(len: usize) -> Box<[OnceCell<T>]> {
    (0..len).map(|_| OnceCell::new()).collect()
}

/// Keeps an exemplar for a bucket of a run, in the place of the one before. `buckets`: how many a run of this
/// length can have at most.
pub(crate) fn put(place: Place, buckets: usize, bucket: usize, exemplar: &Exemplar) {
    let chunk = place.slot as usize / CHUNK_WORDS;
    let chunks = TABLES_OF_RUNS[chunk / CHUNKS % TABLES].get_or_init(|| empty(CHUNKS));
    let runs = chunks[chunk % CHUNKS].get_or_init(|| empty(RUNS));
    let run = runs[place.slot as usize % CHUNK_WORDS / 2].get_or_init(|| empty(buckets));
    let Some(held) = run.get(bucket) else { return };
    if let Some(mut held) = held.get_or_init(Box::default).try_lock() {
        *held = Some((place.generation, *exemplar));
    }
}

/// Tells the exemplars of a run, by bucket.
pub(crate) fn tell(place: Place, encoder: &mut dyn Encoder) {
    let chunk = place.slot as usize / CHUNK_WORDS;
    let chunks = TABLES_OF_RUNS[chunk / CHUNKS % TABLES].get();
    let runs = chunks.and_then(|chunks| chunks[chunk % CHUNKS].get());
    let Some(run) = runs.and_then(|runs| runs[place.slot as usize % CHUNK_WORDS / 2].get()) else { return };
    for (bucket, held) in run.iter().enumerate() {
        // A copy, so that no record finds the place taken while the encoder works.
        let held = held.get().and_then(|held| *held.lock());
        if let Some((_, exemplar)) = held.filter(|(generation, _)| *generation == place.generation) {
            encoder.exemplar(bucket, &exemplar);
        }
    }
}
