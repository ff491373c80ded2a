//! The answers to questions.

mod cases;
mod chain;
mod people;
mod venues;

pub use cases::contact_rows;

use crate::picture::Picture;
use crate::series::series;
use vonglau_core::ask::{Answer, Question};

pub fn answer(picture: &Picture<'_>, question: &Question) -> Answer {
    match question {
        Question::Cases => Answer::Cases(cases::case_rows(picture)),
        Question::CaseHistory => Answer::CaseHistory(cases::case_events(picture)),
        // No episode: not found.
        Question::Contacts(person)
        | Question::SecondOrder(person)
        | Question::Chain(person, _)
        | Question::Backward(person)
            if !picture.dossiers.is_f0(person) =>
        {
            Answer::NotFound
        }
        Question::Contacts(person) => Answer::Contacts(contact_rows(picture, person)),
        Question::SecondOrder(person) => Answer::Contacts(cases::second_order_rows(picture, person)),
        Question::Chain(person, depth) => Answer::Chain(Box::new(chain::chain(picture, person, *depth))),
        Question::Backward(person) => Answer::Backward(cases::backward_rows(picture, person)),
        Question::Visits(person, from, to) => Answer::Visits(people::visit_rows(picture, person, *from, *to)),
        // Never heard of: not found.
        Question::Present(venue, ..) | Question::Venue(venue) if !picture.spots.contains_key(&**venue) => {
            Answer::NotFound
        }
        Question::Present(venue, from, to) => {
            Answer::Present(people::present_rows(picture, venue, *from, *to))
        }
        Question::Followed => Answer::Followed(people::follow_rows(picture)),
        Question::Venues => Answer::Venues(venues::venue_rows(picture)),
        Question::Venue(venue) => Answer::Venue(Box::new(venues::venue_row(picture, venue))),
        Question::Cell(cell) => {
            venues::cell_row(picture, *cell).map_or(Answer::NotFound, |row| Answer::Cell(Box::new(row)))
        }
        Question::Series(asked) => series(picture, asked, |_| None),
    }
}
