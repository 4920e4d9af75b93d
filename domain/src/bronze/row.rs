//! A row as it came, and its compact form.

use super::fault::LineFault;
use super::limits::{ROW_BYTES_MAX, too_long};
use crate::codec::{CodecError, Reader, put_texts, put_varint};
use crate::column::{COLUMNS, Names};
use std::borrow::Cow;

const TAG_COLUMNS: u8 = 0;
const TAG_JSON: u8 = 1;
const TAG_LINE: u8 = 2;
const TAG_OPEN_QUOTE: u8 = 3;
const TAG_TOO_LONG: u8 = 4;
const TAG_TOO_LARGE: u8 = 5;

/// A row as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BronzeRow<'a> {
    /// The five known columns of a CSV row, in canonical order.
    Columns {
        /// Under which names they came.
        names: Names,
        /// Their text, untouched.
        fields: [&'a str; COLUMNS],
    },
    /// A record that a program sent: meant to be a JSON object.
    Json(&'a [u8]),
    /// A line that is no row: another number of fields than the header.
    Line(&'a str),
    /// A line that is no row for a reason that its text does not tell.
    Broken {
        /// The reason.
        fault: LineFault,
        /// The line, or the beginning of one that is too long.
        text: &'a str,
    },
}

/// The text of the five columns in canonical order; missing ones are empty.
pub type Fields<'a> = [Cow<'a, str>; COLUMNS];

impl<'a> BronzeRow<'a> {
    /// Appends the compact form.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Columns { names, fields } => {
                out.extend_from_slice(&[TAG_COLUMNS, names.0]);
                put_texts(out, fields);
            }
            Self::Json(json) => {
                out.push(TAG_JSON);
                out.extend_from_slice(json);
            }
            Self::Line(text) => {
                out.push(TAG_LINE);
                out.extend_from_slice(text.as_bytes());
            }
            Self::Broken { fault, text } => {
                match *fault {
                    LineFault::OpenQuote { line } => {
                        out.push(TAG_OPEN_QUOTE);
                        put_varint(out, line);
                    }
                    LineFault::TooLong { line, from_bytes, to_bytes } => {
                        out.push(TAG_TOO_LONG);
                        [line, from_bytes, to_bytes].iter().for_each(|n| put_varint(out, *n));
                    }
                    LineFault::TooLarge { bytes, checksum } => {
                        out.push(TAG_TOO_LARGE);
                        [bytes, checksum].iter().for_each(|n| put_varint(out, *n));
                    }
                }
                out.extend_from_slice(text.as_bytes());
            }
        }
    }

    /// Reads the compact form.
    ///
    /// # Errors
    /// [`CodecError`] where the bytes are no row of this version.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes);
        match reader.byte()? {
            TAG_COLUMNS => {
                let names = Names(reader.byte()?);
                Ok(Self::Columns { names, fields: reader.texts()? })
            }
            TAG_JSON => Ok(Self::Json(reader.rest())),
            TAG_LINE => rest_text(reader).map(Self::Line),
            TAG_OPEN_QUOTE => {
                let fault = LineFault::OpenQuote { line: reader.varint()? };
                Ok(Self::Broken { fault, text: rest_text(reader)? })
            }
            TAG_TOO_LONG => {
                let (line, from_bytes) = (reader.varint()?, reader.varint()?);
                let fault = LineFault::TooLong { line, from_bytes, to_bytes: reader.varint()? };
                Ok(Self::Broken { fault, text: rest_text(reader)? })
            }
            TAG_TOO_LARGE => {
                let bytes = reader.varint()?;
                let fault = LineFault::TooLarge { bytes, checksum: reader.varint()? };
                Ok(Self::Broken { fault, text: rest_text(reader)? })
            }
            tag => Err(CodecError::UnknownTag(tag)),
        }
    }

    /// Why a line is no row, in words; nothing for what may be one.
    pub(super) fn why_none(&self) -> Option<String> {
        match self {
            Self::Columns { .. } | Self::Json(_) => None,
            Self::Line(text) if text.len() >= ROW_BYTES_MAX => Some(too_long()),
            Self::Line(_) => Some("another number of fields than the header".to_owned()),
            Self::Broken { fault, .. } => Some(fault.to_string()),
        }
    }
}

fn rest_text(reader: Reader<'_>) -> Result<&str, CodecError> {
    std::str::from_utf8(reader.rest()).map_err(|_| CodecError::NotUtf8)
}
