//! Messages of one event: the service that reads, decodes and applies them, against a bare ordered consumer.

use super::feed::Feed;
use super::plant::{Plant, own_used};
use super::scans::{Scans, registry};
use super::{float, replay};
use crate::report::Report;
use anyhow::Context as _;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use futures_util::StreamExt as _;
use std::time::{Duration, Instant};

const MESSAGES: u64 = 1_000_000;
const ROUNDS: usize = 5;
const TIMEOUT: Duration = Duration::from_mins(2);
const SCANS_A_DAY: u64 = 20_000_000;

pub async fn measure(report: &mut Report) -> anyhow::Result<()> {
    // Only reading is measured: nothing need be on the disk before it is acknowledged.
    let mut plant = Plant::new(false).await?;
    let mut feed = Feed::new(plant.jetstream().await?);
    for records in registry() {
        feed.send("city.registry", records).await?;
    }
    feed.settle().await?;
    let first = feed.seq;
    let mut scans = Scans::new(SCANS_A_DAY);
    for _ in 0..MESSAGES {
        feed.send("city.scan", scans.message(1)).await?;
    }
    feed.settle().await?;
    let (mut bare, mut ours, mut decoded) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(read_bare(&plant, first, feed.seq).await?);
        decoded.push(replay::decoded(&plant, first, feed.seq).await?);
        ours.push(read_ours(&mut plant, first, feed.seq).await?);
    }
    let ratios = ours.iter().zip(&bare).map(|(ours, bare)| ours / bare).collect::<Vec<f64>>();
    report.add("jetstream_single_bare_events_s", "1/s", bare);
    report.add("jetstream_single_decoded_events_s", "1/s", decoded);
    report.add("jetstream_single_events_s", "1/s", ours);
    report.add("jetstream_single_ratio", "", ratios);
    Ok(())
}

/// Messages a second from the first to the last.
async fn read_bare(plant: &Plant, first: u64, last: u64) -> anyhow::Result<f64> {
    let stream = plant.jetstream().await?.get_stream("EVENTS").await?;
    let consumer = stream.create_consumer(OrderedConfig::default()).await?;
    let mut messages = consumer.messages().await?;
    let mut begun = Instant::now();
    let used = own_used().cpu_s;
    loop {
        let message = messages.next().await.context("the consumer ended")??;
        let seq = message.info().map_err(|error| anyhow::anyhow!("{error}"))?.stream_sequence;
        if seq == first {
            begun = Instant::now();
        }
        if seq >= last {
            let seconds = begun.elapsed().as_secs_f64();
            eprintln!("bare: {seconds:.2} s, {:.2} s of a processor", own_used().cpu_s - used);
            return Ok(float(last - first) / seconds);
        }
    }
}

/// The same of the service, which replays them.
async fn read_ours(plant: &mut Plant, first: u64, last: u64) -> anyhow::Result<f64> {
    plant.stop().await?;
    let service = plant.start().await?;
    service.reaches(float(first) + 1.0, TIMEOUT).await?;
    let (begun, from, used) = (Instant::now(), service.applied().await?, service.used().cpu_s);
    service.reaches(float(last), TIMEOUT).await?;
    let seconds = begun.elapsed().as_secs_f64();
    eprintln!("ours: {seconds:.2} s, {:.2} s of a processor", service.used().cpu_s - used);
    plant.stop().await?;
    Ok((float(last) - from) / seconds)
}
