//! Which names, units, labels and buckets are allowed? One set of `const fn` rules for derived and hand-written metrics.
