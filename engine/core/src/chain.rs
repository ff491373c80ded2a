//! Chains: from a case along contacts, generation by generation.

use crate::links::Link;
use crate::rows::{Chain, ChainNode, Class, ContactRow};
use crate::situation::Situation;
use crate::time::Time;
use crate::trace::Beside;
use std::collections::{BTreeMap, BTreeSet};

/// People in a chain, at most, the root among them; past them it says that it is cut.
pub const CHAIN_PEOPLE_MAX: usize = 10_000;

/// Who was reached from whom.
struct Found {
    children: BTreeMap<u32, Vec<(u32, ContactRow)>>,
    truncated: bool,
}

impl Situation {
    /// Each person once: nearest to the root, then earliest, then under the lesser parent by bytes.
    pub(crate) fn chain(&self, root: u32, depth: u8, now: Time) -> Chain {
        let found = self.reach(root, depth, now);
        let truncated = found.truncated;
        let mut children = found.children;
        Chain { root: self.node(root, None, &mut children), truncated }
    }

    fn reach(&self, root: u32, depth: u8, now: Time) -> Found {
        let mut found = Found { children: BTreeMap::new(), truncated: false };
        let mut seen = BTreeSet::from([root]);
        let mut parents = vec![root];
        for _ in 0..depth {
            // For each person not seen: the earliest meeting, and of equal ones the parent that is less by bytes.
            let mut next: BTreeMap<u32, (Time, Box<str>, u32)> = BTreeMap::new();
            for parent in &parents {
                for other in self.contacts.met(*parent).iter().copied().filter(|other| !seen.contains(other))
                {
                    let links = self.contacts.links(other).iter().filter(|link| link.case == *parent);
                    let Some(first) = links.map(Link::from).min() else { continue };
                    let link = (first, self.name(*parent), *parent);
                    next.entry(other)
                        .and_modify(|held| *held = link.clone().min(held.clone()))
                        .or_insert(link);
                }
            }
            let mut next: Vec<(Time, Box<str>, u32, u32)> = next
                .into_iter()
                .map(|(other, (first, _, parent))| (first, self.name(other), other, parent))
                .collect();
            next.sort();
            let free = CHAIN_PEOPLE_MAX.saturating_sub(seen.len());
            found.truncated |= next.len() > free;
            next.truncate(free);
            parents.clear();
            let mut by_parent: BTreeMap<u32, Vec<Beside>> = BTreeMap::new();
            for (_, _, other, parent) in next {
                seen.insert(other);
                let tracing = self.tracing(parent, now);
                let beside = by_parent.entry(parent).or_insert_with(|| tracing.beside());
                let first = beside.partition_point(|stay| stay.person < other);
                let after = beside.partition_point(|stay| stay.person <= other);
                if let Some(row) = tracing.row(&beside[first..after]) {
                    found.children.entry(parent).or_default().push((other, row));
                }
                if self.cases.is_case(other) {
                    parents.push(other);
                }
            }
        }
        found
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
