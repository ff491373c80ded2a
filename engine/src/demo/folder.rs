//! The demos' folders: numbered, the newest is the greatest, few are kept.

use std::io;
use std::path::{Path, PathBuf};

/// Demos kept beside the new one.
const DEMOS_KEPT: usize = 2;

/// The folder of this demo: the newest if it is to go on and there is one, else a new one. Tells if it is new.
pub fn choose(demos: &Path, keep: bool) -> io::Result<(PathBuf, bool)> {
    std::fs::create_dir_all(demos)?;
    let mut numbers = numbers(demos)?;
    numbers.sort_unstable();
    let newest = numbers.last().copied();
    if let Some(newest) = newest.filter(|_| keep) {
        return Ok((demos.join(newest.to_string()), false));
    }
    let old = numbers.len().saturating_sub(DEMOS_KEPT);
    for number in &numbers[..old] {
        std::fs::remove_dir_all(demos.join(number.to_string()))?;
    }
    let folder = demos.join((newest.unwrap_or(0) + 1).to_string());
    std::fs::create_dir(&folder)?;
    Ok((folder, true))
}

fn numbers(demos: &Path) -> io::Result<Vec<u32>> {
    let mut numbers = Vec::new();
    for entry in std::fs::read_dir(demos)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            numbers.extend(entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()));
        }
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_demo_is_new_old_ones_go_and_the_newest_can_go_on() {
        let demos = tempfile::TempDir::new().unwrap();
        std::fs::create_dir(demos.path().join("mine")).unwrap();
        for n in 1..=12 {
            assert_eq!(choose(demos.path(), false).unwrap(), (demos.path().join(n.to_string()), true));
        }
        assert_eq!(choose(demos.path(), true).unwrap(), (demos.path().join("12"), false));
        let mut left = numbers(demos.path()).unwrap();
        left.sort_unstable();
        assert_eq!(left, [10, 11, 12]);
        assert!(demos.path().join("mine").exists());
    }
}
