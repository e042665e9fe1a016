//! How is something sent that no decent client would send?

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection without any manners.
pub(crate) struct Raw {
    stream: TcpStream,
}

impl Raw {
    pub(crate) async fn connect(address: SocketAddr) -> io::Result<Self> {
        Ok(Self { stream: TcpStream::connect(address).await? })
    }

    pub(crate) async fn send(&mut self, text: &str) -> io::Result<()> {
        self.stream.write_all(text.as_bytes()).await
    }

    /// Reads at least this much.
    pub(crate) async fn read(&mut self, bytes: usize) -> io::Result<()> {
        let mut buffer = vec![0; bytes];
        self.stream.read_exact(&mut buffer).await.map(drop)
    }

    /// Reads until the other side closes.
    pub(crate) async fn answer(mut self) -> io::Result<String> {
        let mut all = Vec::new();
        self.stream.read_to_end(&mut all).await?;
        Ok(String::from_utf8_lossy(&all).into_owned())
    }

    /// Reads until the other side closes, and tells how many answers there were.
    pub(crate) async fn answers(mut self) -> io::Result<u64> {
        let mut all = Vec::new();
        self.stream.read_to_end(&mut all).await?;
        let mark = b"HTTP/1.1 ";
        Ok(all.windows(mark.len()).filter(|part| part == mark).count() as u64)
    }

    /// Leaves without reading what is there: the system resets the connection.
    pub(crate) fn leave(self) {
        // Fails where the other side is faster; then it is gone as well.
        let _ = self.stream.set_zero_linger();
    }
}
