//! Which definitions clash, and what is said then?

use std::collections::BTreeMap;

use crate::Error;
use crate::descriptor::{Descriptor, MetricType};
use crate::encode::{Escaping, NameKind, escape_name};

/// What a sample's name ends with, if it is not its family's own. None of them ends another.
pub(super) const ENDINGS: [&str; 7] = ["", "_total", "_created", "_bucket", "_count", "_sum", "_info"];

pub(super) const OWN: usize = 0;
const TOTAL: usize = 1;
const CREATED: usize = 2;
const BUCKET: usize = 3;
const COUNT: usize = 4;
const SUM: usize = 5;
const INFO: usize = 6;

/// The names under which a family's samples, or its metadata in OpenMetrics, appear in one of the formats: what they begin
/// with, and which of the [`ENDINGS`] they have. The family's own is one of them.
pub(super) fn samples(descriptor: &Descriptor) -> impl Iterator<Item = (&str, usize)> {
    samples_of(descriptor, &descriptor.name)
}

/// The same for readers that see the family under this name: it is the family's name that is escaped, whatever is put to it
/// behind.
fn samples_of<'a>(descriptor: &Descriptor, name: &'a str) -> impl Iterator<Item = (&'a str, usize)> + use<'a> {
    // An ending that only the escaping makes is none.
    let without = |ending: usize| {
        let ending = ENDINGS[ending];
        name.strip_suffix(ending).filter(|_| descriptor.name.ends_with(ending)).unwrap_or(name)
    };
    let (base, endings): (&str, &[usize]) = match descriptor.kind {
        MetricType::Counter => (without(TOTAL), &[OWN, TOTAL, CREATED]),
        MetricType::Histogram => (name, &[OWN, BUCKET, COUNT, SUM, CREATED]),
        MetricType::Summary => (name, &[OWN, COUNT, SUM, CREATED]),
        MetricType::Info => (without(INFO), &[OWN, INFO]),
        MetricType::Gauge | MetricType::StateSet | MetricType::Unknown => (name, &[OWN]),
    };
    endings.iter().map(move |ending| (base, *ending))
}

/// The same as whole names.
#[cfg(test)]
pub(crate) fn sample_names(descriptor: &Descriptor) -> Vec<String> {
    samples(descriptor).map(|(base, ending)| format!("{base}{}", ENDINGS[ending])).collect()
}

/// The ways in which readers may ask for names.
const ESCAPED: [Escaping; 3] = [Escaping::Underscores, Escaping::Dots, Escaping::Values];

/// Whether no two labels of a family become one when they are escaped. A state set's name is a label too.
pub(crate) fn escaped_labels(descriptor: &Descriptor) -> Result<(), Error> {
    let of_states = || Some(&*descriptor.name).filter(|_| descriptor.kind == MetricType::StateSet);
    for scheme in ESCAPED {
        let mut seen = BTreeMap::new();
        for name in descriptor.label_names().chain(of_states()) {
            let escaped = escape_name(name, NameKind::Label, scheme).into_owned();
            if let Some(other) = seen.insert(escaped.clone(), name).filter(|other| *other != name) {
                return Err(Error::new(format!(
                    "labels `{other}` and `{name}` of `{}` ({}) are both `{escaped}` for readers that want names escaped \
                     as `{}`: rename one of them",
                    descriptor.name,
                    place(descriptor),
                    scheme.as_str(),
                )));
            }
        }
    }
    Ok(())
}

/// Whether no sample of a new family is called like one of another family when both are escaped.
pub(crate) fn escaped_families(known: &[&Descriptor], new: &[Descriptor]) -> Result<(), Error> {
    for scheme in ESCAPED {
        let mut seen: BTreeMap<String, &Descriptor> = BTreeMap::new();
        for descriptor in known.iter().copied().chain(new) {
            let name = escape_name(&descriptor.name, NameKind::Metric, scheme);
            for (base, ending) in samples_of(descriptor, &name) {
                let escaped = format!("{base}{}", ENDINGS[ending]);
                if let Some(other) = seen.insert(escaped.clone(), descriptor) {
                    if other.name != descriptor.name {
                        return Err(clash(descriptor, other, &escaped));
                    }
                }
            }
        }
    }
    Ok(())
}

/// What differs between two definitions of one series set.
pub(crate) fn difference(new: &Descriptor, old: &Descriptor) -> Option<String> {
    let of_family = family_difference(new, old);
    let of_series = || {
        let differs = [
            ("bucket bounds", new.buckets != old.buckets),
            ("native histogram", new.native != old.native || new.classic != old.classic),
            ("zero_init", new.zero_init != old.zero_init),
            ("max_series", new.max_series != old.max_series),
            ("max_value_bytes", new.max_value_bytes != old.max_value_bytes),
            ("values of a label", new.labels != old.labels),
        ];
        differs.iter().find(|(_, differs)| *differs).map(|(what, _)| format!("its {what}"))
    };
    of_family.or_else(of_series)
}

/// What differs where all members of one name must agree.
fn family_difference(new: &Descriptor, old: &Descriptor) -> Option<String> {
    let names = |descriptor: &Descriptor| -> Vec<String> {
        descriptor.labels.iter().map(|label| label.name.clone().into_owned()).collect()
    };
    let fixed = |descriptor: &Descriptor| -> Vec<String> {
        descriptor.const_labels.iter().map(|(name, _)| name.clone()).collect()
    };
    if new.kind != old.kind {
        Some(format!("its type ({:?}, not {:?})", new.kind, old.kind))
    } else if new.help != old.help {
        Some(format!("its help ({:?}, not {:?})", new.help, old.help))
    } else if new.unit != old.unit {
        Some(format!("its unit ({:?}, not {:?})", new.unit.as_deref(), old.unit.as_deref()))
    } else if names(new) != names(old) && !share_a_name(new, old) {
        Some(format!("its labels ({:?}, not {:?})", names(new), names(old)))
    } else if fixed(new) != fixed(old) {
        Some(format!("its constant labels ({:?}, not {:?})", fixed(new), fixed(old)))
    } else {
        None
    }
}

/// Whether their labels may differ under one name.
fn share_a_name(new: &Descriptor, old: &Descriptor) -> bool {
    new.foreign && old.foreign
}

/// Whether these are two definitions of one name, and not two accounts of one definition.
pub(crate) fn stand_beside(new: &Descriptor, old: &Descriptor) -> bool {
    new.const_labels != old.const_labels || (share_a_name(new, old) && new.labels != old.labels)
}

/// All members of one name agree in type, help, unit and label names.
pub(crate) fn same_family(new: &Descriptor, old: &Descriptor) -> Result<(), Error> {
    family_difference(new, old).map_or(Ok(()), |what| Err(conflict(new, old, &what)))
}

pub(crate) fn conflict(new: &Descriptor, old: &Descriptor, what: &str) -> Error {
    Error::new(format!(
        "`{}` ({}) is registered already ({}), and differs in {what}: make both definitions the same, or give one another \
         name",
        new.name,
        place(new),
        place(old),
    ))
}

pub(crate) fn other_type(new: &Descriptor, old: &Descriptor) -> Error {
    conflict(new, old, "the Rust type of the metric")
}

pub(crate) fn taken(new: &Descriptor, old: &Descriptor) -> Error {
    Error::new(format!(
        "`{}` ({}) is registered already ({}), and a callback or collector cannot share it: register it once, or give one \
         another name",
        new.name,
        place(new),
        place(old),
    ))
}

pub(crate) fn clash(new: &Descriptor, old: &Descriptor, sample: &str) -> Error {
    Error::new(format!(
        "`{}` ({}) and `{}` ({}) would both be exposed as `{sample}` in one of the formats: rename one of them",
        new.name,
        place(new),
        old.name,
        place(old),
    ))
}

fn place(descriptor: &Descriptor) -> String {
    format!("{}:{}", descriptor.file, descriptor.line)
}
