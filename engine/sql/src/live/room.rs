//! Room for the groups of all followed queries.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What the groups of one query may take, and those of all: one of so many parts of the memory of statements.
const BYTES_MAX: usize = 64 << 20;
const MEMORY_PARTS: usize = 4;

/// What all of them take.
#[derive(Debug)]
pub struct Room {
    bytes: AtomicUsize,
    bytes_max: usize,
}

/// What one takes; given back when dropped.
#[derive(Debug)]
pub struct Held<'a> {
    room: &'a Room,
    bytes: usize,
}

impl Room {
    /// Beside statements that have so much memory.
    pub const fn new(memory_mib: usize) -> Self {
        Self { bytes: AtomicUsize::new(0), bytes_max: (memory_mib << 20) / MEMORY_PARTS }
    }

    /// What one query may take.
    pub fn bytes_max(&self) -> usize {
        BYTES_MAX.min(self.bytes_max)
    }

    /// For one more query.
    pub const fn hold(&self) -> Held<'_> {
        Held { room: self, bytes: 0 }
    }
}

impl Held<'_> {
    /// It takes so much now; is there room for it?
    pub fn set(&mut self, bytes: usize) -> bool {
        let others = self.room.bytes.fetch_sub(self.bytes, Ordering::Relaxed) - self.bytes;
        self.room.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.bytes = bytes;
        bytes <= self.room.bytes_max() && others + bytes <= self.room.bytes_max
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.room.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_query_gives_back_another_may_take() {
        let room = Room::new(8);
        let (mut one, mut other) = (room.hold(), room.hold());
        assert!(one.set(1 << 20) && one.set(3 << 19) && other.set(1 << 19));
        assert!(!other.set(1 << 20), "together they take too much");
        drop(one);
        assert!(other.set(2 << 20) && !other.set((2 << 20) + 1));
        drop(other);
        assert_eq!(room.bytes.load(Ordering::Relaxed), 0);
    }
}
