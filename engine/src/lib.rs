//! Wiring: the composition root of Vọng Lâu.
