//! Half-open stretches of time.

use vonglau_core::time::Time;

/// [from, to) in whole seconds; holds at least one second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub from: Time,
    pub to: Time,
}

impl Span {
    /// [from, to), or nothing where that is empty: empty ones do not exist.
    pub fn new(from: Time, to: Time) -> Option<Self> {
        (from < to).then_some(Self { from, to })
    }

    /// What both have in common with [from, to).
    pub fn cut(self, from: Time, to: Time) -> Option<Self> {
        Self::new(self.from.max(from), self.to.min(to))
    }

    pub fn seconds(self) -> i64 {
        self.to.0 - self.from.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_only_touch_have_nothing_in_common() {
        let span = Span::new(Time(10), Time(20)).unwrap();
        assert_eq!(span.cut(Time(20), Time(30)), None);
        assert_eq!(span.cut(Time(19), Time(30)).map(Span::seconds), Some(1));
        assert_eq!(Span::new(Time(5), Time(5)), None);
    }
}
