//! How is a stream of pieces compressed?

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

/// Compresses piece by piece.
#[derive(Debug)]
pub(crate) struct Gzip {
    encoder: GzEncoder<Vec<u8>>,
}

impl Gzip {
    /// `level` is from 1, which is fast, to 9.
    pub(crate) fn new(level: u32) -> Self {
        Self { encoder: GzEncoder::new(Vec::new(), Compression::new(level.clamp(1, 9))) }
    }

    /// What can be sent after this piece; often nothing yet.
    pub(crate) fn piece(&mut self, piece: &[u8], last: bool) -> Vec<u8> {
        // A Vec takes everything: neither call can fail.
        let written = self.encoder.write_all(piece);
        debug_assert!(written.is_ok());
        if last {
            let finished = self.encoder.try_finish();
            debug_assert!(finished.is_ok());
        }
        std::mem::take(self.encoder.get_mut())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn pieces_come_out_as_one_stream() {
        let pieces: Vec<Vec<u8>> = (0..50_u32).map(|at| format!("piece {at} ").repeat(1000).into_bytes()).collect();
        let mut gzip = Gzip::new(1);
        let mut sent = Vec::new();
        for (at, piece) in pieces.iter().enumerate() {
            sent.extend(gzip.piece(piece, at + 1 == pieces.len()));
        }
        let mut back = Vec::new();
        flate2::read::GzDecoder::new(&*sent).read_to_end(&mut back).unwrap();
        assert_eq!(back, pieces.concat());
        assert!(sent.len() < back.len() / 10);
    }
}
