//! The compact form of records: variable-length integers and length-prefixed text.
//! It knows bytes only; what they mean is told by the types that encode themselves with it.

/// Why bytes could not be read back. It means a damaged log, never a bad row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The bytes end before the value does.
    #[error("record ends too early")]
    Truncated,
    /// A tag that this version does not know.
    #[error("unknown record tag {0}")]
    UnknownTag(u8),
    /// Text that is not UTF-8.
    #[error("text is not UTF-8")]
    NotUtf8,
}

/// Appends `value` in groups of seven bits, lowest first.
pub fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value as u8) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a signed number so that small magnitudes stay short.
pub fn put_signed(out: &mut Vec<u8>, value: i64) {
    put_varint(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Appends bytes behind their length.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends text behind its length in bytes.
pub fn put_text(out: &mut Vec<u8>, text: &str) {
    put_bytes(out, text.as_bytes());
}

/// Appends several texts: their lengths, then all of their bytes together, so that reading them
/// looks at their encoding once.
pub fn put_texts(out: &mut Vec<u8>, texts: &[&str]) {
    for text in texts {
        put_varint(out, text.len() as u64);
    }
    for text in texts {
        out.extend_from_slice(text.as_bytes());
    }
}

/// Appends optional text: 0 for none, else 1 and the text.
pub fn put_optional_text(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        None => out.push(0),
        Some(text) => {
            out.push(1);
            put_text(out, text);
        }
    }
}

/// Reads values in the order in which they were put.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been read yet.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// One byte.
    pub fn byte(&mut self) -> Result<u8, CodecError> {
        let (&first, rest) = self.rest.split_first().ok_or(CodecError::Truncated)?;
        self.rest = rest;
        Ok(first)
    }

    /// An integer written by [`put_varint`].
    pub fn varint(&mut self) -> Result<u64, CodecError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(CodecError::Truncated)
    }

    /// A number written by [`put_signed`].
    pub fn signed(&mut self) -> Result<i64, CodecError> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// Bytes written by [`put_bytes`].
    pub fn bytes(&mut self) -> Result<&'a [u8], CodecError> {
        let len = usize::try_from(self.varint()?).map_err(|_| CodecError::Truncated)?;
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or(CodecError::Truncated)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Text written by [`put_text`].
    pub fn text(&mut self) -> Result<&'a str, CodecError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| CodecError::NotUtf8)
    }

    /// Texts written by [`put_texts`].
    pub fn texts<const N: usize>(&mut self) -> Result<[&'a str; N], CodecError> {
        let mut lens = [0; N];
        for len in &mut lens {
            *len = usize::try_from(self.varint()?).map_err(|_| CodecError::Truncated)?;
        }
        let total = lens.iter().fold(0usize, |sum, len| sum.saturating_add(*len));
        let (bytes, rest) = self.rest.split_at_checked(total).ok_or(CodecError::Truncated)?;
        let mut text = std::str::from_utf8(bytes).map_err(|_| CodecError::NotUtf8)?;
        self.rest = rest;
        let mut texts = [""; N];
        for (place, len) in texts.iter_mut().zip(lens) {
            (*place, text) = text.split_at_checked(len).ok_or(CodecError::NotUtf8)?;
        }
        Ok(texts)
    }

    /// Text written by [`put_optional_text`].
    pub fn optional_text(&mut self) -> Result<Option<&'a str>, CodecError> {
        match self.byte()? {
            0 => Ok(None),
            1 => self.text().map(Some),
            tag => Err(CodecError::UnknownTag(tag)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_size_come_back() {
        for value in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            let mut out = Vec::new();
            put_varint(&mut out, value);
            assert_eq!(Reader::new(&out).varint(), Ok(value));
        }
        for value in [0, -1, 1, i64::MIN, i64::MAX] {
            let mut out = Vec::new();
            put_signed(&mut out, value);
            assert_eq!(Reader::new(&out).signed(), Ok(value));
        }
    }

    #[test]
    fn a_cut_record_is_an_error_and_no_panic() {
        let mut out = Vec::new();
        put_texts(&mut out, &["souris", "", "é"]);
        assert_eq!(Reader::new(&out).texts(), Ok(["souris", "", "é"]));
        for len in 0..out.len() {
            assert!(Reader::new(&out[..len]).texts::<3>().is_err());
        }
        // A length that cuts a character in two.
        assert_eq!(Reader::new(b"\x01\x01\xc3\xa9").texts::<2>(), Err(CodecError::NotUtf8));
    }
}
