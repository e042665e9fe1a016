//! How many datagrams has the kernel dropped because a socket's buffer was full?

use std::sync::atomic::{AtomicU64, Ordering};

/// Where Linux tells of every UDP socket, with its inode and its drops.
const TABLES: [&str; 2] = ["/proc/self/net/udp", "/proc/self/net/udp6"];

/// The drops of one UDP socket.
pub(super) struct KernelDrops {
    inode: u64,
    /// The last reading, which stays when the socket is gone.
    last: AtomicU64,
}

impl KernelDrops {
    /// `None` where the kernel does not tell (on other systems than Linux).
    pub(super) fn of(descriptor: i32) -> Option<Self> {
        let target = std::fs::read_link(format!("/proc/self/fd/{descriptor}")).ok()?;
        let inode = target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()?;
        Some(Self { inode, last: AtomicU64::new(0) })
    }

    /// Reads the kernel's tables, which takes as long as there are UDP sockets: for scrapes.
    pub(super) fn read(&self) -> u64 {
        let find = |table: &&str| drops(&std::fs::read_to_string(table).ok()?, self.inode);
        match TABLES.iter().find_map(find) {
            Some(drops) => self.last.fetch_max(drops, Ordering::Relaxed).max(drops),
            None => self.last.load(Ordering::Relaxed),
        }
    }
}

/// `sl local remote st tx:rx tr:when retrnsmt uid timeout inode ref pointer drops`
fn drops(table: &str, inode: u64) -> Option<u64> {
    table.lines().skip(1).find_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let found: u64 = fields.nth(9)?.parse().ok()?;
        (found == inode).then(|| fields.nth(2)?.parse().ok()).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drops_of_a_socket_are_found_by_its_inode() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n \
                     101: 0100007F:1FBD 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 48213 2 0000000000000000 17\n";
        assert_eq!(drops(table, 48213), Some(17));
        assert_eq!(drops(table, 1), None);
    }
}
