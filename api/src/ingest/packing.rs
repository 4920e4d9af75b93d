//! Bodies that were packed on their way: unpacked, and never to more than a body may have. Pure.

use std::borrow::Cow;
use std::io::{self, Read};

/// The packings, as headers name them.
pub(crate) const PACKINGS: [&str; 2] = ["gzip", "zstd"];

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// It is not.
    Plain,
    /// gzip
    Gzip,
    /// zstd
    Zstd,
}

/// Why a body cannot be unpacked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PackingError {
    /// It would have more bytes than a body may have.
    #[error("too large")]
    TooLarge,
    /// It is damaged, or packed otherwise.
    #[error("the body cannot be unpacked: {0}")]
    Damaged(#[from] io::Error),
}

impl Packing {
    /// The packing that a header names; none where it is unknown here.
    pub(crate) fn of(content_encoding: &str) -> Option<Self> {
        match content_encoding.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Some(Self::Plain),
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The body, at most so many bytes of it.
    pub(crate) fn unpack(
        self,
        body: &[u8],
        bytes_max: usize,
    ) -> Result<Cow<'_, [u8]>, PackingError> {
        let unpacked: Box<dyn Read> = match self {
            Self::Plain => return Ok(Cow::Borrowed(body)),
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(body)),
            Self::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(body)?),
        };
        let mut out = Vec::new();
        // One more than is allowed tells that it is too large, whatever would come.
        unpacked.take(bytes_max as u64 + 1).read_to_end(&mut out)?;
        if out.len() > bytes_max { Err(PackingError::TooLarge) } else { Ok(Cow::Owned(out)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    }

    #[test]
    fn what_was_packed_comes_back_and_a_bomb_stops_at_the_limit() {
        let text = b"{}\n".repeat(100_000);
        for (packing, packed) in [
            (Packing::Plain, text.clone()),
            (Packing::Gzip, gzipped(&text)),
            (Packing::Zstd, zstd::encode_all(&text[..], 0).unwrap()),
        ] {
            assert_eq!(&*packing.unpack(&packed, text.len()).unwrap(), &text[..]);
            let too_large = packing.unpack(&packed, text.len() - 1);
            let is_plain = packing == Packing::Plain;
            assert!(is_plain || matches!(too_large, Err(PackingError::TooLarge)), "{packing:?}");
            let cut = packing.unpack(&packed[..packed.len() / 2], text.len());
            assert!(is_plain || matches!(cut, Err(PackingError::Damaged(_))), "{packing:?}");
        }
        assert_eq!(Packing::of("GZip"), Some(Packing::Gzip));
        assert_eq!(Packing::of("br"), None);
    }
}
