//! Takes over what producers publish straight to NATS: the same decoding, the same gateway, acknowledged only once
//! EVENTS or REJECTED has it.

use crate::clock::Sender;
use crate::gateway::{Gateway, Source, Unavailable, WhenFull};
use crate::nats::{INBOX, Link, Nats, SCHEMA, SCHEMA_HEADER};
use crate::wire::{self, Decoded, Refusal};
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::{AckKind, Context, Message};
use futures_util::StreamExt;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Events and bytes of one message.
const MESSAGE_EVENTS_MAX: usize = 500;
const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// Messages that are being taken over at once.
const AT_ONCE_MAX: usize = 16;
/// NATS hands a message out again where nothing was heard for so long.
const ACK_WAIT: Duration = Duration::from_secs(30);
/// What could not be taken is handed out again after this.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
const REQUEST_EXPIRES: Duration = Duration::from_secs(10);
const HEARTBEAT: Duration = Duration::from_secs(2);

const SCHEMA_UNKNOWN: &str = "Vonglau-Schema names a version that is not known here: send version 1";
const NOTHING: &str = "an empty message: send an event, or events line by line";
const TOO_LARGE: &str = "more than 500 events or 1 MiB in a message: send smaller messages";

/// Takes over until `shutdown`.
pub async fn run(gateway: Gateway, shutdown: CancellationToken) {
    let nats = gateway.nats().clone();
    let taking = async {
        let mut link = nats.watch();
        while link.wait_for(|link| *link == Link::Connected).await.is_ok() {
            tokio::select! {
                () = take_over(&gateway, &nats) => {}
                _ = link.wait_for(|link| *link == Link::Cut) => {}
            }
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    };
    tokio::select! {
        () = taking => {}
        () = shutdown.cancelled() => {}
    }
}

async fn take_over(gateway: &Gateway, nats: &Nats) {
    let Some(context) = nats.context() else { return };
    let messages = async {
        let consumer = consumer(context).await?;
        let stream = consumer.stream().max_messages_per_batch(AT_ONCE_MAX);
        stream.expires(REQUEST_EXPIRES).heartbeat(HEARTBEAT).messages().await.map_err(|e| e.to_string())
    };
    let messages = match messages.await {
        Ok(messages) => messages,
        Err(why) => {
            tracing::warn!(why, "INBOX cannot be read; it is tried again");
            return;
        }
    };
    // What goes wrong with one message is told in its place; an end of the messages is an end of this try.
    let sound = messages.take_while(|message| std::future::ready(message.is_ok()));
    let one = |message| async move {
        if let Ok(message) = message {
            take_one(gateway, &message).await;
        }
    };
    sound.map(one).buffered(AT_ONCE_MAX).for_each(|()| std::future::ready(())).await;
}

async fn consumer(context: &Context) -> Result<PullConsumer, String> {
    let config = pull::Config {
        durable_name: Some("gateway".into()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACK_WAIT,
        max_ack_pending: 4 * i64::try_from(AT_ONCE_MAX).unwrap_or(i64::MAX),
        description: Some("the gateway takes over what producers publish".into()),
        ..pull::Config::default()
    };
    context.create_consumer_on_stream(config, INBOX).await.map_err(|e| e.to_string())
}

async fn take_one(gateway: &Gateway, message: &Message) {
    let events = decode(gateway, message);
    let answer = match gateway.take(events, Source::Nats, Sender::Producer, WhenFull::Wait).await {
        Ok(_) => message.double_ack().await,
        Err(why) => {
            if why != Unavailable::Cut {
                tracing::warn!(%why, "a message of INBOX could not be taken over; it is tried again");
            }
            message.ack_with(AckKind::Nak(Some(AGAIN_AFTER))).await
        }
    };
    if let Err(error) = answer {
        // NATS hands the message out again; events that come again change nothing.
        tracing::debug!(%error, "INBOX did not hear what became of a message");
    }
}

fn decode(gateway: &Gateway, message: &Message) -> Vec<Decoded> {
    let schema = message.headers.as_ref().and_then(|headers| headers.get(SCHEMA_HEADER));
    if schema.is_some_and(|schema| schema.as_str() != SCHEMA) {
        return vec![Err(Refusal::whole(SCHEMA_UNKNOWN))];
    }
    let payload = &message.payload;
    if payload.len() > MESSAGE_BYTES_MAX {
        return vec![Err(Refusal::whole(TOO_LARGE))];
    }
    if let Some(event) = gateway.decoder().whole(payload) {
        return vec![event];
    }
    match wire::lines(payload).count() {
        0 => return vec![Err(Refusal::whole(NOTHING))],
        lines if lines > MESSAGE_EVENTS_MAX => return vec![Err(Refusal::whole(TOO_LARGE))],
        _ => {}
    }
    let decoded = gateway.decoder().lines(payload, MESSAGE_EVENTS_MAX);
    decoded.unwrap_or_else(|_| vec![Err(Refusal::whole(TOO_LARGE))])
}
