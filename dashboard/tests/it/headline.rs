//! The sentence.

use crate::fake::status;
use crate::sample;
use std::sync::Arc;
use vonglau_core::figure::Figure;
use vonglau_core::params::{Clock, Params};
use vonglau_core::rows::AlertState;
use vonglau_core::view::View;
use vonglau_dashboard::headline::{HEADLINE_CHARS_MAX, Headline, headline};
use vonglau_dashboard::port::{CatchUp, State, Status};

/// A picture in which nothing is to be told but what the test puts there.
fn calm(params: &Params) -> View {
    let mut view = sample::view(params);
    Arc::make_mut(&mut view.alerts).clear();
    view
}

fn live(change: impl FnOnce(&mut View)) -> Headline {
    let params = sample::params();
    let mut view = calm(&params);
    change(&mut view);
    headline(&view, &status(), &params)
}

fn not_live(change: impl FnOnce(&mut Status)) -> Headline {
    let params = sample::params();
    let mut status = status();
    change(&mut status);
    headline(&calm(&params), &status, &params)
}

fn says(headline: &Headline, rule: &str, vi: &str, en: &str) {
    assert_eq!((headline.rule, headline.vi.as_str(), headline.en.as_str()), (rule, vi, en));
    assert!(
        headline.vi.chars().count() <= HEADLINE_CHARS_MAX
            && headline.en.chars().count() <= HEADLINE_CHARS_MAX
    );
}

#[test]
fn a_rise_counts_its_weeks_and_names_the_two_hottest_districts() {
    let rise = live(|view| {
        view.trend.weeks = 3;
        view.trend.hottest = vec![2, 0];
    });
    says(
        &rise,
        "up",
        "Ca mới tăng tuần thứ ba liền. Nóng nhất: Hoàng Mai và Ba Đình.",
        "New cases up a third week. Highest: Hoang Mai and Ba Dinh.",
    );
}

#[test]
fn what_does_not_fit_is_shortened_and_then_left_out() {
    let params = sample::params();
    let mut view = calm(&params);
    view.trend.weeks = -12;
    view.trend.hottest = vec![1, 2];
    let mut long = params;
    long.districts[2].name_vi = "Quận Bắc Từ Liêm và Nam Từ Liêm".into();
    says(
        &headline(&view, &status(), &long),
        "down",
        "Ca mới giảm tuần thứ 12 liền. Nóng nhất: Hai Bà Trưng.",
        "New cases down for 12 weeks. Highest: Hai Ba Trung and Hoang Mai.",
    );
    long.districts[1].name_vi = "Huyện có tên dài hơn nhiều so với chỗ dành cho nó".into();
    assert_eq!(headline(&view, &status(), &long).vi, "Ca mới giảm tuần thứ 12 liền.");
}

#[test]
fn one_week_is_no_trend() {
    says(&live(|view| view.trend.weeks = 1), "flat", "Ca mới đi ngang.", "New cases flat.");
    let none = live(|view| view.city.now[Figure::F0New7d as usize] = Some(0));
    says(&none, "none", "Không có ca mới trong 7 ngày.", "No new cases in 7 days.");
    assert_eq!(none.level, Some(2));
}

#[test]
fn a_critical_alert_is_told_once_its_time_to_be_taken_is_over() {
    let breach = |age_s: i64, state| {
        live(move |view| {
            let mut row = sample::breach();
            row.state = state;
            row.since = view.now.unwrap().plus(-age_s);
            Arc::make_mut(&mut view.alerts).insert(row.id.clone(), row);
        })
    };
    assert_eq!(breach(15 * 60, AlertState::Open).rule, "flat");
    assert_eq!(breach(3_600, AlertState::Acknowledged).rule, "flat");
    says(
        &breach(15 * 60 + 1, AlertState::Open),
        "untaken",
        "1 cảnh báo nghiêm trọng chưa ai nhận.",
        "1 critical alert nobody has taken.",
    );
}

#[test]
fn a_district_that_came_to_level_4_comes_before_the_trend() {
    let told = |newly: &[u16]| {
        live(|view| {
            view.trend.newly_level_4 = newly.to_vec();
            view.trend.weeks = 2;
        })
    };
    says(&told(&[2]), "level_4", "Hoàng Mai lên cấp 4.", "Hoang Mai now at level 4.");
    says(&told(&[1, 2]), "level_4", "2 quận, huyện lên cấp 4.", "2 districts now at level 4.");
}

#[test]
fn stopped_data_says_since_when_and_under_a_run_clock_for_how_long() {
    let since = sample::at("10:05:59");
    let stopped = |clock| {
        not_live(|status| {
            status.stopped_since = Some(since);
            status.clock = clock;
        })
    };
    says(
        &stopped(Clock::Wall),
        "not_live",
        "Không có dữ liệu mới từ 10:05. Đang giữ hình cuối cùng.",
        "No new data since 10:05. Holding the last picture.",
    );
    says(
        &stopped(Clock::Simulated),
        "not_live",
        "Không có dữ liệu mới đã 24 phút. Đang giữ hình cuối cùng.",
        "No new data for 24 min. Holding the last picture.",
    );
    let yesterday = not_live(|status| status.stopped_since = Some(since.plus(-86_400)));
    assert!(yesterday.vi.starts_with("Không có dữ liệu mới từ 10:05 ngày 14/10."), "{}", yesterday.vi);
    assert!(yesterday.vi.chars().count() <= HEADLINE_CHARS_MAX);
}

#[test]
fn each_state_that_is_not_live_says_what_it_is() {
    let waiting = not_live(|status| status.state = State::Waiting);
    says(
        &waiting,
        "not_live",
        "Chưa có sự kiện nào. Hệ thống sẵn sàng, đang chờ nguồn đầu tiên.",
        "No events yet. The system is ready, waiting for the first source.",
    );
    let reading = not_live(|status| {
        status.state = State::CatchingUp;
        status.stream_seq = 168;
        status.catch_up = Some(CatchUp { from_seq: 100, head_seq: 200, left_s: Some(12) });
    });
    says(
        &reading,
        "not_live",
        "Đang đọc lại sự kiện: 68%. Kịp hiện tại sau khoảng 12 giây.",
        "Reading events back: 68%. Up to date in about 12 s.",
    );
    for state in [State::Cut, State::Settling, State::CatchingUp] {
        let told = not_live(|status| status.state = state);
        assert_eq!(told.rule, "not_live");
        assert!(
            told.vi.chars().count() <= HEADLINE_CHARS_MAX && told.en.chars().count() <= HEADLINE_CHARS_MAX
        );
    }
}
