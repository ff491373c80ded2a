//! Publishes messages and waits for the acknowledgements, some way behind.

use anyhow::Context as _;
use async_nats::jetstream::{self, context::PublishAckFuture};
use bytes::Bytes;
use std::collections::VecDeque;

/// Messages that wait for their acknowledgement.
const ON_THE_WAY_MAX: usize = 256;

pub struct Feed {
    context: jetstream::Context,
    on_the_way: VecDeque<PublishAckFuture>,
    /// The last message that is acknowledged.
    pub seq: u64,
}

impl Feed {
    pub fn new(context: jetstream::Context) -> Self {
        Self { context, on_the_way: VecDeque::new(), seq: 0 }
    }

    /// Hands one message over.
    pub async fn send(&mut self, subject: &'static str, message: Bytes) -> anyhow::Result<()> {
        if self.on_the_way.len() >= ON_THE_WAY_MAX {
            self.settle_one().await?;
        }
        let ack = self.context.publish(subject, message).await.context("nats-server takes no message")?;
        self.on_the_way.push_back(ack);
        Ok(())
    }

    /// Waits until all is acknowledged.
    pub async fn settle(&mut self) -> anyhow::Result<()> {
        while !self.on_the_way.is_empty() {
            self.settle_one().await?;
        }
        Ok(())
    }

    async fn settle_one(&mut self) -> anyhow::Result<()> {
        if let Some(ack) = self.on_the_way.pop_front() {
            self.seq = ack.await.context("a message was not stored")?.sequence;
        }
        Ok(())
    }
}
