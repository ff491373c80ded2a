//! `district_minutes` and `ward_days`: counts by window of time, made from the rows when they are read.

use crate::city::City;
use crate::column::{Holds, TableDoc, column, date, int, numbers, time};
use crate::pushdown::{all_spans, span};
use crate::read::{Asked, Reading, Source};
use arrow::array::ArrayRef;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use rustc_hash::{FxHashMap, FxHashSet};
use vonglau_core::moment::{RowFilter, ScanColumns, Wanted};
use vonglau_core::time::{Day, Time};

/// What is read of scans.
const WANTED: Wanted = Wanted { how: false, ..Wanted::ALL };
/// Seconds of a minute.
const MINUTE: i64 = 60;

/// Scans by district and local minute.
#[derive(Debug)]
pub struct DistrictMinutes;

/// Scans, people and new cases by ward and local day.
#[derive(Debug)]
pub struct WardDays;

impl Source for DistrictMinutes {
    fn doc(&self) -> TableDoc {
        TableDoc {
            name: "district_minutes",
            vi: "Lượt quét theo quận/huyện và phút; chỉ những phút có lượt quét",
            en: "Scans by district and minute; only minutes that have some",
            columns: vec![
                column(
                    "district",
                    Holds::Word,
                    "mã quận/huyện của địa điểm; trống: không rõ",
                    "code of the venue's district; null: unknown",
                ),
                column("minute", Holds::Time, "đầu phút", "begin of the minute"),
                column("scans", Holds::Int, "lượt quét khác nhau", "distinct scans").unit("scans"),
            ],
        }
    }

    fn uses(&self, filter: &Expr) -> bool {
        span(filter, "minute").is_some()
    }

    fn plan(&self, asked: Asked, filters: &[Expr]) -> Result<Reading> {
        let (from, to) = all_spans(filters, "minute").seconds();
        let within = (from, to.map(|to| to.saturating_add(MINUTE)));
        Ok(whole(asked, within, |city, scans| {
            let mut counts: FxHashMap<(Option<u16>, i64), i64> = FxHashMap::default();
            scans(&mut |_, venue, at| {
                let district = city.taken.moment.registers().venue(venue).and_then(|venue| venue.district);
                *counts.entry((district, at.div_euclid(MINUTE))).or_default() += 1;
            });
            let mut counts: Vec<((Option<u16>, i64), i64)> = counts.into_iter().collect();
            counts.sort_unstable();
            Ok(vec![
                numbers(counts.iter().map(|((district, _), _)| city.names.district(*district))),
                time(&city.zone, counts.iter().map(|((_, minute), _)| Some(Time(minute * MINUTE)))),
                int(counts.iter().map(|(_, scans)| Some(*scans))),
            ])
        }))
    }
}

impl Source for WardDays {
    fn doc(&self) -> TableDoc {
        TableDoc {
            name: "ward_days",
            vi: "Lượt quét, người quét theo phường/xã của địa điểm, và ca mới theo nơi cư trú, từng ngày",
            en: "By day: scans and people by the venue's ward, new cases by the ward of residence",
            columns: vec![
                column(
                    "ward",
                    Holds::Word,
                    "mã phường/xã; trống: không rõ",
                    "code of the ward; null: unknown",
                ),
                column("day", Holds::Date, "ngày", "local day"),
                column("scans", Holds::Int, "lượt quét khác nhau", "distinct scans").unit("scans"),
                column("people", Holds::Int, "số người khác nhau", "distinct people").unit("people"),
                column("f0_new", Holds::Int, "ca mới theo ngày báo", "new cases by day of report")
                    .unit("cases"),
            ],
        }
    }

    fn plan(&self, asked: Asked, _: &[Expr]) -> Result<Reading> {
        Ok(whole(asked, (None, None), |city, scans| {
            let moment = &city.taken.moment;
            let mut days: FxHashMap<(Option<u16>, Day), (i64, FxHashSet<u32>, i64)> = FxHashMap::default();
            scans(&mut |person, venue, at| {
                let ward = moment.registers().venue(venue).and_then(|venue| venue.ward);
                let day = days.entry((ward, moment.day(Time(at)))).or_default();
                day.0 += 1;
                day.1.insert(person);
            });
            for episode in city.episodes()? {
                let (_, ward) = moment.place(episode.district.as_deref(), episode.ward.as_deref());
                days.entry((ward, moment.day(episode.reported))).or_default().2 += 1;
            }
            let mut days: Vec<_> = days.into_iter().collect();
            days.sort_unstable_by_key(|(key, _)| *key);
            Ok(vec![
                numbers(days.iter().map(|((ward, _), _)| city.names.ward(*ward))),
                date(days.iter().map(|((_, day), _)| Some(*day))),
                int(days.iter().map(|(_, (scans, ..))| Some(*scans))),
                int(days.iter().map(|(_, (_, people, _))| i64::try_from(people.len()).ok())),
                int(days.iter().map(|(_, (.., cases))| Some(*cases))),
            ])
        }))
    }
}

/// Calls back with person, venue and time in seconds of each scan.
type EachScan<'a> = &'a dyn Fn(&mut dyn FnMut(u32, u32, i64));

/// A table made whole from the scans within a span of seconds.
fn whole(
    asked: Asked,
    within: (Option<i64>, Option<i64>),
    make: impl Fn(&City, EachScan<'_>) -> Result<Vec<ArrayRef>> + Send + Sync + 'static,
) -> Reading {
    asked.made(move |city| make(city, &|found| each_scan(city, within, found)))
}

fn each_scan(city: &City, (from, to): (Option<i64>, Option<i64>), found: &mut dyn FnMut(u32, u32, i64)) {
    let moment = &city.taken.moment;
    let filter = RowFilter {
        first: from.map(|from| Time(from.saturating_sub(i64::from(u16::MAX)))),
        to: to.map(|to| Time(to.saturating_add(1))),
        ..RowFilter::default()
    };
    let mut scans = ScanColumns::default();
    for piece in moment.pieces(&filter) {
        moment.scans(&piece, &filter, WANTED, &mut scans);
        for ((person, venue), at) in scans.person.iter().zip(&scans.venue).zip(&scans.at) {
            found(*person, *venue, *at);
        }
        scans.person.clear();
        scans.venue.clear();
        scans.at.clear();
    }
}
