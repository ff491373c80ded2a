//! `contacts`: everybody who met a case in its infectious window, traced when asked.

use crate::column::{Holds, TableDoc, column, int, numbers, real, text, time};
use crate::pushdown::{all_texts, texts};
use crate::read::{Asked, Batches, Reading, Refined, Rows, Source};
use arrow::array::ArrayRef;
use arrow::record_batch::RecordBatch;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use std::sync::Arc;
use vonglau_core::trace::Traced;

/// Cases traced for one batch.
const CASES_A_BATCH: usize = 16;

/// Contacts that a case has, for planning.
const CONTACTS_ABOUT: usize = 100;

/// The table.
#[derive(Debug)]
pub struct Contacts;

impl Source for Contacts {
    fn doc(&self) -> TableDoc {
        TableDoc {
            name: "contacts",
            vi: "Người tiếp xúc với F0 trong thời gian lây nhiễm, mỗi cặp một dòng; phần trong kho lưu trữ thêm một dòng mỗi ngày",
            en: "Contacts of cases in their infectious windows, a row a pair; what is archived of a pair is a further row a day, as it stood then",
            columns: columns(),
        }
    }

    fn uses(&self, filter: &Expr) -> bool {
        texts(filter, "f0").is_some()
    }

    fn plan(&self, asked: Asked, filters: &[Expr]) -> Result<Reading> {
        let moment = &asked.city.taken.moment;
        let cases: Arc<[u32]> = match all_texts(filters, "f0") {
            Some(names) => moment.registers().people_of(&names).into(),
            None => moment.cases().collect(),
        };
        Ok(plan_of(asked, cases))
    }
}

/// Plans to trace some cases.
fn plan_of(asked: Asked, cases: Arc<[u32]>) -> Reading {
    let told = format!("cases={}", cases.len());
    let rows = Rows::about(cases.len() * CONTACTS_ABOUT);
    let partitions = asked.threads.clamp(1, cases.len().max(1));
    let asked = Arc::new(asked);
    let read = move |partition: usize, _: &Refined| -> Batches {
        let asked = Arc::clone(&asked);
        let mine: Vec<u32> = cases.iter().copied().skip(partition).step_by(partitions).collect();
        let parts: Vec<Vec<u32>> = mine.chunks(CASES_A_BATCH).map(<[u32]>::to_vec).collect();
        Box::new(parts.into_iter().map(move |cases| batch(&asked, &cases)))
    };
    Reading { partitions, told, rows, refines: false, read: Arc::new(read) }
}

/// The columns.
pub fn columns() -> Vec<crate::column::Column> {
    vec![
        column("f0", Holds::Person, "mã giả danh của F0", "pseudonym of the case"),
        column("person", Holds::Person, "mã giả danh của người tiếp xúc", "pseudonym of the contact"),
        column(
            "class",
            Holds::Word,
            "f1, hoặc f0 nếu chính người đó là ca bệnh",
            "f1, or f0 where it is a case itself",
        ),
        column("first_at", Holds::Time, "giây tiếp xúc đầu tiên", "first second of the overlaps"),
        column("last_at", Holds::Time, "lúc lần tiếp xúc cuối kết thúc", "end of the last overlap"),
        column("seconds", Holds::Int, "thời gian tiếp xúc trực tiếp", "direct contact").unit("s"),
        column("indirect_seconds", Holds::Int, "thời gian tiếp xúc gián tiếp", "indirect contact").unit("s"),
        column(
            "score",
            Holds::Real,
            "điểm nguy cơ: giây × độ lây × trọng số địa điểm",
            "score: seconds × infectiousness × weight of the venue",
        )
        .unit("min"),
        column(
            "last_began_at",
            Holds::Time,
            "giây đầu của lần tiếp xúc cuối: ngày của nó là ngày phơi nhiễm cuối",
            "first second of the last overlap: its date is the last exposure day",
        ),
    ]
}

/// The contacts of some cases.
fn batch(asked: &Asked, cases: &[u32]) -> Result<RecordBatch> {
    let city = &asked.city;
    let mut traced: Vec<(u32, Traced)> = Vec::new();
    for case in cases {
        let contacts = match city.cut {
            // A pair's meetings that the edge passes at once stand where the first of them does.
            Some(cut) => {
                let mut contacts = city.taken.moment.contacts_until(*case, cut.edge);
                contacts.retain(|contact| contact.first >= cut.from && contact.first < cut.to);
                contacts
            }
            None => city.taken.moment.contacts_of(*case),
        };
        traced.extend(contacts.into_iter().map(|contact| (*case, contact)));
    }
    let contacts = || traced.iter().map(|(_, contact)| contact);
    let columns: Vec<ArrayRef> = vec![
        numbers(traced.iter().map(|(case, _)| Some(*case))),
        numbers(contacts().map(|contact| Some(contact.person))),
        text(contacts().map(|contact| Some(if contact.is_case { "f0" } else { "f1" }))),
        time(&city.zone, contacts().map(|contact| Some(contact.first))),
        time(&city.zone, contacts().map(|contact| Some(contact.last))),
        int(contacts().map(|contact| Some(contact.seconds))),
        int(contacts().map(|contact| Some(contact.indirect_seconds))),
        real(contacts().map(|contact| Some(vonglau_core::rows::score(contact.score_sum)))),
        time(&city.zone, contacts().map(|contact| Some(contact.last_began))),
    ];
    asked.batch(&columns)
}
