//! How much memory does this process have resident?

/// Resident bytes of this process now; `None` where there is no `/proc`.
pub fn resident() -> Option<u64> {
    status("VmRSS:")
}

/// The most that was ever resident.
pub fn peak() -> Option<u64> {
    status("VmHWM:")
}

fn status(key: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(key))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}
