use std::collections::BTreeMap;
use std::thread;

use proptest::prelude::*;

use super::*;

/// The indices that are found under a hash.
fn found(buckets: &Buckets, hash: u32) -> Vec<usize> {
    let mut all = Vec::new();
    let found: Found<()> = buckets.find(hash, |index| {
        all.push(index);
        None
    });
    assert!(found.nothing().is_some(), "nothing was changed meanwhile, and no bucket is that long");
    all.sort_unstable();
    all
}

/// A hash whose entries stand with many others, and are spread over more buckets as those are added.
fn hash(of: u32) -> u32 {
    of % 40 * 0x0100_0193
}

/// How many further lines are used now.
fn used(buckets: &Buckets) -> usize {
    let mut free = 0;
    let mut next = buckets.free.load(Ordering::Relaxed).checked_sub(1);
    while let Some(number) = next {
        let line = line_of(&buckets.further, number as usize).expect("it was made");
        assert!(line[..LAST].iter().all(|slot| slot.load(Ordering::Relaxed) == 0), "it has no entries");
        next = (line[LAST].load(Ordering::Relaxed) as u32).checked_sub(1);
        free += 1;
    }
    buckets.fresh.load(Ordering::Relaxed) as usize - free
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn entries_are_found_until_they_are_removed(actions in prop::collection::vec((0..400_u32, any::<bool>()), 1..600)) {
        let (buckets, mut model) = (Buckets::new(2), BTreeMap::new());
        for (key, adds) in actions {
            let version = buckets.version.load(Ordering::Relaxed);
            if adds && !model.contains_key(&key) {
                model.insert(key, hash(key));
                buckets.insert(hash(key), key as usize, model.len());
                prop_assert!(!buckets.are_as_of(version));
            } else if !adds && model.remove(&key).is_some() {
                buckets.remove(hash(key), key as usize);
                prop_assert!(!buckets.are_as_of(version));
            }
        }
        for of in 0..40 {
            let wanted: Vec<usize> =
                model.iter().filter(|(_, own)| **own == hash(of)).map(|(key, _)| *key as usize).collect();
            prop_assert_eq!(found(&buckets, hash(of)), wanted);
        }
        for (key, own) in model {
            buckets.remove(own, key as usize);
        }
        prop_assert_eq!(used(&buckets), 0);
    }
}

#[test]
fn what_is_removed_makes_room_for_what_comes() {
    let buckets = Buckets::new(2);
    for round in 0..50 {
        (0..100).for_each(|index| buckets.insert(7, index, 3));
        assert_eq!(found(&buckets, 7).len(), 100, "in round {round}");
        (0..100).for_each(|index| buckets.remove(7, index));
        assert_eq!(found(&buckets, 7), [0; 0]);
    }
    assert_eq!(buckets.fresh.load(Ordering::Relaxed) as usize, (100 - LINE).div_ceil(LAST));
}

#[test]
fn a_hash_of_zero_is_one_like_any_other() {
    let buckets = Buckets::new(2);
    assert_eq!(found(&buckets, 0), [0; 0]);
    (0..20).for_each(|index| buckets.insert(0, index, 1));
    assert_eq!(found(&buckets, 0), (0..20).collect::<Vec<_>>());
}

#[test]
fn a_bucket_that_is_uncommonly_long_leaves_it_open() {
    let buckets = Buckets::new(2);
    (0..LINE * PATIENCE).for_each(|index| buckets.insert(1, index, 1));
    assert!(matches!(buckets.find(2, Some), Found::Nothing(_)));
    assert!(matches!(buckets.find(1, |_| None::<()>), Found::Unsure));
    assert!(matches!(buckets.find(1, |index| (index == 5).then_some(())), Found::Entry(())));
}

#[test]
fn there_are_buckets_for_all_entries() {
    let buckets = Buckets::new(128);
    let hash = |index: usize| (index as u32).wrapping_mul(0x9e37_79b9);
    (0..100_000).for_each(|index| buckets.insert(hash(index), index, index + 1));
    assert!(buckets.count().count as usize * MANY >= 100_000);
    assert!(used(&buckets) < 100_000 / MANY / 2, "few go on");
    (0..100_000).for_each(|index| assert_eq!(found(&buckets, hash(index)), [index]));
}

/// A reader may be unsure, but it never takes an entry for one that is not there.
#[test]
fn readers_do_not_miss_what_stays_while_others_come_and_go() {
    const STAY: usize = 100;
    let (buckets, done, sure) = (Buckets::new(2), AtomicU32::new(0), AtomicU64::new(0));
    (0..STAY).for_each(|index| buckets.insert(hash(index as u32), index, index + 1));
    thread::scope(|scope| {
        scope.spawn(|| {
            for at in (0..STAY).cycle() {
                if done.load(Ordering::Relaxed) == 1 {
                    return;
                }
                match buckets.find(hash(at as u32), |index| (index == at).then_some(())) {
                    Found::Entry(()) => drop(sure.fetch_add(1, Ordering::Relaxed)),
                    Found::Nothing(_) => panic!("entry {at} is there"),
                    Found::Unsure => {}
                }
            }
        });
        for round in 0.. {
            // They come, more and more, so that buckets are added under way, and go.
            for index in STAY..STAY + 200 {
                buckets.insert(hash(index as u32), index, index + round % 1000);
            }
            (STAY..STAY + 200).for_each(|index| buckets.remove(hash(index as u32), index));
            if round >= 300 && sure.load(Ordering::Relaxed) > 1000 {
                break;
            }
        }
        done.store(1, Ordering::Relaxed);
    });
}
