//! How much memory does this process have resident?

/// Resident bytes of this process now; `None` where there is no `/proc`.
pub fn resident() -> Option<u64> {
    status("VmRSS:")
}

/// The most that was ever resident, or that was since [`reset_peak`].
pub fn peak() -> Option<u64> {
    status("VmHWM:")
}

/// Lets [`peak`] start anew from what is resident now; does nothing where the system cannot.
pub fn reset_peak() {
    // Without it the peak is that of the whole process, which is more, never less.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

fn status(key: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(key))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}
