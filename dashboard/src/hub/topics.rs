//! The open topics: their `seq`, the frames still held for those who come back, the snapshot for those who come.

use super::{FRAME_MS_MIN, json};
use crate::port::Picture;
use crate::topic::Topic;
use crate::wire::messages::Frame as FrameMessage;
use crate::wire::written;
use axum::extract::ws::Utf8Bytes;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::time::Instant;
use vonglau_core::params::Params;

/// Frames held of a topic for those who come back: 16 seconds and more.
const FRAMES_HELD_MAX: usize = 256;
/// Bytes of them.
const FRAMES_HELD_BYTES_MAX: usize = 1 << 20;
/// A topic that nobody listens to is followed for so long, so that its last listener may come back.
const IDLE_S_MAX: u64 = 60;
const _: () = assert!(
    FRAMES_HELD_MAX as u64 * FRAME_MS_MIN >= IDLE_S_MAX * 1_000,
    "held frames outlast a short absence"
);

/// A delta, written.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub topic: Topic,
    pub seq: u64,
    pub text: Utf8Bytes,
}

/// What a client begins with: it has seen all up to `seq` once it has these frames.
#[derive(Debug)]
pub(super) struct Start {
    pub seq: u64,
    /// What the client asked to resume is no longer held: it starts anew.
    pub resync: bool,
    pub frames: Vec<Utf8Bytes>,
}

/// All topics. Those that nobody listens to cost one number each.
#[derive(Debug)]
pub(super) struct Topics {
    current: Arc<Picture>,
    open: BTreeMap<Topic, Open>,
    /// The last `seq` of topics that were closed.
    closed: BTreeMap<Topic, u64>,
}

#[derive(Debug)]
struct Open {
    /// Of the last frame; the current picture is what it leads to.
    seq: u64,
    listeners: usize,
    idle_since: Instant,
    held: VecDeque<Frame>,
    held_bytes: usize,
    /// Of the current picture, once somebody wants it.
    snapshot: Option<Arc<Snapshot>>,
}

/// A snapshot that is written when it is first wanted, once for all.
#[derive(Debug)]
pub(super) struct Snapshot {
    topic: Topic,
    seq: u64,
    picture: Arc<Picture>,
    text: OnceLock<Utf8Bytes>,
}

impl Snapshot {
    pub fn text(&self, params: &Params) -> Utf8Bytes {
        let write = || {
            json(&FrameMessage {
                snapshot: Some(self.topic.snapshot(&self.picture.view, params)),
                ..envelope(self.topic, self.seq, &self.picture, params)
            })
        };
        self.text.get_or_init(write).clone()
    }
}

/// A frame without its content.
fn envelope(topic: Topic, seq: u64, picture: &Picture, params: &Params) -> FrameMessage {
    FrameMessage {
        topic: topic.name(params),
        seq,
        stream_seq: picture.stream_seq,
        event_time: written(&params.zone, picture.view.now),
        snapshot: None,
        delta: None,
    }
}

impl Topics {
    pub fn new(current: Arc<Picture>) -> Self {
        Self { current, open: BTreeMap::new(), closed: BTreeMap::new() }
    }

    pub fn current(&self) -> Arc<Picture> {
        Arc::clone(&self.current)
    }

    /// Goes on to the next picture: the frames of the open topics that changed.
    pub fn advance(&mut self, picture: Arc<Picture>, params: &Params) -> Vec<Frame> {
        self.close_idle(Instant::now());
        let mut frames = Vec::new();
        for (topic, open) in &mut self.open {
            open.snapshot = None;
            let Some(delta) = topic.delta(&self.current.view, &picture.view, params) else { continue };
            open.seq += 1;
            let message = FrameMessage { delta: Some(delta), ..envelope(*topic, open.seq, &picture, params) };
            let frame = Frame { topic: *topic, seq: open.seq, text: json(&message) };
            open.hold(frame.clone());
            frames.push(frame);
        }
        self.current = picture;
        frames
    }

    /// Where a client begins with a topic: with the frames after `resume` where they are held, else with the snapshot
    /// that is given back beside, to be written outside of the lock.
    pub fn start(&mut self, topic: Topic, resume: Option<u64>, new: bool) -> (Start, Option<Arc<Snapshot>>) {
        let closed = self.closed.remove(&topic);
        // While a topic was closed it may have changed: what somebody held of it then is no longer good.
        let open = self.open.entry(topic).or_insert_with(|| Open::new(closed.unwrap_or(0) + 1));
        open.listeners += usize::from(new);
        if let Some(frames) = resume.and_then(|seq| open.since(seq)) {
            return (Start { seq: open.seq, resync: false, frames }, None);
        }
        let seq = open.seq;
        let picture = &self.current;
        let snapshot = open.snapshot.get_or_insert_with(|| {
            Arc::new(Snapshot { topic, seq, picture: Arc::clone(picture), text: OnceLock::new() })
        });
        (Start { seq, resync: resume.is_some(), frames: Vec::new() }, Some(Arc::clone(snapshot)))
    }

    /// A client listens to a topic no more.
    pub fn leave(&mut self, topic: Topic) {
        if let Some(open) = self.open.get_mut(&topic) {
            open.listeners = open.listeners.saturating_sub(1);
            open.idle_since = Instant::now();
        }
    }

    /// Closes what nobody has listened to for long.
    fn close_idle(&mut self, now: Instant) {
        let closed = &mut self.closed;
        self.open.retain(|topic, open| {
            let idle = now.saturating_duration_since(open.idle_since);
            let close = open.listeners == 0 && idle > Duration::from_secs(IDLE_S_MAX);
            if close {
                closed.insert(*topic, open.seq);
            }
            !close
        });
    }
}

impl Open {
    fn new(seq: u64) -> Self {
        Self {
            seq,
            listeners: 0,
            idle_since: Instant::now(),
            held: VecDeque::new(),
            held_bytes: 0,
            snapshot: None,
        }
    }

    /// Holds a frame, and lets the oldest go that are too many.
    fn hold(&mut self, frame: Frame) {
        self.held_bytes += frame.text.len();
        self.held.push_back(frame);
        while self.held.len() > FRAMES_HELD_MAX || self.held_bytes > FRAMES_HELD_BYTES_MAX {
            let Some(oldest) = self.held.pop_front() else { return };
            self.held_bytes -= oldest.text.len();
        }
    }

    /// The frames after `seq`, if all of them are still held.
    fn since(&self, seq: u64) -> Option<Vec<Utf8Bytes>> {
        let first_held = self.seq - self.held.len() as u64;
        let known = (first_held..=self.seq).contains(&seq);
        known.then(|| {
            self.held.iter().filter(|frame| frame.seq > seq).map(|frame| frame.text.clone()).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;
    use vonglau_core::figure::Figure;
    use vonglau_core::view::View;

    fn picture(n: i64) -> Arc<Picture> {
        let mut view = View::new(30, 526);
        view.city.now[Figure::ScansToday as usize] = Some(n);
        Arc::new(Picture::new(Arc::new(view), n.unsigned_abs()))
    }

    #[test]
    fn a_topic_outlives_a_short_absence_and_not_a_long_one() {
        let params = shipped::params().unwrap();
        let mut topics = Topics::new(picture(0));
        let (first, _) = topics.start(Topic::City, None, true);
        topics.leave(Topic::City);
        topics.close_idle(Instant::now());
        topics.advance(picture(1), &params);
        let (resumed, snapshot) = topics.start(Topic::City, Some(first.seq), true);
        assert_eq!((resumed.seq, resumed.frames.len(), snapshot.is_none()), (first.seq + 1, 1, true));
        topics.leave(Topic::City);
        topics.close_idle(Instant::now() + Duration::from_secs(IDLE_S_MAX + 1));
        assert!(topics.advance(picture(2), &params).is_empty(), "nobody listens: nothing is made");
        let (anew, snapshot) = topics.start(Topic::City, Some(resumed.seq), true);
        assert_eq!((anew.seq, anew.resync, snapshot.is_some()), (resumed.seq + 1, true, true));
    }

    #[test]
    fn what_is_held_for_those_who_come_back_is_bounded() {
        let params = shipped::params().unwrap();
        let mut topics = Topics::new(picture(0));
        let (first, _) = topics.start(Topic::City, None, true);
        let many = i64::try_from(FRAMES_HELD_MAX).unwrap() + 1;
        for n in 1..=many {
            assert_eq!(topics.advance(picture(n), &params).len(), 1);
        }
        assert!(topics.start(Topic::City, Some(first.seq), false).0.resync);
        assert_eq!(topics.start(Topic::City, Some(first.seq + 1), false).0.frames.len(), FRAMES_HELD_MAX);
    }
}
