//! Where do exemplars wait for the next scrape? Beside the cells, one place a bucket, made when the first one comes.
//!
//! Nobody waits: where another record is at the same place just then, the exemplar is dropped; there are others. Of two
//! threads that make the same place, one throws its work away. A place takes about 580 bytes, and belongs to its run: what
//! an earlier generation left is not shown.

use once_cell::race::OnceBox;

use crate::cell::directory::{CHUNK_WORDS, WORDS};
use crate::cell::held::Held;
use crate::cell::run::Place;
use crate::encode::{EXEMPLAR_WORDS, Encoder, Exemplar};

/// Runs are at least two words long.
const RUNS: usize = CHUNK_WORDS / 2;
const CHUNKS: usize = 256;
const TABLES: usize = WORDS / CHUNK_WORDS / CHUNKS;

/// How many exemplars a native histogram without classic buckets keeps.
pub(crate) const NATIVE_BUCKETS: usize = 10;

type Slot = Held<EXEMPLAR_WORDS>;
/// One place a bucket of a run.
type Run = Box<[OnceBox<Slot>]>;
type Chunk = Box<[OnceBox<Run>]>;
type Table = Box<[OnceBox<Chunk>]>;

static TABLES_OF_RUNS: [OnceBox<Table>; TABLES] = [const { OnceBox::new() }; TABLES];

fn empty<T>(len: usize) -> Box<Box<[OnceBox<T>]>> {
    Box::new((0..len).map(|_| OnceBox::new()).collect())
}

/// Keeps an exemplar for a bucket of a run, in the place of the one before. `buckets`: how many a run of this
/// length can have at most.
pub(crate) fn put(place: Place, buckets: usize, bucket: usize, exemplar: &Exemplar) {
    let chunk = place.slot as usize / CHUNK_WORDS;
    let chunks = TABLES_OF_RUNS[chunk / CHUNKS % TABLES].get_or_init(|| empty(CHUNKS));
    let runs = chunks[chunk % CHUNKS].get_or_init(|| empty(RUNS));
    let run = runs[place.slot as usize % CHUNK_WORDS / 2].get_or_init(|| empty(buckets));
    if let Some(slot) = run.get(bucket) {
        slot.get_or_init(Box::default).put(place.generation, exemplar.words());
    }
}

/// Keeps what `make` makes, unless there is an exemplar that no scrape has seen: then it is not asked.
#[inline]
pub(crate) fn put_sampled(place: Place, buckets: usize, bucket: usize, make: impl FnOnce() -> Option<Exemplar>) {
    let slot = run_of(place).and_then(|run| run.get(bucket)?.get());
    if slot.is_none_or(|slot| slot.wants(place.generation)) {
        if let Some(exemplar) = make() {
            put(place, buckets, bucket, &exemplar);
        }
    }
}

/// The run's places, if an exemplar was ever put there.
#[inline]
fn run_of(place: Place) -> Option<&'static Run> {
    let chunk = place.slot as usize / CHUNK_WORDS;
    let chunks = TABLES_OF_RUNS[chunk / CHUNKS % TABLES].get()?;
    chunks[chunk % CHUNKS].get()?[place.slot as usize % CHUNK_WORDS / 2].get()
}

/// Tells the exemplars of a run, by bucket.
#[inline]
pub(crate) fn tell(place: Place, encoder: &mut dyn Encoder) {
    if let Some(run) = run_of(place) {
        tell_run(run, place, encoder);
    }
}

#[cold]
fn tell_run(run: &Run, place: Place, encoder: &mut dyn Encoder) {
    for (bucket, slot) in run.iter().enumerate() {
        if let Some(words) = slot.get().and_then(|slot| slot.read(place.generation)) {
            encoder.exemplar(bucket, &Exemplar::from_words(&words));
        }
    }
}
