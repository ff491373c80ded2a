//! Chains: from a case along contacts, generation by generation.

use crate::links::Link;
use crate::moment::Moment;
use crate::rows::{Chain, ChainNode, Class, ContactRow};
use crate::situation::Situation;
use crate::time::Time;
use crate::trace::{Beside, Ground as _, Traced};
use std::collections::{BTreeMap, BTreeSet};

/// People in a chain, at most, the root among them; past them it says that it is cut.
pub const CHAIN_PEOPLE_MAX: usize = 10_000;

/// Somebody in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainLink<M = Traced> {
    /// Links from the root, which is not among them: at least 1.
    pub depth: u8,
    /// From whom it was reached, and who it is, by number.
    pub parent: u32,
    pub person: u32,
    /// What is known of their meetings.
    pub met: M,
}

/// Who was met first then, and what is known of it.
type Met<M> = Vec<(u32, Time, M)>;

/// Generation by generation, each person once: nearest to the root, then earliest, then under the lesser parent by bytes.
/// And whether there were more than may be.
fn reach<M>(
    root: u32,
    depth: u8,
    met: impl Fn(u32) -> Met<M>,
    name: impl Fn(u32) -> Box<str>,
    is_case: impl Fn(u32) -> bool,
) -> (Vec<ChainLink<M>>, bool) {
    let (mut links, mut truncated) = (Vec::new(), false);
    let mut seen = BTreeSet::from([root]);
    let mut parents = vec![root];
    for depth in 1..=depth {
        let mut next: BTreeMap<u32, (Time, Box<str>, u32, M)> = BTreeMap::new();
        for parent in parents.drain(..) {
            let by = name(parent);
            for (other, first, met) in met(parent).into_iter().filter(|(other, ..)| !seen.contains(other)) {
                let held = next.get(&other);
                if held.is_none_or(|(at, under, ..)| (first, &by) < (*at, under)) {
                    next.insert(other, (first, by.clone(), parent, met));
                }
            }
        }
        let mut next: Vec<_> = next
            .into_iter()
            .map(|(other, (first, _, parent, met))| (first, name(other), other, parent, met))
            .collect();
        next.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        let free = CHAIN_PEOPLE_MAX.saturating_sub(seen.len());
        truncated |= next.len() > free;
        next.truncate(free);
        for (_, _, person, parent, met) in next {
            seen.insert(person);
            links.push(ChainLink { depth, parent, person, met });
            if is_case(person) {
                parents.push(person);
            }
        }
    }
    (links, truncated)
}

impl Moment {
    /// The chain from a case by its number, without its root, nearest first; and whether it is cut.
    pub fn chain_of(&self, root: u32, depth: u8) -> (Vec<ChainLink>, bool) {
        let met =
            |parent| self.contacts_of(parent).into_iter().map(|met| (met.person, met.first, met)).collect();
        reach(root, depth, met, |person| self.registers().pseudonym(person), |person| self.is_case(person))
    }
}

impl Situation {
    /// As [`Moment::chain_of`], as a tree with all overlaps.
    pub(crate) fn chain(&self, root: u32, depth: u8, now: Time) -> Chain {
        let met = |parent| {
            let first = |other: u32| {
                let links = self.contacts.links(other).iter().filter(|link| link.case == parent);
                links.map(Link::from).min().map(|first| (other, first, ()))
            };
            self.contacts.met(parent).into_iter().filter_map(first).collect()
        };
        let (links, truncated) =
            reach(root, depth, met, |person| self.name(person), |person| self.cases.is_case(person));
        let mut children: BTreeMap<u32, Vec<(u32, ContactRow)>> = BTreeMap::new();
        let mut by_parent: BTreeMap<u32, Vec<Beside>> = BTreeMap::new();
        for ChainLink { parent, person, .. } in links {
            let tracing = self.tracing(parent, now);
            let beside = by_parent.entry(parent).or_insert_with(|| tracing.beside());
            let first = beside.partition_point(|stay| stay.person < person);
            let after = beside.partition_point(|stay| stay.person <= person);
            if let Some(row) = tracing.row(&beside[first..after]) {
                children.entry(parent).or_default().push((person, row));
            }
        }
        Chain { root: self.node(root, None, &mut children), truncated }
    }

    fn node(
        &self,
        person: u32,
        contact: Option<ContactRow>,
        children: &mut BTreeMap<u32, Vec<(u32, ContactRow)>>,
    ) -> ChainNode {
        let below = children.remove(&person).unwrap_or_default();
        ChainNode {
            person: self.name(person),
            class: if self.cases.is_case(person) { Class::F0 } else { Class::F1 },
            reported: self.cases.episodes(person).last().map(|episode| episode.reported),
            contact,
            children: below.into_iter().map(|(child, row)| self.node(child, Some(row), children)).collect(),
        }
    }
}
