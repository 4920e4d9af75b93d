//! The signature of a webhook, as Standard Webhooks has it: HMAC-SHA256 over id, time and body.

use data_encoding::BASE64;
use ring::hmac;

/// What a secret begins with that is written as base64.
const ENCODED: &str = "whsec_";

/// The value of `webhook-signature`.
pub(crate) fn signature(secret: &str, id: &str, at_s: i64, body: &str) -> String {
    let decoded = secret.strip_prefix(ENCODED).and_then(|text| BASE64.decode(text.as_bytes()).ok());
    let key = decoded.unwrap_or_else(|| secret.as_bytes().to_vec());
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let tag = hmac::sign(&key, format!("{id}.{at_s}.{body}").as_bytes());
    format!("v1,{}", BASE64.encode(tag.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_standard_webhooks_is_signed_as_it_is_there() {
        let secret = "whsec_plJ3nmyCDGBKInavdOK15jsl";
        let body = r#"{"event_type":"ping","data":{"success":true}}"#;
        let signed = signature(secret, "msg_loFOjxBNrRLzqYUf", 1_731_705_121, body);
        assert_eq!(signed, "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=");
    }
}
