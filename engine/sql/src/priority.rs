//! Threads that the system runs only when nothing else wants to.

use thread_priority::{
    NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, set_thread_priority_and_policy,
    thread_native_id,
};

/// Makes the calling thread one of those (`SCHED_IDLE`, sched(7)). Being nice is not enough: who is nice still finishes its
/// slice of some milliseconds when a thread of the stream wakes up.
pub fn idle() {
    let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
    if let Err(error) = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle) {
        tracing::warn!(%error, "a thread of SQL keeps the usual priority: long statements can slow the screens");
    }
}
