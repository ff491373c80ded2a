use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long anything may take on a busy machine.
pub const DEADLINE: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(20);

/// Asks until there is an answer; fails with what was waited for once the deadline has passed.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + DEADLINE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < end, "waited in vain for: {what}");
        sleep(POLL).await;
    }
}
