//! Asks the C library's allocator for pages of 2 MiB, for no fast bins, and for more room in each thread's own store.
//!
//! The city's rows are read in no order of memory. With pages of 4 KiB most reads of one also wait for the address to
//! be translated; with large pages a step takes a fifth less time, a trace a quarter (`make bench PART=core` with and
//! without). Linux gives them to those who ask (`transparent_hugepage/enabled` is `madvise` or `always`; with `never`
//! nothing changes).
//!
//! Small pieces that are given back lie in fast bins until a large one is: then all of them are put together, in one go
//! and under the lock of their arena, for which others wait, also where the one that holds it is a thread of SQL's, which
//! runs when no other wants to. While ten heavy statements ran, the driver now and then stood still for 30 to 150 ms;
//! without fast bins that was not seen again (`STREAM=queries make bench PART=stream` with and without), though no single
//! such stop was traced to its cause. What they were good for, a thread's own store of small pieces does without a lock;
//! it holds 127 of each size instead of 7, which is at most a few MiB a thread.
//!
//! glibc is told so by tunables of a program's environment (glibc manual, "Memory Allocation Tunables"), which it reads
//! only at the start. So the program starts itself once more, in the same process.

use std::env;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

const TUNABLES: &str = "GLIBC_TUNABLES";
const ASKED: [(&str, &str); 3] =
    [("glibc.malloc.hugetlb", "1"), ("glibc.malloc.mxfast", "0"), ("glibc.malloc.tcache_count", "127")];

/// Starts this program again, with the same arguments and process id, with the tunables set; comes back at once where
/// they already were, or where the user set them to something else.
///
/// To be called first in `main`, before a thread or a file is open.
///
/// # Errors
/// The program could not be started again: it can go on as it is, only slower.
pub fn ask() -> io::Result<()> {
    if !cfg!(all(target_os = "linux", target_env = "gnu")) {
        return Ok(());
    }
    match with_asked(env::var(TUNABLES).ok()) {
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

/// The tunables with ours among them; none if all are told already.
fn with_asked(tunables: Option<String>) -> Option<String> {
    let set = tunables.unwrap_or_default();
    let missing = ASKED.iter().filter(|(name, _)| !set.contains(name));
    let missing: Vec<String> = missing.map(|(name, value)| format!("{name}={value}")).collect();
    if missing.is_empty() {
        return None;
    }
    let all = Some(set).filter(|set| !set.is_empty()).into_iter().chain(missing);
    Some(all.collect::<Vec<String>>().join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_we_ask_for_is_asked_once_and_beside_what_the_user_set() {
        let asked = with_asked(None).unwrap();
        assert_eq!(asked, "glibc.malloc.hugetlb=1:glibc.malloc.mxfast=0:glibc.malloc.tcache_count=127");
        assert_eq!(with_asked(Some(asked.clone())), None);
        assert_eq!(with_asked(Some(String::new())), Some(asked.clone()));
        let beside = with_asked(Some("glibc.malloc.check=3".to_owned())).unwrap();
        assert_eq!(beside, format!("glibc.malloc.check=3:{asked}"));
        let other = with_asked(Some("glibc.malloc.hugetlb=0".to_owned())).unwrap();
        assert_eq!(other, "glibc.malloc.hugetlb=0:glibc.malloc.mxfast=0:glibc.malloc.tcache_count=127");
    }
}
