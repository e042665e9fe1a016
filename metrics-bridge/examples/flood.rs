//! How many lines can be sent to a listener? Sends as many as told (whole datagrams), as fast as it is told or as
//! they are taken, and prints how many that were in a second.
//!
//! At a rate, what could not be sent in time is not caught up with but for 2 ms: no moment has more than the rate.
//!
//!     flood unix:///PATH|udp://IP:PORT LINES [--distinct N] [--rate LINES_PER_SECOND] [--lines-per-datagram 20]

use std::net::UdpSocket;
use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

/// By how much a sender that was held up may be faster than its rate afterwards.
const CATCH_UP: Duration = Duration::from_millis(2);

/// Few values are sent in datagrams that are made before, so that making them takes no time from sending.
const MADE_BEFORE: u64 = 10_000;
/// So many of them, again and again.
const KEPT: u64 = 2_000;

enum Target {
    Udp(UdpSocket),
    Unix(UnixDatagram),
}

impl Target {
    fn open(address: &str) -> std::io::Result<Self> {
        if let Some(path) = address.strip_prefix("unix://") {
            let socket = UnixDatagram::unbound()?;
            socket.connect(path)?;
            return Ok(Self::Unix(socket));
        }
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.connect(address.trim_start_matches("udp://"))?;
        Ok(Self::Udp(socket))
    }

    fn send(&self, datagram: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Udp(socket) => socket.send(datagram),
            Self::Unix(socket) => socket.send(datagram),
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let option = |name: &str, default: u64| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let target = Target::open(&arguments[1])?;
    let lines: u64 = arguments[2].parse()?;
    let (distinct, rate) = (option("--distinct", 100), option("--rate", u64::MAX));
    let per_datagram = option("--lines-per-datagram", 20);
    let datagrams = lines.div_ceil(per_datagram);
    let kept = datagrams.min(KEPT);
    let made: Vec<String> = (0..kept).map(|number| datagram(number, per_datagram, distinct)).collect();
    let started = Instant::now();
    let mut late = Duration::ZERO;
    for number in 0..datagrams {
        match distinct <= MADE_BEFORE {
            true => target.send(made[(number % kept) as usize].as_bytes())?,
            false => target.send(datagram(number, per_datagram, distinct).as_bytes())?,
        };
        let due = Duration::from_secs_f64(((number + 1) * per_datagram) as f64 / rate as f64);
        while started.elapsed() < due + late {
            std::hint::spin_loop();
        }
        late = late.max(started.elapsed().saturating_sub(due + CATCH_UP));
    }
    println!("{:.0}", (datagrams * per_datagram) as f64 / started.elapsed().as_secs_f64());
    Ok(())
}

/// The lines of the datagram with this number.
fn datagram(number: u64, lines: u64, distinct: u64) -> String {
    let mut datagram = String::new();
    for number in number * lines..(number + 1) * lines {
        // Spread over the values, so that neighbours differ.
        let user = number.wrapping_mul(7_919) % distinct;
        match number % 4 {
            0 | 1 => datagram.push_str(&format!("shop.orders:1|c|#payment:card,user:{user}\n")),
            2 => datagram.push_str(&format!("shop.charge:{}|ms|#payment:card,user:{user}\n", number % 1_000)),
            _ => datagram.push_str(&format!("shop.depth:{}|g|#queue:q{user}\n", number % 50)),
        }
    }
    datagram
}
