//! How much memory does this process have resident?

/// Resident bytes of this process now; `None` where there is no `/proc`.
pub fn resident() -> Option<u64> {
    status("VmRSS:")
}

/// Resident bytes of heap and stacks now, exactly: the pages are counted, where [`resident`] may be behind by some hundred
/// KiB. `None` where there is no `/proc`.
pub fn anonymous() -> Option<u64> {
    told("/proc/self/smaps_rollup", "Anonymous:")
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
    told("/proc/self/status", key)
}

fn told(file: &str, key: &str) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(key))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}
