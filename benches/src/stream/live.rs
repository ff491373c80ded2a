//! As many events as get through, while they are being written: straight into EVENTS, and by way of INBOX.

use super::feed::Feed;
use super::plant::{Plant, Service, own_used};
use super::replay::{LINES, fill};
use super::scans::Scans;
use super::{Report, float};
use anyhow::bail;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::time::{interval, sleep};

/// Messages that may be written and not applied: the load waits rather than pile up.
const AHEAD_MESSAGES_MAX: u64 = 200;
/// Before this all is getting warm.
const WARM_S: usize = 5;
/// Of the scans made by chance one in some millions is that of the line before, and counted once.
const NOT_TWICE: f64 = 0.9999;
const POLL: Duration = Duration::from_millis(5);
const DRAIN_TIMEOUT: Duration = Duration::from_mins(1);
const SCANS_A_DAY: u64 = 20_000_000;

/// Where a load goes, and how it is seen that it has arrived.
#[derive(Clone, Copy)]
struct Way {
    subject: &'static str,
    /// Metric that counts what arrived.
    arrived: &'static str,
    /// Of these a message is so many.
    per_message: u64,
}

const EVENTS: Way = Way { subject: "city.scan", arrived: "vonglau_stream_seq", per_message: 1 };
const INBOX: Way =
    Way { subject: "in.scan.007", arrived: "vonglau_events_total{kind=\"scan\"}", per_message: LINES as u64 };

/// Messages of 500 journaled scans into EVENTS, on top of what the journal holds.
pub async fn measure(
    report: &mut Report,
    load: Duration,
    plant: &mut Plant,
    scans: &mut Scans,
) -> anyhow::Result<()> {
    if plant.service().is_err() {
        plant.start().await?;
    }
    wait_until_live(plant.service()?).await?;
    let (nats, publisher) = (plant.nats_used(), own_used());
    let service = plant.service()?.used();
    let begun = Instant::now();
    let feed = Feed::new(plant.jetstream().await?);
    let rates = push(plant.service()?, feed, EVENTS, scans, load).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let events: f64 = rates.iter().sum();
    report.add("jetstream_batch_events_s", "1/s", rates);
    let used = plant.service()?.used();
    let grown = used.rss_bytes - service.rss_bytes;
    report.add("jetstream_batch_bytes_per_event", "B", vec![grown / events]);
    report.add("jetstream_batch_engine_cores", "cores", vec![(used.cpu_s - service.cpu_s) / seconds]);
    report.add("jetstream_batch_nats_cores", "cores", vec![(plant.nats_used().cpu_s - nats.cpu_s) / seconds]);
    let publisher = (own_used().cpu_s - publisher.cpu_s) / seconds;
    report.add("jetstream_batch_publisher_cores", "cores", vec![publisher]);
    Ok(())
}

/// The same by way of INBOX, through all checks of the gateway.
pub async fn measure_inbox(report: &mut Report, load: Duration) -> anyhow::Result<()> {
    let mut plant = Plant::new(true).await?;
    let mut scans = Scans::new(SCANS_A_DAY);
    fill(&mut Feed::new(plant.jetstream().await?), &mut scans, 0).await?;
    plant.start().await?;
    wait_until_live(plant.service()?).await?;
    let feed = Feed::new(plant.jetstream().await?);
    let rates = push(plant.service()?, feed, INBOX, &mut scans, load).await?;
    report.add("inbox_events_s", "1/s", rates);
    Ok(())
}

pub async fn wait_until_live(service: &Service) -> anyhow::Result<()> {
    let end = Instant::now() + 5 * DRAIN_TIMEOUT;
    while !["live", "waiting"].contains(&service.state().await?.as_str()) {
        if Instant::now() > end {
            bail!("the service does not become live");
        }
        sleep(POLL).await;
    }
    Ok(())
}

/// Writes as fast as it is applied: the events that arrived in each second, once all is warm.
async fn push(
    service: &Service,
    mut feed: Feed,
    way: Way,
    scans: &mut Scans,
    load: Duration,
) -> anyhow::Result<Vec<f64>> {
    let base = service.metric(way.arrived).await?;
    let arrived = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&arrived);
    let mut scans_taken = scans.clone();
    let pushing = tokio::spawn(async move {
        let (begun, mut sent) = (Instant::now(), 0);
        while begun.elapsed() < load {
            if sent >= seen.load(Relaxed) + AHEAD_MESSAGES_MAX {
                sleep(Duration::from_millis(1)).await;
                continue;
            }
            feed.send(way.subject, scans_taken.message(LINES)).await?;
            sent += 1;
        }
        feed.settle().await?;
        anyhow::Ok((sent, scans_taken))
    });
    let mut seconds = Vec::new();
    let mut poll = interval(POLL);
    let (mut last, mut since) = (0.0, Instant::now());
    while !pushing.is_finished() {
        poll.tick().await;
        let messages = (service.metric(way.arrived).await? - base) / float(way.per_message);
        arrived.store(whole(messages), Relaxed);
        if since.elapsed() >= Duration::from_secs(1) {
            seconds.push((messages - last) * LINES_F / since.elapsed().as_secs_f64());
            (last, since) = (messages, Instant::now());
        }
    }
    let (sent, after) = pushing.await??;
    *scans = after;
    let end = Instant::now() + DRAIN_TIMEOUT;
    while service.metric(way.arrived).await? < base + float(sent * way.per_message) * NOT_TWICE {
        if Instant::now() > end {
            let arrived = service.metric(way.arrived).await? - base;
            bail!("{arrived} of {} that were written to {} arrived", sent * way.per_message, way.subject);
        }
        sleep(POLL).await;
    }
    Ok(seconds.split_off(WARM_S.min(seconds.len() / 2)))
}

const LINES_F: f64 = float(LINES as u64);

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of messages")]
fn whole(n: f64) -> u64 {
    n.max(0.0) as u64
}
