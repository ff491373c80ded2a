//! Chains from case to case.

use crate::answers::contact_rows;
use crate::picture::Picture;
use std::collections::{BTreeMap, BTreeSet};
use vonglau_core::event::Person;
use vonglau_core::rows::{Chain, ChainNode, Class, ContactRow};

/// People in a chain at most, the root among them.
const CHAIN_PEOPLE_MAX: usize = 10_000;

/// A contact, and under whom it stands.
struct Child {
    parent: Person,
    contact: ContactRow,
}

/// Each person once, nearest to the root, then earliest, then under the lesser parent by bytes; only class f0 has
/// children; at most 10,000 people, then `truncated`.
pub fn chain(picture: &Picture<'_>, root: &str, depth: u8) -> Chain {
    let mut placed: BTreeSet<Person> = BTreeSet::from([root.into()]);
    let mut children: BTreeMap<Person, Vec<ContactRow>> = BTreeMap::new();
    let mut parents: Vec<Person> = vec![root.into()];
    let mut truncated = false;
    for _ in 0..depth {
        let mut next = Vec::new();
        for child in level(picture, &parents, &placed) {
            if placed.contains(&child.contact.person) {
                continue;
            }
            if placed.len() == CHAIN_PEOPLE_MAX {
                truncated = true;
                break;
            }
            placed.insert(child.contact.person.clone());
            if child.contact.class == Class::F0 {
                next.push(child.contact.person.clone());
            }
            children.entry(child.parent).or_default().push(child.contact);
        }
        parents = next;
    }
    Chain { root: node(picture, root.into(), None, &mut children), truncated }
}

/// The contacts of these parents that stand nowhere yet, by (first, person, parent).
fn level(picture: &Picture<'_>, parents: &[Person], placed: &BTreeSet<Person>) -> Vec<Child> {
    let contacts = |parent: &Person| {
        let parent = parent.clone();
        contact_rows(picture, &parent)
            .into_iter()
            .map(move |contact| Child { parent: parent.clone(), contact })
    };
    let mut level: Vec<Child> = parents.iter().flat_map(contacts).collect();
    level.retain(|child| !placed.contains(&child.contact.person));
    level.sort_by_key(|c| (c.contact.first, c.contact.person.clone(), c.parent.clone()));
    level
}

/// Children by (first, person), the order in which they were placed.
fn node(
    picture: &Picture<'_>,
    person: Person,
    contact: Option<ContactRow>,
    children: &mut BTreeMap<Person, Vec<ContactRow>>,
) -> ChainNode {
    let own = children.remove(&person).unwrap_or_default();
    ChainNode {
        class: contact.as_ref().map_or(Class::F0, |contact| contact.class),
        reported: picture.dossiers.episodes(&person).last().map(|episode| episode.reported),
        contact,
        children: own
            .into_iter()
            .map(|contact| node(picture, contact.person.clone(), Some(contact), children))
            .collect(),
        person,
    }
}
