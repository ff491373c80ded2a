//! Wiring: the composition root of Vọng Lâu.

pub mod config;
