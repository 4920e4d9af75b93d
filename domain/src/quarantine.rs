//! The quarantine: refused rows with their reason, so that a person can mend and replay them.

use crate::bronze::ROW_BYTES_MAX;
use crate::codec::{CodecError, Reader, put_text, put_varint};
use crate::column::Kind;
use crate::reason::{Reason, Rejection};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

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
        out.extend_from_slice(&[u8::from(self.kind == Kind::Purchases), self.reason.number()]);
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
            reason: Reason::of_number(reason).ok_or(CodecError::UnknownTag(reason))?,
            detail: reader.text()?,
            raw: reader.text()?,
        })
    }

    /// Appends the JSON object of the contract; `at` is when the row was ingested, RFC 3339.
    pub fn write_json(&self, at: &str, out: &mut Vec<u8>) {
        let json = QuarantinedJson {
            source: Cow::Borrowed(self.source),
            position: self.position,
            reason: Cow::Owned(self.reason.account(self.kind)),
            detail: Cow::Borrowed(self.detail),
            raw: Cow::Borrowed(self.raw),
            at: Cow::Borrowed(at),
        };
        // Plain structs of text and numbers always have a JSON form.
        serde_json::to_writer(out, &json).unwrap_or_default();
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

/// A refused row as the JSON object of the contract.
#[derive(Debug, Serialize, Deserialize)]
pub struct QuarantinedJson<'a> {
    /// As in the row.
    #[serde(borrow)]
    pub source: Cow<'a, str>,
    /// As in the row.
    pub position: u64,
    /// Kind and reason.
    #[serde(borrow)]
    pub reason: Cow<'a, str>,
    /// As in the row.
    #[serde(borrow)]
    pub detail: Cow<'a, str>,
    /// As in the row.
    #[serde(borrow)]
    pub raw: Cow<'a, str>,
    /// When the row was ingested, RFC 3339.
    #[serde(borrow)]
    pub at: Cow<'a, str>,
}

impl<'a> QuarantinedJson<'a> {
    /// Reads the JSON object of the contract.
    ///
    /// # Errors
    /// Where it is none: only this program writes the quarantine, so the log is damaged.
    pub fn from_json(json: &'a [u8]) -> Result<Self, serde_json::Error> {
        crate::json::read(json)
    }

    /// The refused row; none where its reason is unknown to this version.
    #[must_use]
    pub fn row(&self) -> Option<QuarantinedRow<'_>> {
        let (kind, reason) = Reason::of_account(&self.reason)?;
        let Self { source, position, detail, raw, .. } = self;
        Some(QuarantinedRow { kind, source, position: *position, reason, detail, raw })
    }
}

/// Where a refused row is found, for people: `achats.csv:23667` where the line is known.
#[must_use]
pub fn place(source: &str, position: u64, line: Option<u64>) -> String {
    let Some(path) = source.strip_prefix("file:") else {
        return format!("{source}, {position}");
    };
    let path = path.rsplit_once('@').map_or(path, |(path, _generation)| path);
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    match line {
        Some(line) => format!("{name}:{line}"),
        None => format!("{name}, row {position}"),
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
        out.clear();
        row.write_json("2024-03-01T00:00:00.000Z", &mut out);
        assert_eq!(QuarantinedJson::from_json(&out).unwrap().row(), Some(row));
        let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(json["reason"], "purchases.bad_date");
        assert_eq!(json["position"], 3);
        assert_eq!(json["at"], "2024-03-01T00:00:00.000Z");
    }

    #[test]
    fn stored_rows_are_read_as_long_as_there_are_any() {
        let all = [
            (0, Reason::Malformed),
            (1, Reason::MissingPurchaseId),
            (2, Reason::Misrouted),
            (3, Reason::MissingCustomerId),
            (4, Reason::MissingProduct),
            (5, Reason::BadDate),
            (6, Reason::BadAmount),
            (7, Reason::NonPositiveAmount),
            (8, Reason::ConflictingDuplicate),
            (9, Reason::RepeatedHeader),
        ];
        assert_eq!(all.len(), Reason::ALL.len());
        for (number, reason) in all {
            let stored = [&[1, number, 1][..], b"a", &[0xac, 0x02, 1], b"d", &[2], b"{}"].concat();
            let row = QuarantinedRow::decode(&stored).unwrap();
            assert_eq!((row.kind, row.reason, row.position), (Kind::Purchases, reason, 300));
            let mut again = Vec::new();
            row.encode(&mut again);
            assert_eq!(again, stored);
        }
        assert_eq!(QuarantinedRow::decode(&[1, 10, 0, 0, 0, 0]), Err(CodecError::UnknownTag(10)));
    }

    #[test]
    fn a_place_is_a_line_of_a_file_wherever_that_is_known() {
        assert_eq!(place("file:/shop/mai@2/achats.csv@0", 7, Some(9)), "achats.csv:9");
        assert_eq!(place("file:C:\\shop\\achats.csv@1", 7, None), "achats.csv, row 7");
        assert_eq!(place("bronze.purchases/0", 7, None), "bronze.purchases/0, 7");
    }

    #[test]
    fn a_long_raw_row_is_cut_between_characters() {
        let raw = "é".repeat(ROW_BYTES_MAX);
        assert_eq!(cut(&raw).len(), ROW_BYTES_MAX);
    }
}
