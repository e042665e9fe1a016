//! Which family has which sample name? Most families have all their samples' names from one word, so that names are kept by
//! what comes before such an ending.

use std::collections::HashMap;

use super::names::{ENDINGS, samples};
use crate::descriptor::Descriptor;

/// The owner of each sample name. Only ever asked for one name: in which order they lie here, nobody sees.
pub(super) struct Claims<D> {
    /// By what comes before the ending, and by ending.
    owners: HashMap<String, [Option<D>; ENDINGS.len()], foldhash::fast::RandomState>,
}

impl<D> Default for Claims<D> {
    fn default() -> Self {
        Self { owners: HashMap::default() }
    }
}

/// A sample name before its ending, and which that is. A name of its own may have one, too.
fn parts(base: &str, ending: usize) -> (&str, usize) {
    if ending > 0 {
        return (base, ending);
    }
    let ends = |(number, ending): (usize, &&str)| Some((base.strip_suffix(*ending)?, number));
    ENDINGS.iter().enumerate().skip(1).find_map(ends).unwrap_or((base, 0))
}

impl<D: Clone> Claims<D> {
    /// The owner of the sample name that has this one of the [`ENDINGS`].
    pub(super) fn owner(&self, base: &str, ending: usize) -> Option<&D> {
        let (stem, ending) = parts(base, ending);
        self.owners.get(stem)?[ending].as_ref()
    }

    /// All samples of a family, and whose they are.
    pub(super) fn owners<'a>(
        &'a self,
        descriptor: &'a Descriptor,
    ) -> impl Iterator<Item = ((&'a str, usize), Option<&'a D>)> {
        // Most have what comes before the ending from the one before.
        let mut last = None;
        samples(descriptor).map(move |(base, ending)| {
            let (stem, number) = parts(base, ending);
            let owners = match last {
                Some((known, owners)) if known == stem => owners,
                _ => self.owners.get(stem),
            };
            last = Some((stem, owners));
            ((base, ending), owners.and_then(|owners| owners[number].as_ref()))
        })
    }

    /// Gives all samples of a family to this owner.
    pub(super) fn claim(&mut self, descriptor: &Descriptor, owner: &D) {
        let mut samples = samples(descriptor).map(|(base, ending)| parts(base, ending)).peekable();
        while let Some((stem, ending)) = samples.next() {
            let owners = match self.owners.get_mut(stem) {
                Some(owners) => owners,
                None => self.owners.entry(stem.to_owned()).or_default(),
            };
            owners[ending] = Some(owner.clone());
            while let Some((_, ending)) = samples.next_if(|next| next.0 == stem) {
                owners[ending] = Some(owner.clone());
            }
        }
    }

    /// Takes them back.
    pub(super) fn release(&mut self, descriptor: &Descriptor) {
        for (base, ending) in samples(descriptor) {
            let (stem, ending) = parts(base, ending);
            let Some(owners) = self.owners.get_mut(stem) else { continue };
            owners[ending] = None;
            if owners.iter().all(Option::is_none) {
                self.owners.remove(stem);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MetricType;

    #[test]
    fn a_name_has_one_owner_whichever_way_it_is_made() {
        let descriptor = |kind, name| Descriptor::new(kind, name, "For a test.");
        let (sums, counter) = (descriptor(MetricType::Gauge, "x_sum"), descriptor(MetricType::Counter, "x_sum_total"));
        let [own, total, created, sum] = ["", "_total", "_created", "_sum"]
            .map(|ending| ENDINGS.iter().position(|known| *known == ending).expect("it is one"));
        let mut claims = Claims::default();
        claims.claim(&sums, &"gauge");
        assert_eq!(claims.owner("x", sum), Some(&"gauge"));
        assert_eq!(claims.owner("x_sum", own), Some(&"gauge"));
        assert_eq!([claims.owner("x", own), claims.owner("x_sum", total)], [None; 2]);
        claims.claim(&counter, &"counter");
        for (base, ending) in [("x_sum", own), ("x", sum), ("x_sum_total", own), ("x_sum", created)] {
            assert_eq!(claims.owner(base, ending), Some(&"counter"), "{base}{}", ENDINGS[ending]);
        }
        claims.release(&counter);
        assert!(claims.owners.is_empty());
    }

    #[test]
    fn no_ending_ends_another() {
        for (at, ending) in ENDINGS.iter().enumerate().skip(1) {
            let others = ENDINGS.iter().enumerate().filter(|(other, _)| *other != at);
            assert!(others.map(|(_, other)| other).all(|other| !other.ends_with(ending)), "{ending}");
        }
    }
}
