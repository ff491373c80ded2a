//! Threads that the system runs only when nothing else wants to, and where.

use rustix::io::Errno;
use rustix::thread::{CpuSet, Pid, gettid, sched_getaffinity, sched_setaffinity};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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

/// On which cores SQL's threads run. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Cores(Arc<Mutex<Placed>>);

#[derive(Debug)]
struct Placed {
    /// All that the process may use.
    all: CpuSet,
    /// The same without the first; all where there is no other.
    others: CpuSet,
    leaves_one: bool,
    threads: Vec<Pid>,
}

impl Cores {
    /// All that the calling thread may use.
    pub(crate) fn of_this_process() -> Self {
        let all = sched_getaffinity(None).unwrap_or_else(|error| {
            tracing::warn!(%error, "SQL cannot leave a core to the stream");
            CpuSet::new()
        });
        let mut others = all;
        if let Some(first) = (0..CpuSet::MAX_CPU).find(|core| all.is_set(*core)).filter(|_| all.count() > 1) {
            others.unset(first);
        }
        Self(Arc::new(Mutex::new(Placed { all, others, leaves_one: false, threads: Vec::new() })))
    }

    /// Leaves one core to others, or takes it back: a thread that wakes up starts at once on a core where nothing runs.
    pub fn leave_one(&self, leaves_one: bool) {
        let mut placed = self.lock();
        if placed.leaves_one != leaves_one {
            placed.leaves_one = leaves_one;
            placed.threads.iter().for_each(|thread| placed.put(*thread));
        }
    }

    /// The calling thread is one of SQL's from now on.
    pub(crate) fn add_this_thread(&self) {
        let mut placed = self.lock();
        placed.threads.push(gettid());
        placed.put(gettid());
    }

    /// The calling thread ends.
    pub(crate) fn remove_this_thread(&self) {
        self.lock().threads.retain(|thread| *thread != gettid());
    }

    fn lock(&self) -> MutexGuard<'_, Placed> {
        // Each change is whole: a panic elsewhere leaves nothing half done here.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Placed {
    fn put(&self, thread: Pid) {
        let cores = if self.leaves_one { &self.others } else { &self.all };
        match sched_setaffinity(Some(thread), cores) {
            // Ended just now.
            Ok(()) | Err(Errno::SRCH) => {}
            Err(error) => tracing::warn!(%error, "a thread of SQL stays on the cores it has"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_core_is_left_and_given_back() {
        let cores = Cores::of_this_process();
        let all = sched_getaffinity(None).unwrap();
        cores.add_this_thread();
        cores.leave_one(true);
        let left = sched_getaffinity(None).unwrap();
        assert_eq!(left.count(), (all.count() - 1).max(1));
        cores.leave_one(false);
        assert_eq!(sched_getaffinity(None).unwrap(), all);
        cores.remove_this_thread();
        cores.leave_one(true);
        assert_eq!(sched_getaffinity(None).unwrap(), all);
    }
}
