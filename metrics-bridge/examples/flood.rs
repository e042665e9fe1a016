//! How many lines can be sent to a listener? Sends as many as told, as fast as it is told or as they are taken.
//!
//!     flood unix:///PATH|udp://IP:PORT LINES [--distinct N] [--rate LINES_PER_SECOND] [--lines-per-datagram 20]

use std::net::UdpSocket;
use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

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
    let started = Instant::now();
    let mut datagram = String::new();
    for number in 0..lines {
        // Spread over the values, so that neighbours differ.
        let user = number.wrapping_mul(7_919) % distinct;
        let line = match number % 4 {
            0 | 1 => format!("shop.orders:1|c|#payment:card,user:{user}\n"),
            2 => format!("shop.charge:{}|ms|#payment:card,user:{user}\n", number % 1_000),
            _ => format!("shop.depth:{}|g|#queue:q{user}\n", number % 50),
        };
        datagram.push_str(&line);
        if (number + 1) % per_datagram == 0 || number + 1 == lines {
            target.send(datagram.as_bytes())?;
            datagram.clear();
            let due = Duration::from_secs_f64((number + 1) as f64 / rate as f64);
            while started.elapsed() < due {
                std::thread::yield_now();
            }
        }
    }
    println!("{lines} lines in {:.3} s", started.elapsed().as_secs_f64());
    Ok(())
}
