//! Who asks? A thread with connections that are kept alive, each with one request at a time.

use std::error::Error;
use std::io;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::server::Server;
use crate::told::Round;

const REQUEST: &[u8] = b"GET /orders/12345678 HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n";
/// No service takes longer over one round.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is sent to a service in one round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) requests: usize,
    pub(crate) connections: usize,
}

impl Load {
    /// Requests on each connection.
    pub(crate) fn each(self) -> u64 {
        self.requests.div_ceil(self.connections) as u64
    }
}

/// One round of one service.
pub(crate) fn drive(server: &Server, load: Load) -> Result<Round, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { tokio::time::timeout(PATIENCE, round(server, load)).await? })
}

async fn round(server: &Server, load: Load) -> Result<Round, Box<dyn Error>> {
    let mut streams = Vec::new();
    for _ in 0..load.connections {
        let stream = TcpStream::connect(server.address).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let (processor, start) = (server.processor_time()?, Instant::now());
    let mut asking = JoinSet::new();
    for stream in streams {
        asking.spawn(ask(stream, load.each()));
    }
    let mut latencies = Vec::new();
    while let Some(asked) = asking.join_next().await {
        latencies.extend(asked??);
    }
    let (elapsed, processor) = (start.elapsed(), server.processor_time()? - processor);
    Ok(Round::of(latencies, elapsed, processor))
}

/// Sends requests one after the other; all answers are equally long.
async fn ask(mut stream: TcpStream, requests: u64) -> io::Result<Vec<Duration>> {
    let mut latencies = Vec::with_capacity(requests as usize);
    let mut answer = Vec::new();
    for _ in 0..requests {
        let start = Instant::now();
        stream.write_all(REQUEST).await?;
        if answer.is_empty() {
            while !answer.ends_with(b"order 12345678\n") {
                answer.push(stream.read_u8().await?);
            }
        } else {
            stream.read_exact(&mut answer).await?;
        }
        latencies.push(start.elapsed());
        if !answer.starts_with(b"HTTP/1.1 200 ") || !answer.ends_with(b"order 12345678\n") {
            return Err(io::Error::other("an answer is not what was asked for"));
        }
    }
    Ok(latencies)
}
