//! Threads that the system runs only when nothing else wants to, and where.
//!
//! Where such a thread runs, one of the stream that wakes up there takes its place at once. But one that waits elsewhere,
//! behind others, stays there: the system looks for a free core only when there is time to spare, and while statements
//! run there is none. So the stream's first thread is kept where statements run.

use rustix::io::Errno;
use rustix::thread::{CpuSet, Pid, gettid, sched_getaffinity, sched_setaffinity};
use std::sync::atomic::{AtomicUsize, Ordering};
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

/// On which cores SQL's threads run, and the stream's first. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Cores(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    placed: Mutex<Placed>,
    /// What SQL's threads have begun and not ended.
    at_work: AtomicUsize,
}

/// Something that SQL's threads have begun; it has ended when this is dropped.
#[derive(Debug)]
pub(crate) struct AtWork(Cores);

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.0.at_work.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct Placed {
    /// All that the process may use.
    all: CpuSet,
    /// The same without the first; all where there is no other.
    others: CpuSet,
    leaves_one: bool,
    threads: Vec<Pid>,
    /// The stream's thread that goes first, and whether it is kept to the cores of SQL's threads.
    first: Option<Pid>,
    is_beside: bool,
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
        let placed =
            Placed { all, others, leaves_one: false, threads: Vec::new(), first: None, is_beside: false };
        Self(Arc::new(Shared { placed: Mutex::new(placed), at_work: AtomicUsize::new(0) }))
    }

    /// Leaves one core to others, or takes it back: a thread that wakes up starts at once on a core where nothing runs.
    /// To be called now and then: while statements run, it also brings the stream's first thread to where they do.
    pub fn leave_one(&self, leaves_one: bool) {
        let is_beside = leaves_one && self.0.at_work.load(Ordering::Relaxed) > 0;
        let mut placed = self.lock();
        if placed.leaves_one != leaves_one {
            placed.leaves_one = leaves_one;
            placed.threads.iter().for_each(|thread| placed.put(*thread, leaves_one));
        }
        if placed.is_beside != is_beside {
            placed.is_beside = is_beside;
            placed.first.iter().for_each(|thread| placed.put(*thread, is_beside));
        }
    }

    /// The calling thread is the one of the stream that goes first.
    pub fn go_first(&self) {
        self.lock().first = Some(gettid());
    }

    /// SQL's threads begin something.
    pub(crate) fn begin(&self) -> AtWork {
        self.0.at_work.fetch_add(1, Ordering::Relaxed);
        AtWork(self.clone())
    }

    /// The calling thread is one of SQL's from now on.
    pub(crate) fn add_this_thread(&self) {
        let mut placed = self.lock();
        placed.threads.push(gettid());
        placed.put(gettid(), placed.leaves_one);
    }

    /// The calling thread ends.
    pub(crate) fn remove_this_thread(&self) {
        self.lock().threads.retain(|thread| *thread != gettid());
    }

    fn lock(&self) -> MutexGuard<'_, Placed> {
        // Each change is whole: a panic elsewhere leaves nothing half done here.
        self.0.placed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Placed {
    fn put(&self, thread: Pid, on_others: bool) {
        let cores = if on_others { &self.others } else { &self.all };
        match sched_setaffinity(Some(thread), cores) {
            // Ended just now.
            Ok(()) | Err(Errno::SRCH) => {}
            Err(error) => tracing::warn!(%error, "a thread stays on the cores it has"),
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

    #[test]
    fn the_streams_first_thread_is_where_statements_run_and_else_anywhere() {
        let cores = Cores::of_this_process();
        let all = sched_getaffinity(None).unwrap();
        cores.go_first();
        cores.leave_one(true);
        assert_eq!(sched_getaffinity(None).unwrap(), all, "nothing runs");
        let statement = cores.begin();
        cores.leave_one(true);
        assert_eq!(sched_getaffinity(None).unwrap(), cores.lock().others);
        drop(statement);
        cores.leave_one(true);
        assert_eq!(sched_getaffinity(None).unwrap(), all);
    }
}
