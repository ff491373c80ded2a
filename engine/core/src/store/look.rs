//! Looking at many rows for the few that are asked for.

/// Rows looked at together, at most.
pub(crate) const LOOK: usize = 64;

/// Which of some rows, at most [`LOOK`], are visits that begin in [first, to) and end after `from`, and how many they
/// are. Rows are given as begin and length, all times in seconds from the begin of the half-day. There is no branch
/// for a row: nothing could foretell it.
pub(crate) fn overlapping(
    rows: impl Iterator<Item = (u16, u16)>,
    first: u32,
    from: u32,
    to: u32,
) -> ([u8; LOOK], usize) {
    let (mut found, mut count) = ([0; LOOK], 0);
    for (n, (start, len)) in (0_u8..).zip(rows) {
        let (start, len) = (u32::from(start), u32::from(len));
        found[count % LOOK] = n;
        let is_found = [len > 0, start >= first, start < to, start + len > from];
        count += usize::from(is_found.into_iter().fold(true, std::ops::BitAnd::bitand));
    }
    (found, count)
}
