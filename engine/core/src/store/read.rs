//! What is asked of the store: the rows of a person, the stays at a venue.

use super::row::Row;
use super::sealed::Sealed;
use super::{HALF_S, Half, Stay, Store};
use crate::people::People;
use crate::time::Time;
use crate::track::{VISIT_MAX_S, Venues, Visit, row_order};
use std::ops::{Range, RangeInclusive};

/// Rows of a chain that are touched before they are read.
const ROWS_WARMED: usize = 3;

impl Store {
    /// A person's rows in open half-days, newest first.
    pub fn chain(&self, people: &People, person: u32) -> impl Iterator<Item = Row> + '_ {
        let mut id = people.head(person);
        std::iter::from_fn(move || {
            let (row, next) = self.row(id)?;
            id = next;
            Some(row)
        })
    }

    /// A person's rows that begin at `from` or later, in order.
    pub fn rows_of(&self, people: &People, person: u32, from: Time, venues: &impl Venues) -> Vec<Row> {
        let mut rows: Vec<Row> = self.chain(people, person).take_while(|row| row.at >= from).collect();
        rows.reverse();
        let is_chain = rows.len();
        self.sealed_rows_of(person, from, &mut rows);
        if rows.len() > is_chain || rows.windows(2).any(|pair| pair[0].at == pair[1].at) {
            rows.sort_by(|a, b| row_order(a, b, venues));
        }
        rows
    }

    /// Adds a person's rows in sealed half-days, in no order. What the memory must be waited for is touched in all of them
    /// before the next step, so that its delays overlap.
    fn sealed_rows_of(&self, person: u32, from: Time, rows: &mut Vec<Row>) {
        let numbers = self.number(from).max(self.first)..self.open_from.min(self.newest() + 1);
        let halves = || {
            numbers.clone().filter_map(|number| match self.half(number) {
                Some(Half::Sealed(sealed)) => Some(sealed),
                _ => None,
            })
        };
        std::hint::black_box(halves().fold(0, |all, sealed| all ^ sealed.warm_posts(person)));
        let places = halves().flat_map(|sealed| sealed.places_of(person).map(move |place| (sealed, place)));
        let places: Vec<(&Sealed, usize)> = places.collect();
        std::hint::black_box(places.iter().fold(0, |all, (sealed, place)| all ^ sealed.warm_row(*place)));
        let written = places.into_iter().map(|(sealed, place)| sealed.row(place));
        let late = halves().flat_map(|sealed| sealed.late_rows_of(person));
        rows.extend(written.chain(late).filter(|row| row.at >= from));
    }

    /// All rows of a person, in order.
    pub fn all_rows_of(&self, people: &People, person: u32, venues: &impl Venues) -> Vec<Row> {
        self.rows_of(people, person, Time(i64::MIN / 2), venues)
    }

    /// Calls `more` for each row of a person that begins at `from` or later, newest first, while it says so.
    pub fn each_row_since(
        &self,
        people: &People,
        person: u32,
        from: Time,
        venues: &impl Venues,
        mut more: impl FnMut(Row) -> bool,
    ) {
        if self.number(from) >= self.open_from {
            let mut rows = self.chain(people, person).take_while(|row| row.at >= from);
            while rows.next().is_some_and(&mut more) {}
        } else {
            let rows = self.rows_of(people, person, from, venues);
            rows.into_iter().rev().take_while(|row| more(*row)).for_each(drop);
        }
    }

    /// Calls `found` for each visit at a venue that overlaps [from, to): whole, with its expected end. No visit there is
    /// longer than `visit_max` seconds.
    pub fn each_stay(&self, venue: u32, from: Time, to: Time, visit_max: i64, found: impl FnMut(Stay)) {
        let halves = self.number(from.plus(-visit_max))..=self.number(to.plus(-1));
        self.each_stay_in(halves, venue, from, to, visit_max, found);
    }

    /// As [`Store::each_stay`], of those that begin in some half-days.
    pub fn each_stay_in(
        &self,
        halves: RangeInclusive<i64>,
        venue: u32,
        from: Time,
        to: Time,
        visit_max: i64,
        mut found: impl FnMut(Stay),
    ) {
        let first = from.plus(-visit_max);
        let mut stay = |person, start, end| found(Stay { person, start, end });
        for number in (*halves.start()).max(self.first)..=(*halves.end()).min(self.newest()) {
            match self.half(number) {
                Some(Half::Open(open)) => open.each_stay(venue, first, from, to, &mut stay),
                Some(Half::Sealed(sealed)) => sealed.each_stay(venue, first, from, to, &mut stay),
                None => {}
            }
        }
    }

    /// Touches the columns of sealed half-days at venues, for rows that begin in [first, to): each step for all of them
    /// before the next, so that the memory's delays overlap.
    pub fn warm_stays(&self, asked: impl Iterator<Item = (u32, Time, Time)>) {
        let mut spots = Vec::new();
        for (venue, first, to) in asked {
            for number in self.number(first).max(self.first)..=self.number(to.plus(-1)).min(self.newest()) {
                if let Some(Half::Sealed(sealed)) = self.half(number) {
                    spots.push((sealed, venue, first, to));
                }
            }
        }
        let touched = spots.iter().map(|(sealed, venue, ..)| sealed.warm_starts(*venue));
        std::hint::black_box(touched.fold(0, |all, start| all ^ start));
        let touched = spots.iter().map(|(sealed, venue, first, to)| sealed.warm_rows(*venue, *first, *to));
        std::hint::black_box(touched.fold(0, |all, row| all ^ row));
    }

    /// Touches the chunks of some venues in the open half-days from `from` on.
    pub fn warm_open(&self, venues: &Range<u32>, from: Time) {
        let halves = self.number(from).max(self.open_from)..=self.newest();
        let open = halves.filter_map(|number| self.open(number));
        std::hint::black_box(open.fold(0, |all, open| all ^ open.warm_venues(venues.clone())));
    }

    /// Rows held.
    pub fn rows(&self) -> usize {
        self.halves.iter().map(Half::rows).sum()
    }

    /// The visit of a person that no scan has closed, with its expected end.
    pub fn open_visit(&self, people: &People, person: u32, venues: &impl Venues) -> Option<Visit> {
        let newest = self.begin(self.newest() + 1);
        crate::track::open_visit(&self.rows_of(
            people,
            person,
            newest.plus(-HALF_S - 2 * VISIT_MAX_S),
            venues,
        ))
    }

    /// Touches the newest rows of people, as many as one has on most days: each step for all people before the next, so
    /// that the memory's delays overlap.
    pub fn warm_chains(&self, people: &People, persons: &[u32]) {
        let mut ids: Vec<u32> = persons.iter().map(|person| people.head(*person)).collect();
        for _ in 0..ROWS_WARMED {
            for id in &mut ids {
                *id = self.row(*id).map_or(*id, |(_, next)| next);
            }
        }
        std::hint::black_box(ids);
    }

    /// Touches the newest rows of people, and the tails of venues in the newest half-day.
    pub fn warm(&self, people: &People, persons: &[Option<u32>], venues: &[Option<u32>]) -> u32 {
        let touch_row =
            |person: &u32| self.row(people.head(*person)).map_or(0, |(row, next)| row.venue ^ next);
        let rows = persons.iter().flatten().map(touch_row).fold(0, |all, row| all ^ row);
        let tails = self.open(self.newest()).map_or(0, |open| open.warm(venues));
        rows ^ tails
    }
}
