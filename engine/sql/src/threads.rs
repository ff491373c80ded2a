//! The threads on which statements run.

use crate::bounds::Bounds;
use crate::check::depth::STACK_BYTES;
use crate::priority::{self, Cores};
use crate::screens::Screens;
use std::io;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

/// Threads for statements, which run when no other wants to, so that the stream always goes first. They end when this is
/// dropped.
#[derive(Debug)]
pub struct Threads {
    runtime: Option<Runtime>,
    cores: Cores,
    screens: Screens,
}

/// Where statements begin. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Starting {
    runtime: Handle,
    cores: Cores,
}

impl Starting {
    /// Begins something on SQL's threads.
    pub fn spawn<F: Future<Output: Send + 'static> + Send + 'static>(
        &self,
        work: F,
    ) -> JoinHandle<F::Output> {
        let begun = self.cores.begin();
        self.runtime.spawn(async move {
            let done = work.await;
            drop(begun);
            done
        })
    }
}

impl Threads {
    /// Starts them.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn start(bounds: &Bounds) -> io::Result<Self> {
        let cores = Cores::of_this_process();
        let (starting, stopping) = (cores.clone(), cores.clone());
        let runtime = Builder::new_multi_thread()
            .worker_threads(bounds.threads)
            .max_blocking_threads(bounds.threads)
            .thread_name("sql")
            .thread_stack_size(STACK_BYTES)
            .on_thread_start(move || {
                priority::idle();
                starting.add_this_thread();
            })
            .on_thread_stop(move || stopping.remove_this_thread())
            .enable_all()
            .build()?;
        Ok(Self { runtime: Some(runtime), cores, screens: Screens::default() })
    }

    /// Where they are told of pictures, to which they give way.
    pub fn screens(&self) -> Screens {
        self.screens.clone()
    }

    /// Where they run.
    pub fn cores(&self) -> &Cores {
        &self.cores
    }

    pub(crate) fn starting(&self) -> io::Result<Starting> {
        let ended = || io::Error::other("the threads for SQL have ended");
        let runtime = self.runtime.as_ref().ok_or_else(ended)?;
        Ok(Starting { runtime: runtime.handle().clone(), cores: self.cores.clone() })
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
