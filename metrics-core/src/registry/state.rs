//! What is registered, and what may be registered beside it?

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use super::claims::Claims;
use super::group::{Group, Member};
use super::names;
use crate::Error;
use crate::descriptor::{Descriptor, validate};

/// What is known of the target as a whole.
const TARGET_INFO: &str = "target_info";

#[derive(Default)]
pub(crate) struct State {
    groups: BTreeMap<String, Group>,
    /// The family that has each sample name.
    claims: Claims<Arc<Descriptor>>,
    /// Whether a name in UTF-8 has been among them.
    utf8: bool,
    /// The groups as scrapes see them; made when one asks for them after a change.
    snapshot: Option<Arc<[Arc<Group>]>>,
}

impl State {
    /// By name, but for what OpenMetrics wants to stand first.
    pub(crate) fn groups(&mut self) -> Arc<[Arc<Group>]> {
        let groups = &self.groups;
        let in_order = || {
            let first = groups.get(TARGET_INFO);
            let others = groups.iter().filter(|(name, _)| *name != TARGET_INFO).map(|(_, group)| group);
            first.into_iter().chain(others).cloned().map(Arc::new).collect()
        };
        self.snapshot.get_or_insert_with(in_order).clone()
    }

    /// The member with this name and these constant labels, if its definition is the same.
    pub(crate) fn existing(&self, descriptor: &Descriptor) -> Result<Option<Member>, Error> {
        // The name of every family is one of its samples'; most often there is none, which a hash tells sooner.
        if self.claims.owner(&descriptor.name, names::OWN).is_none() {
            return Ok(None);
        }
        let Some(group) = self.groups.get(&descriptor.name) else { return Ok(None) };
        let same = |member: &&Member| !names::stand_beside(descriptor, &member.descriptor);
        match group.members.iter().find(same) {
            None => Ok(None),
            Some(member) => match names::difference(descriptor, &member.descriptor) {
                None => Ok(Some(member.clone())),
                Some(what) => Err(names::conflict(descriptor, &member.descriptor, &what)),
            },
        }
    }

    /// Whether all of these could be added, beside what is there and beside each other, where none of them is there already.
    pub(crate) fn check(&self, descriptors: &[Descriptor]) -> Result<(), Error> {
        let mut beside = Claims::default();
        for descriptor in descriptors {
            validate::descriptor(descriptor)?;
            for ((base, ending), owner) in self.claims.owners(descriptor) {
                match owner.map(|other| &**other).or_else(|| beside.owner(base, ending).copied()) {
                    Some(other) if other.name == descriptor.name => names::same_family(descriptor, other)?,
                    Some(other) => {
                        return Err(names::clash(descriptor, other, &format!("{base}{}", names::ENDINGS[ending])));
                    }
                    None => {}
                }
            }
            if descriptors.len() > 1 {
                beside.claim(descriptor, &descriptor);
            }
        }
        self.check_escaped(descriptors)
    }

    /// Names in UTF-8 reach most readers escaped, where two of them can become one: of families, and of a family's labels.
    /// Costs a walk over everything that is registered, but only where such names are used.
    fn check_escaped(&self, descriptors: &[Descriptor]) -> Result<(), Error> {
        descriptors.iter().filter(|descriptor| descriptor.utf8).try_for_each(names::escaped_labels)?;
        if !self.utf8 && !descriptors.iter().any(|descriptor| descriptor.utf8) {
            return Ok(());
        }
        let registered = self.groups.values().filter_map(|group| group.members.first());
        let known: Vec<&Descriptor> = registered.map(|member| &*member.descriptor).collect();
        names::escaped_families(&known, descriptors)
    }

    /// Adds what [`Self::check`] has allowed.
    pub(crate) fn add(&mut self, member: Member) {
        self.utf8 |= member.descriptor.utf8;
        self.snapshot = None;
        match self.groups.entry(member.descriptor.name.clone()) {
            Entry::Occupied(mut group) => {
                // The samples are those of the others.
                let members = &mut group.get_mut().members;
                let before = |other: &Member| other.descriptor.const_labels <= member.descriptor.const_labels;
                members.insert(members.partition_point(before), member);
            }
            Entry::Vacant(group) => {
                self.claims.claim(&member.descriptor, &member.descriptor);
                group.insert(Group { members: vec![member] });
            }
        }
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<Group> {
        let group = self.groups.remove(name)?;
        group.members.iter().for_each(|member| self.claims.release(&member.descriptor));
        self.snapshot = None;
        Some(group)
    }
}
