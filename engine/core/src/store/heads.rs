//! Where each venue's newest chunk is, in blocks: who reads at a moment shares them, and only a block that changes
//! meanwhile is copied.

use crate::people::NONE;
use std::sync::Arc;

/// Venues of a block: 4 KiB.
const BLOCK: usize = 1_024;

/// Where a venue's newest chunk begins (25 bits, since that is even) and how many rows it holds (7 bits); the chunks
/// before it are full. 0: none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Head(u32);

impl Head {
    pub const fn new(chunk: u32, rows: u32) -> Self {
        Self(chunk << 6 | rows)
    }

    /// Rows in the chunk.
    pub const fn rows(self) -> u32 {
        self.0 & 127
    }

    /// Where the chunk begins.
    pub const fn chunk(self) -> u32 {
        if self.rows() == 0 { NONE } else { self.0 >> 7 << 1 }
    }
}

/// By venue.
#[derive(Clone, Debug, Default)]
pub(super) struct Heads {
    blocks: Vec<Arc<[Head; BLOCK]>>,
    len: u32,
}

impl Heads {
    pub fn get(&self, venue: u32) -> Head {
        let block = self.blocks.get(venue as usize / BLOCK);
        block.map_or_else(Head::default, |block| block[venue as usize % BLOCK])
    }

    pub fn set(&mut self, venue: u32, head: Head) {
        let block = venue as usize / BLOCK;
        if block >= self.blocks.len() {
            self.blocks.resize_with(block + 1, || Arc::new([Head::default(); BLOCK]));
        }
        Arc::make_mut(&mut self.blocks[block])[venue as usize % BLOCK] = head;
        self.len = self.len.max(venue + 1);
    }

    /// Venues that have one are below this number.
    pub const fn len(&self) -> u32 {
        self.len
    }
}
