//! Questions take at most as much time as the journal while both are waiting.

use std::time::Duration;

/// What questions may take before the journal has had its turn.
const SLACK: Duration = Duration::from_millis(20);

/// Time spent on each since the driver last had nothing to do.
#[derive(Debug, Default)]
pub struct Share {
    asking: Duration,
    stepping: Duration,
}

impl Share {
    /// A question may be answered before the next message.
    pub fn may_ask(&self) -> bool {
        self.asking <= self.stepping + SLACK
    }

    pub fn asked(&mut self, cost: Duration) {
        self.asking += cost;
    }

    pub fn stepped(&mut self, cost: Duration) {
        self.stepping += cost;
    }

    /// Nothing waits: what was spent is forgotten.
    pub fn rest(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dear_question_lets_the_journal_go_first() {
        let mut share = Share::default();
        assert!(share.may_ask());
        share.asked(Duration::from_millis(500));
        assert!(!share.may_ask());
        share.stepped(Duration::from_millis(490));
        assert!(share.may_ask());
    }
}
