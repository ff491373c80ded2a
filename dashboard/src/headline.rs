//! The sentence at the top of every screen: what happens, and where. It comes from here, so that every screen says
//! the same.

use crate::port::{State, Status};
use vonglau_core::figure::Figure;
use vonglau_core::params::{Clock, District, Params, Severity};
use vonglau_core::rows::AlertState;
use vonglau_core::time::{MINUTE, Time};
use vonglau_core::view::View;

/// A headline is at most so many characters long; past them the second clause is shortened, then left out.
pub const HEADLINE_CHARS_MAX: usize = 66;

/// The sentence, in both languages, and the rule that gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// `not_live untaken level_4 up down none flat`
    pub rule: &'static str,
    /// The city's epidemic level 1-4.
    pub level: Option<i64>,
    pub vi: String,
    pub en: String,
}

/// Both languages of a clause.
#[derive(Debug)]
struct Clause {
    vi: String,
    en: String,
}

impl Clause {
    fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { vi: vi.into(), en: en.into() }
    }
}

/// The headline of a picture: the first rule that holds, then where it is hottest.
pub fn headline(view: &View, status: &Status, params: &Params) -> Headline {
    let (rule, first, second) = not_live(status, params).unwrap_or_else(|| {
        let (rule, first) = what_happens(view, params);
        (rule, first, hottest(view, params))
    });
    Headline {
        rule,
        level: view.city.now[Figure::Level as usize],
        vi: fitting(&first.vi, second.iter().map(|clause| clause.vi.as_str())),
        en: fitting(&first.en, second.iter().map(|clause| clause.en.as_str())),
    }
}

/// The first clause with the longest of the second ones (given longest first) that fits.
fn fitting<'a>(first: &str, mut seconds: impl Iterator<Item = &'a str>) -> String {
    let room = HEADLINE_CHARS_MAX.saturating_sub(first.chars().count() + 1);
    match seconds.find(|second| second.chars().count() <= room) {
        Some(second) => format!("{first} {second}"),
        None => first.into(),
    }
}

/// What is said while the picture is not live; None while it is.
fn not_live(status: &Status, params: &Params) -> Option<(&'static str, Clause, Vec<Clause>)> {
    let (first, second) = match status.state {
        State::Cut => (
            Clause::new("Mất kết nối dữ liệu.", "Data connection lost."),
            Some(Clause::new("Đang nối lại, giữ hình cuối cùng.", "Reconnecting, holding the last picture.")),
        ),
        State::CatchingUp => catching_up(status),
        State::Settling => {
            (Clause::new("Đang cập nhật hồ sơ địa điểm.", "Working in a venue's new record."), None)
        }
        State::Waiting => (
            Clause::new("Chưa có sự kiện nào.", "No events yet."),
            Some(Clause::new(
                "Hệ thống sẵn sàng, đang chờ nguồn đầu tiên.",
                "The system is ready, waiting for the first source.",
            )),
        ),
        State::Live => (
            stopped(status.stopped_since?, status, params),
            Some(Clause::new("Đang giữ hình cuối cùng.", "Holding the last picture.")),
        ),
    };
    Some(("not_live", first, second.into_iter().collect()))
}

fn catching_up(status: &Status) -> (Clause, Option<Clause>) {
    let Some(span) = status.catch_up.filter(|span| span.head_seq > span.from_seq) else {
        return (Clause::new("Đang đọc lại sự kiện.", "Reading events back."), None);
    };
    let done = status.stream_seq.clamp(span.from_seq, span.head_seq) - span.from_seq;
    let percent = u128::from(done) * 100 / u128::from(span.head_seq - span.from_seq);
    let left = span.left_s.map(|seconds| {
        let left = lasting(i64::try_from(seconds).unwrap_or(i64::MAX));
        Clause::new(
            format!("Kịp hiện tại sau khoảng {}.", left.vi),
            format!("Up to date in about {}.", left.en),
        )
    });
    let first = Clause::new(
        format!("Đang đọc lại sự kiện: {percent}%."),
        format!("Reading events back: {percent}%."),
    );
    (first, left)
}

/// Since when nothing has come: by the clock on the wall, else (time runs differently there) for how long.
fn stopped(since: Time, status: &Status, params: &Params) -> Clause {
    if status.clock != Clock::Wall {
        let lasted = lasting(status.server_time.0 - since.0);
        return Clause::new(
            format!("Không có dữ liệu mới đã {}.", lasted.vi),
            format!("No new data for {}.", lasted.en),
        );
    }
    let second = params.zone.second_of_day(since);
    let clock = format!("{:02}:{:02}", second / 3_600, second / 60 % 60);
    let day = params.zone.day(since);
    if day == params.zone.day(status.server_time) {
        return Clause::new(
            format!("Không có dữ liệu mới từ {clock}."),
            format!("No new data since {clock}."),
        );
    }
    let (_, month, date) = day.civil();
    let name =
        MONTHS_EN.get(usize::try_from(month).unwrap_or(0).saturating_sub(1)).copied().unwrap_or_default();
    Clause::new(
        format!("Không có dữ liệu mới từ {clock} ngày {date}/{month}."),
        format!("No new data since {clock} on {date} {name}."),
    )
}

const MONTHS_EN: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A length of time in its largest whole unit.
fn lasting(seconds: i64) -> Clause {
    match seconds.max(0) {
        s @ 0..=59 => Clause::new(format!("{s} giây"), format!("{s} s")),
        s @ 60..=3_599 => Clause::new(format!("{} phút", s / 60), format!("{} min", s / 60)),
        s @ 3_600..=86_399 => Clause::new(format!("{} giờ", s / 3_600), format!("{} h", s / 3_600)),
        s => Clause::new(format!("{} ngày", s / 86_400), format!("{} d", s / 86_400)),
    }
}

/// The first of the rules on the epidemic that holds.
fn what_happens(view: &View, params: &Params) -> (&'static str, Clause) {
    let untaken = untaken(view, params);
    if untaken > 0 {
        let alerts = if untaken == 1 { "alert" } else { "alerts" };
        let vi = format!("{untaken} cảnh báo nghiêm trọng chưa ai nhận.");
        return ("untaken", Clause::new(vi, format!("{untaken} critical {alerts} nobody has taken.")));
    }
    if let Some(clause) = newly_level_4(view, params) {
        return ("level_4", clause);
    }
    match view.trend.weeks {
        weeks @ 2.. => ("up", weekly("tăng", "up", weeks.unsigned_abs())),
        weeks @ ..=-2 => ("down", weekly("giảm", "down", weeks.unsigned_abs())),
        _ if view.city.now[Figure::F0New7d as usize] == Some(0) => {
            ("none", Clause::new("Không có ca mới trong 7 ngày.", "No new cases in 7 days."))
        }
        _ => ("flat", Clause::new("Ca mới đi ngang.", "New cases flat.")),
    }
}

/// Critical alerts that nobody took within the time for it.
fn untaken(view: &View, params: &Params) -> usize {
    let within = params.alerts.take_within_min[Severity::Critical as usize] * MINUTE;
    let Some(now) = view.now.filter(|_| within > 0) else { return 0 };
    let open = |state| state == AlertState::Open;
    view.alerts
        .values()
        .filter(|row| row.severity == Severity::Critical && open(row.state) && now.0 - row.since.0 > within)
        .count()
}

fn newly_level_4(view: &View, params: &Params) -> Option<Clause> {
    let names: Vec<_> =
        view.trend.newly_level_4.iter().filter_map(|n| params.districts.get(usize::from(*n))).collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(Clause::new(
            format!("{} lên cấp 4.", short_name(one)),
            format!("{} now at level 4.", one.name_en),
        )),
        more => Some(Clause::new(
            format!("{} quận, huyện lên cấp 4.", more.len()),
            format!("{} districts now at level 4.", more.len()),
        )),
    }
}

/// "Ca mới tăng tuần thứ ba liền."
fn weekly(way_vi: &str, way_en: &str, weeks: u32) -> Clause {
    let spelled = usize::try_from(weeks).ok().and_then(|n| ORDINALS.get(n.wrapping_sub(2)));
    match spelled {
        Some((vi, en)) => Clause::new(
            format!("Ca mới {way_vi} tuần thứ {vi} liền."),
            format!("New cases {way_en} {en} week."),
        ),
        None => Clause::new(
            format!("Ca mới {way_vi} tuần thứ {weeks} liền."),
            format!("New cases {way_en} for {weeks} weeks."),
        ),
    }
}

/// From the second to the tenth.
const ORDINALS: [(&str, &str); 9] = [
    ("hai", "a second"),
    ("ba", "a third"),
    ("tư", "a fourth"),
    ("năm", "a fifth"),
    ("sáu", "a sixth"),
    ("bảy", "a seventh"),
    ("tám", "an eighth"),
    ("chín", "a ninth"),
    ("mười", "a tenth"),
];

/// Where it is hottest: with both names, then with the first alone; nothing where no district stands out.
fn hottest(view: &View, params: &Params) -> Vec<Clause> {
    let names: Vec<_> =
        view.trend.hottest.iter().filter_map(|n| params.districts.get(usize::from(*n))).collect();
    let one = |district: &District| {
        Clause::new(
            format!("Nóng nhất: {}.", short_name(district)),
            format!("Highest: {}.", district.name_en),
        )
    };
    match names.as_slice() {
        [] => Vec::new(),
        [first] => vec![one(first)],
        [first, second, ..] => vec![
            Clause::new(
                format!("Nóng nhất: {} và {}.", short_name(first), short_name(second)),
                format!("Highest: {} and {}.", first.name_en, second.name_en),
            ),
            one(first),
        ],
    }
}

/// A district's name without what kind of district it is.
fn short_name(district: &District) -> &str {
    ["Quận ", "Huyện ", "Thị xã ", "Thành phố "]
        .iter()
        .find_map(|kind| district.name_vi.strip_prefix(kind))
        .unwrap_or(&district.name_vi)
}
