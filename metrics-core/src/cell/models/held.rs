//! Is what a scrape reads of an exemplar always one exemplar, whole, whoever writes meanwhile?

use std::sync::Arc;

use loom::thread;

use super::outcomes;
use crate::cell::held::Held;

const GENERATION: u32 = 1;

/// Two words that belong together.
fn put(held: &Held<2>, generation: u32, value: u64) -> bool {
    held.put(generation, [value, value + 100].into_iter())
}

/// Which exemplar is there; 0 for none, or where a writer was in the way.
fn read(held: &Held<2>, generation: u32) -> u64 {
    let Some([first, second]) = held.read(generation) else { return 0 };
    assert_eq!(second, first + 100, "half of one, half of another");
    first
}

#[test]
fn a_reader_beside_a_writer_sees_the_old_or_the_new_one() {
    let seen = outcomes(None, || {
        let held = Arc::new(Held::<2>::default());
        assert!(put(&held, GENERATION, 1));
        let reader = thread::spawn({
            let held = held.clone();
            move || read(&held, GENERATION)
        });
        assert!(put(&held, GENERATION, 2), "nobody else writes");
        let first = reader.join().unwrap();
        // Welcome only if the scrape has seen the newer one.
        assert_eq!(held.wants(GENERATION), first == 2);
        assert_eq!(read(&held, GENERATION), 2);
        assert!(held.wants(GENERATION));
        first
    });
    assert_eq!(seen, [0, 1, 2].into());
}

#[test]
fn of_two_writers_at_least_one_succeeds_and_none_mixes_with_the_other() {
    let seen = outcomes(3, || {
        let held = Arc::new(Held::<2>::default());
        let other = thread::spawn({
            let held = held.clone();
            move || put(&held, GENERATION, 2)
        });
        let reader = thread::spawn({
            let held = held.clone();
            move || read(&held, GENERATION)
        });
        let one = put(&held, GENERATION, 1);
        let (two, beside) = (other.join().unwrap(), reader.join().unwrap());
        let last = read(&held, GENERATION);
        match (one, two) {
            (true, true) => assert!(last == 1 || last == 2, "{last}"),
            (true, false) => assert_eq!(last, 1),
            (false, true) => assert_eq!(last, 2),
            (false, false) => panic!("each found the other one inside"),
        }
        (one, two, beside)
    });
    // Who succeeds, and what is read beside them: of a writer that gave up, nothing.
    let both = [0, 1, 2].map(|beside| (true, true, beside));
    let first = [0, 1].map(|beside| (true, false, beside));
    let second = [0, 2].map(|beside| (false, true, beside));
    assert_eq!(seen, both.into_iter().chain(first).chain(second).collect());
}

#[test]
fn what_belonged_to_the_series_before_is_never_read_as_one_of_this() {
    let seen = outcomes(None, || {
        let held = Arc::new(Held::<2>::default());
        assert!(put(&held, GENERATION, 1));
        let reader = thread::spawn({
            let held = held.clone();
            move || (read(&held, GENERATION), read(&held, GENERATION + 1))
        });
        assert!(put(&held, GENERATION + 1, 2), "nobody else writes");
        let (old, new) = reader.join().unwrap();
        assert!(old != 2 && new != 1, "{old}, {new}");
        assert_eq!(held.wants(GENERATION + 1), new == 2);
        (old, new)
    });
    assert_eq!(seen, [(0, 0), (0, 2), (1, 0), (1, 2)].into());
}
