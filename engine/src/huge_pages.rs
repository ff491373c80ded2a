//! Asks the C library's allocator for pages of 2 MiB.
//!
//! The city's rows are read in no order of memory. With pages of 4 KiB most reads of one also wait for the address to
//! be translated; with large pages a step takes a third less time, a trace two fifths (`make bench PART=core` with and
//! without). Linux gives them to those who ask (`transparent_hugepage/enabled` is `madvise` or `always`; with `never`
//! nothing changes); glibc asks for a program that was started with the tunable below (glibc manual, "Memory
//! Allocation Tunables"), and reads it only at the start. So the program starts itself once more, in the same process.

use std::env;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

const TUNABLES: &str = "GLIBC_TUNABLES";
const HUGE_PAGES: &str = "glibc.malloc.hugetlb";

/// Starts this program again, with the same arguments and process id, with large pages asked for; comes back at once
/// where they already were, or where the user set the tunable to something else.
///
/// To be called first in `main`, before a thread or a file is open.
///
/// # Errors
/// The program could not be started again: it can go on as it is, only slower.
pub fn ask() -> io::Result<()> {
    if !cfg!(all(target_os = "linux", target_env = "gnu")) {
        return Ok(());
    }
    match with_huge_pages(env::var(TUNABLES).ok()) {
        None => Ok(()),
        Some(tunables) => {
            let mut arguments = env::args_os();
            let mut again = Command::new(env::current_exe()?);
            if let Some(name) = arguments.next() {
                again.arg0(name);
            }
            Err(again.args(arguments).env(TUNABLES, tunables).exec())
        }
    }
}

/// The tunables with large pages among them; none if they are told already.
fn with_huge_pages(tunables: Option<String>) -> Option<String> {
    let asked = format!("{HUGE_PAGES}=1");
    match tunables {
        Some(set) if set.contains(HUGE_PAGES) => None,
        Some(set) if !set.is_empty() => Some(format!("{set}:{asked}")),
        _ => Some(asked),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_pages_are_asked_for_once_and_beside_what_the_user_set() {
        let asked = with_huge_pages(None).unwrap();
        assert_eq!(asked, "glibc.malloc.hugetlb=1");
        assert_eq!(with_huge_pages(Some(asked)), None);
        assert_eq!(with_huge_pages(Some(String::new())).unwrap(), "glibc.malloc.hugetlb=1");
        let beside = with_huge_pages(Some("glibc.malloc.check=3".to_owned())).unwrap();
        assert_eq!(beside, "glibc.malloc.check=3:glibc.malloc.hugetlb=1");
        assert_eq!(with_huge_pages(Some("glibc.malloc.hugetlb=0".to_owned())), None);
    }
}
