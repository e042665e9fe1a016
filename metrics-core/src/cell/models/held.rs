//! Is what a scrape reads of an exemplar always one exemplar, whole, whoever writes meanwhile?

use std::sync::Arc;

use loom::thread;

use crate::cell::held::Held;

const GENERATION: u32 = 1;

/// Two words that belong together.
fn put(held: &Held<2>, value: u64) -> bool {
    held.put(GENERATION, [value, value + 100].into_iter())
}

fn assert_whole(read: Option<[u64; 2]>, written: &[u64]) {
    if let Some([first, second]) = read {
        assert_eq!(second, first + 100);
        assert!(written.contains(&first), "{first}");
    }
}

#[test]
fn a_reader_beside_a_writer_sees_the_old_or_the_new_one() {
    loom::model(|| {
        let held = Arc::new(Held::<2>::default());
        assert!(put(&held, 1));
        let writer = thread::spawn({
            let held = held.clone();
            move || assert!(put(&held, 2), "nobody else writes")
        });
        assert_whole(held.read(GENERATION), &[1, 2]);
        writer.join().unwrap();
        assert_eq!(held.read(GENERATION), Some([2, 102]));
        assert!(held.wants(GENERATION));
    });
}

#[test]
fn of_two_writers_at_least_one_succeeds_and_none_mixes_with_the_other() {
    loom::model(|| {
        let held = Arc::new(Held::<2>::default());
        let write = |value| {
            let held = held.clone();
            thread::spawn(move || put(&held, value))
        };
        let (one, two) = (write(1), write(2));
        assert_whole(held.read(GENERATION), &[1, 2]);
        let succeeded = [one.join().unwrap(), two.join().unwrap()];
        assert!(succeeded[0] || succeeded[1]);
        let read = held.read(GENERATION);
        assert!(read.is_some());
        assert_whole(read, &[1, 2]);
    });
}

#[test]
fn what_comes_while_a_scrape_reads_has_not_been_seen() {
    loom::model(|| {
        let held = Arc::new(Held::<2>::default());
        assert!(put(&held, 1));
        let scrape = thread::spawn({
            let held = held.clone();
            move || held.read(GENERATION)
        });
        put(&held, 2);
        let read = scrape.join().unwrap();
        // Welcome only if the scrape has seen the newer one.
        assert_eq!(held.wants(GENERATION), read == Some([2, 102]));
    });
}
