//! The simulator as a producer: posts the city's lines to a gateway and keeps the pace that was asked for.

use super::{
    city::{City, Step},
    options::{Plan, Progress, SimulateError, SimulateOptions, SimulateReport, check},
    post::Post,
    schedule::Pace,
    sender::Sender,
};
use std::path::PathBuf;
use tokio::{
    fs::File,
    io::{AsyncWriteExt, BufWriter},
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;

/// Steps drawn ahead of what is sent.
const STEPS_AHEAD_MAX: usize = 16;

/// Simulates until the days are over or, where live running was asked for, until `stop` is cancelled. `progress` is
/// told after each step, often.
pub async fn run(
    options: SimulateOptions,
    stop: CancellationToken,
    progress: impl Fn(&Progress) + Send + Sync,
) -> Result<SimulateReport, SimulateError> {
    check(&options)?;
    let post = Post::new(&options.to, stop.clone())?;
    let status = post.status().await?;
    let plan = Plan::new(&options, status);
    let setup = plan.setup(&options);
    let city = tokio::task::spawn_blocking(move || City::new(&setup)).await??;
    let mut sender = Sender::new(&options, post, &plan, status);
    let city =
        if plan.resume_at.is_some() { city } else { sender.registry(city, &plan, &stop, &progress).await? };
    let mut steps = draw(city, plan, options.pace);
    let mut truth = Truth::open(options.truth.clone()).await?;
    while let Some(Some(step)) = stop.run_until_cancelled(steps.recv()).await {
        if stop.run_until_cancelled(sender.pacer.wait(step.until)).await.is_none() {
            break;
        }
        truth.write(&step.truth).await?;
        sender.step(step).await?;
        progress(&sender.progress(&plan));
    }
    sender.drain(0).await?;
    truth.close().await?;
    Ok(sender.report)
}

/// Draws the steps on a thread of its own, a few ahead of what is sent.
fn draw(mut city: City, plan: Plan, pace: Pace) -> mpsc::Receiver<Step> {
    let (sender, receiver) = mpsc::channel(STEPS_AHEAD_MAX);
    // It ends with the schedule, or when nobody takes its steps any more.
    drop(tokio::task::spawn_blocking(move || {
        for until in plan.schedule(pace) {
            let mut reached = None;
            while reached != Some(until) {
                let step = city.step(until, pace.step_scans());
                reached = Some(step.until);
                let is_told = plan.resume_at.is_some_and(|resumed| step.until < resumed);
                if !is_told && sender.blocking_send(step).is_err() {
                    return;
                }
            }
        }
    }));
    receiver
}

/// The file of the ground truth, if one was asked for.
struct Truth {
    file: Option<(PathBuf, BufWriter<File>)>,
}

impl Truth {
    async fn open(path: Option<PathBuf>) -> Result<Self, SimulateError> {
        let Some(path) = path else { return Ok(Self { file: None }) };
        match File::create(&path).await {
            Ok(file) => Ok(Self { file: Some((path, BufWriter::new(file))) }),
            Err(source) => Err(SimulateError::Truth { path, source }),
        }
    }

    async fn write(&mut self, lines: &[u8]) -> Result<(), SimulateError> {
        let Some((path, file)) = &mut self.file else { return Ok(()) };
        file.write_all(lines).await.map_err(|source| SimulateError::Truth { path: path.clone(), source })
    }

    async fn close(self) -> Result<(), SimulateError> {
        let Some((path, mut file)) = self.file else { return Ok(()) };
        file.flush().await.map_err(|source| SimulateError::Truth { path, source })
    }
}
