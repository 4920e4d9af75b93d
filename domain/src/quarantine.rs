//! The quarantine: refused rows with their reason, so that a person can mend and replay them.

use crate::bronze::ROW_BYTES_MAX;
use crate::codec::{CodecError, Reader, put_text, put_varint};
use crate::column::Kind;
use crate::reason::{Reason, Rejection};

/// A refused row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinedRow<'a> {
    /// Which rules it failed: those for customers or for purchases.
    pub kind: Kind,
    /// Where it came from: a file, or a bronze partition.
    pub source: &'a str,
    /// Its place there: row number of the file (first row is 1), or offset in the partition.
    pub position: u64,
    /// Why.
    pub reason: Reason,
    /// What was found.
    pub detail: &'a str,
    /// The bronze record as JSON, cut where it is over the limit.
    pub raw: &'a str,
}

impl<'a> QuarantinedRow<'a> {
    /// Appends the compact form.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let reason = Reason::ALL.iter().position(|reason| *reason == self.reason).unwrap_or(0);
        out.extend_from_slice(&[u8::from(self.kind == Kind::Purchases), reason as u8]);
        put_text(out, self.source);
        put_varint(out, self.position);
        put_text(out, self.detail);
        put_text(out, self.raw);
    }

    /// Reads the compact form.
    ///
    /// # Errors
    /// [`CodecError`] where the bytes are no quarantined row of this version.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes);
        let kind = if reader.byte()? == 0 { Kind::Customers } else { Kind::Purchases };
        let reason = reader.byte()?;
        Ok(Self {
            kind,
            source: reader.text()?,
            position: reader.varint()?,
            reason: *Reason::ALL.get(usize::from(reason)).ok_or(CodecError::UnknownTag(reason))?,
            detail: reader.text()?,
            raw: reader.text()?,
        })
    }

    /// The JSON object of the contract; `at` is when the row was ingested, RFC 3339.
    #[must_use]
    pub fn to_json(&self, at: &str) -> serde_json::Value {
        serde_json::json!({
            "source": self.source,
            "position": self.position,
            "reason": self.reason.account(self.kind),
            "detail": self.detail,
            "raw": self.raw,
            "at": at,
        })
    }

    /// Puts a rejection and its origin together.
    #[must_use]
    pub fn new(
        kind: Kind,
        (source, position): (&'a str, u64),
        rejection: &'a Rejection,
        raw: &'a str,
    ) -> Self {
        let reason = rejection.reason;
        Self { kind, source, position, reason, detail: &rejection.detail, raw: cut(raw) }
    }
}

/// The text up to the limit, never inside a character.
fn cut(raw: &str) -> &str {
    &raw[..raw.floor_char_boundary(ROW_BYTES_MAX)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compact_form_comes_back_and_the_json_names_the_account() {
        let rejection = Rejection::new(Reason::BadDate, "\"x\" is no date");
        let row = QuarantinedRow::new(Kind::Purchases, ("achats.csv", 3), &rejection, "{}");
        let mut out = Vec::new();
        row.encode(&mut out);
        assert_eq!(QuarantinedRow::decode(&out), Ok(row.clone()));
        let json = row.to_json("2024-03-01T00:00:00.000Z");
        assert_eq!(json["reason"], "purchases.bad_date");
        assert_eq!(json["position"], 3);
    }

    #[test]
    fn a_long_raw_row_is_cut_between_characters() {
        let raw = "é".repeat(ROW_BYTES_MAX);
        assert_eq!(cut(&raw).len(), ROW_BYTES_MAX);
    }
}
