//! Answers to questions: traced from what the stages hold, when asked.

use crate::ask::{Answer, Question};
use crate::case_rows;
use crate::contacts::{Cut, Meeting, Span};
use crate::rows::{BackwardRow, Class, ContactRow, FollowRow, Overlap, PresentRow, VisitRow};
use crate::second_order::Met;
use crate::situation::Situation;
use crate::store::Stay;
use crate::time::{DAY, HOUR, Time};
use crate::trace::Ground;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Hours before day zero in which somebody may have been infected.
const BACKWARD_H: i64 = 336;

impl Situation {
    /// Answers a question at the position of the stream reached.
    pub fn ask(&self, question: &Question) -> Answer {
        let Some(now) = self.now else { return self.ask_before_the_first_event(question) };
        let case = |name: &str| self.people.known(name).filter(|person| self.cases.is_case(*person));
        match question {
            Question::Cases => {
                Answer::Cases(case_rows::rows(&self.standing_cases(), &self.rules, |person| {
                    self.name(person)
                }))
            }
            Question::CaseHistory => {
                let mut events = self.cases.events();
                events.sort_by(|a, b| (a.event.at, &a.event.id).cmp(&(b.event.at, &b.event.id)));
                Answer::CaseHistory(events)
            }
            Question::Contacts(name) => {
                case(name).map_or(Answer::NotFound, |case| Answer::Contacts(self.contact_rows(case, now)))
            }
            Question::SecondOrder(name) => case(name)
                .map_or(Answer::NotFound, |case| Answer::Contacts(self.second_order_rows(case, now))),
            Question::Chain(name, depth) => case(name)
                .map_or(Answer::NotFound, |case| Answer::Chain(Box::new(self.chain(case, *depth, now)))),
            Question::Backward(name) => {
                case(name).map_or(Answer::NotFound, |case| Answer::Backward(self.backward_rows(case, now)))
            }
            Question::Visits(name, from, to) => Answer::Visits(self.visit_rows(name, *from, *to, now)),
            Question::Present(name, from, to) => {
                self.venues.heard_of(name).map_or(Answer::NotFound, |venue| {
                    Answer::Present(self.present_rows(
                        venue,
                        from.unwrap_or(self.edge),
                        to.unwrap_or(now),
                        now,
                    ))
                })
            }
            Question::Followed => Answer::Followed(self.follow_rows(now)),
            Question::Venues => Answer::Venues(self.venue_rows()),
            Question::Venue(name) => {
                let venue = self.venues.heard_of(name);
                venue.map_or(Answer::NotFound, |venue| Answer::Venue(Box::new(self.venue_row(venue))))
            }
            Question::Cell(cell) => self.cell_row(*cell, now),
            Question::Series(asked) => self.series(asked, now),
        }
    }

    fn ask_before_the_first_event(&self, question: &Question) -> Answer {
        match question {
            Question::Cases => Answer::Cases(Vec::new()),
            Question::CaseHistory => Answer::CaseHistory(Vec::new()),
            Question::Visits(..) => Answer::Visits(Vec::new()),
            Question::Followed => Answer::Followed(Vec::new()),
            Question::Venues => Answer::Venues(Vec::new()),
            Question::Series(_) => Answer::Series(Vec::new()),
            Question::Cell(cell) => self.cell_row(*cell, Time(i64::MIN / 2)),
            _ => Answer::NotFound,
        }
    }

    pub(crate) fn name(&self, person: u32) -> Box<str> {
        self.people.name(person)
    }

    pub(crate) fn overlap(&self, venue: u32, span: Span, indirect: bool) -> Overlap {
        Overlap {
            from: span.from,
            to: span.to,
            venue: self.venues.names.name(venue).into(),
            indirect,
            venue_name: self.venues.title(venue),
        }
    }

    fn contact_rows(&self, case: u32, now: Time) -> Vec<ContactRow> {
        let tracing = self.tracing(case, now);
        let beside = tracing.beside();
        let pairs = beside.chunk_by(|a, b| a.person == b.person);
        let mut rows: Vec<ContactRow> = pairs.filter_map(|pair| tracing.row(pair)).collect();
        rows.sort_by(|a, b| (Reverse(a.score_sum), &a.person).cmp(&(Reverse(b.score_sum), &b.person)));
        rows
    }

    fn second_order_rows(&self, case: u32, now: Time) -> Vec<ContactRow> {
        let mut met: BTreeMap<u32, Vec<(u32, Met)>> = BTreeMap::new();
        for f1 in self.contacts.met(case) {
            let Some(follow) = self.contacts.follow(f1).filter(|follow| follow.is_f1()) else { continue };
            let Some(time) = self.infectious(case, f1, follow) else { continue };
            self.f2_meetings(f1, &self.visits(f1), time, now, |found| {
                met.entry(found.person).or_default().push((f1, found));
            });
        }
        let mut rows: Vec<ContactRow> =
            met.into_iter().filter_map(|(person, met)| self.f2_row(person, &met)).collect();
        rows.sort_by(|a, b| (a.first, &a.person).cmp(&(b.first, &b.person)));
        rows
    }

    fn f2_row(&self, person: u32, met: &[(u32, Met)]) -> Option<ContactRow> {
        let mut overlaps: Vec<Overlap> =
            met.iter().map(|(_, met)| self.overlap(met.venue, met.span, false)).collect();
        overlaps.sort();
        let via: BTreeSet<Box<str>> = met.iter().map(|(f1, _)| self.name(*f1)).collect();
        Some(ContactRow {
            person: self.name(person),
            first: overlaps.iter().map(|overlap| overlap.from).min()?,
            last: overlaps.iter().map(|overlap| overlap.to).max()?,
            seconds: met.iter().map(|(_, met)| met.span.seconds()).sum(),
            indirect_seconds: 0,
            overlaps,
            score_sum: 0,
            class: Class::F2,
            via: via.into_iter().collect(),
        })
    }

    fn backward_rows(&self, person: u32, now: Time) -> Vec<BackwardRow> {
        let Some(latest) = self.cases.episodes(person).last() else { return Vec::new() };
        let zero = latest.day_zero();
        let window = (zero.plus(-BACKWARD_H * HOUR), zero.min(now));
        let mut sums: BTreeMap<(u32, i64), (i64, BTreeSet<u32>, i128)> = BTreeMap::new();
        for visit in self.visits(person) {
            let Some(span) = Span::shared((visit.start, visit.end), window) else { continue };
            let stay = Stay { person, start: span.from, end: span.to };
            for (case, cut) in self.contacts.cuts.at(visit.venue).iter().filter(|(case, _)| *case != person) {
                let direct = Cut { reach: cut.end, ..*cut };
                let Some(meeting) = Meeting::of(&direct, &stay, &self.rules) else { continue };
                let seconds = meeting.seconds(now);
                let Some(episode) = self.cases.episodes(*case).get(cut.episode) else { continue };
                let sum = sums.entry((visit.venue, meeting.first().utc_hour())).or_default();
                sum.0 += seconds;
                sum.1.insert(*case);
                sum.2 += i128::from(seconds) * self.weight(episode, visit.venue, meeting.first());
            }
        }
        let mut rows: Vec<BackwardRow> = sums
            .into_iter()
            .filter(|(_, (seconds, ..))| *seconds > 0)
            .map(|((venue, hour), (seconds, people, score_sum))| BackwardRow {
                venue: self.venues.names.name(venue).into(),
                hour: Time(hour * HOUR),
                seconds,
                f0: u32::try_from(people.len()).unwrap_or(u32::MAX),
                score_sum,
            })
            .collect();
        rows.sort_by(|a, b| {
            (Reverse(a.score_sum), &a.venue, a.hour).cmp(&(Reverse(b.score_sum), &b.venue, b.hour))
        });
        rows
    }

    fn visit_rows(&self, name: &str, from: Option<Time>, to: Option<Time>, now: Time) -> Vec<VisitRow> {
        let Some(person) = self.people.known(name) else { return Vec::new() };
        let (from, to) = (from.unwrap_or(self.edge), to.unwrap_or(now));
        let open = self.store.open_visit(&self.people, person, &self.venues).filter(|visit| visit.end > now);
        self.visits(person)
            .into_iter()
            .filter_map(|visit| visit.until(now).map(|cut| (visit, cut)))
            .filter(|(_, cut)| Span::shared((cut.start, cut.end), (from, to)).is_some())
            .map(|(visit, cut)| VisitRow {
                venue: self.venues.names.name(cut.venue).into(),
                from: cut.start,
                to: cut.end,
                open: open == Some(visit),
            })
            .collect()
    }

    fn present_rows(&self, venue: u32, from: Time, to: Time, now: Time) -> Vec<PresentRow> {
        let today = self.rules.day(now);
        let mut rows = Vec::new();
        self.each_stay(venue, from, to, |stay| {
            let Some(span) = Span::shared((stay.start, stay.end.min(now)), (from, to)) else { return };
            let class = if self.cases.is_case(stay.person) {
                Some(Class::F0)
            } else {
                self.contacts
                    .follow(stay.person)
                    .is_some_and(|f| f.is_open(today, &self.rules))
                    .then_some(Class::F1)
            };
            rows.push(PresentRow {
                person: self.name(stay.person),
                class,
                from: span.from,
                to: span.to,
                seconds: span.seconds(),
            });
        });
        rows.sort_by(|a, b| (a.from, &a.person).cmp(&(b.from, &b.person)));
        rows
    }

    fn follow_rows(&self, now: Time) -> Vec<FollowRow> {
        let today = self.rules.day(now);
        let mut rows: Vec<FollowRow> = self
            .contacts
            .followed_from(0)
            .filter(|(_, follow)| follow.is_open(today, &self.rules))
            .filter_map(|(person, follow)| {
                let mut cases: Vec<Box<str>> =
                    self.contacts.cases_of(person).map(|case| self.name(case)).collect();
                cases.sort();
                Some(FollowRow {
                    person: self.name(person),
                    last_exposure: follow.last_exposure?,
                    due: follow.earliest_report.map(|report| report.plus(DAY)),
                    told: follow.told,
                    cases,
                    district: self.rules.district_code(self.home(person)),
                    overdue: follow.is_overdue(now, today, &self.rules),
                })
            })
            .collect();
        rows.sort_by(|a, b| {
            (Reverse(a.last_exposure), &a.person).cmp(&(Reverse(b.last_exposure), &b.person))
        });
        rows
    }
}
