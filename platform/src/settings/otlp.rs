//! Where traces are sent, and of how many rows: `otlp` and `otlp_one_in` of `goldstream.toml`, and their flags. It
//! connects to nothing.

use super::error::SettingsError;
use super::given::Given;

/// Few enough that nobody feels them, enough to see where rows wait.
const ONE_IN_DEFAULT: u32 = 1000;

/// Where a collector beside us listens.
const ENDPOINT_DEFAULT: &str = "http://127.0.0.1:4318";

/// Whoever finds it set elsewhere says so.
const OFF: &str = "off";

/// Behind the address of a collector.
const PATH: &str = "/v1/traces";

/// What holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtlpSettings {
    /// Where spans are posted.
    pub url: String,
    /// One of so many rows is traced.
    pub one_in: u32,
}

pub(super) fn resolve(given: &Given, file: &Given) -> Result<Option<OtlpSettings>, SettingsError> {
    let odd = |reason: String| Err(SettingsError::Table(reason));
    let one_in = given.otlp_one_in.or(file.otlp_one_in).unwrap_or(ONE_IN_DEFAULT);
    if one_in == 0 {
        return odd("--otlp-one-in is 1 for every row, or more, not 0".to_owned());
    }
    let Some(endpoint) = given.otlp.as_ref().or(file.otlp.as_ref()) else { return Ok(None) };
    if endpoint == OFF {
        return Ok(None);
    }
    let endpoint = if endpoint.is_empty() { ENDPOINT_DEFAULT } else { endpoint };
    let host = endpoint.strip_prefix("http://").or_else(|| endpoint.strip_prefix("https://"));
    if host.is_some_and(|host| host.contains('@')) {
        return odd(
            "--otlp takes no password: give headers in OTEL_EXPORTER_OTLP_HEADERS".to_owned()
        );
    }
    let is_legal = |c: char| c.is_ascii_alphanumeric() || ".-_:[]/%~".contains(c);
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    let is_address = |host: &str| {
        let (name, rest) = host.split_once('/').unwrap_or((host, ""));
        // An IPv6 address has brackets, and what follows them.
        let port =
            name.rsplit(']').next().and_then(|rest| rest.split_once(':')).map(|(_, port)| port);
        let has_name = !name.is_empty()
            && !name.starts_with(':')
            && name.starts_with('[') == name.contains(']');
        has_name && port.is_none_or(is_port) && [name, rest].concat().chars().all(is_legal)
    };
    if !host.is_some_and(is_address) {
        return odd(format!(
            "{endpoint:?} (--otlp, GOLDSTREAM_OTLP or otlp) is no address of a collector: give http://HOST:4318 (OTLP \
             over HTTP), or off"
        ));
    }
    let base = endpoint.trim_end_matches('/');
    let url = if base.ends_with(PATH) { base.to_owned() } else { format!("{base}{PATH}") };
    Ok(Some(OtlpSettings { url, one_in }))
}

#[cfg(test)]
mod tests {
    use super::super::of_file as of;
    use super::*;

    #[test]
    fn nothing_is_traced_unless_it_is_said() {
        assert_eq!(of("").unwrap().otlp, None);
        assert_eq!(of("otlp_one_in = 10\n").unwrap().otlp, None);
        assert_eq!(of("otlp = \"off\"\n").unwrap().otlp, None);
    }

    #[test]
    fn spans_go_to_the_path_that_collectors_have_for_them() {
        for (given, url) in [
            ("", "http://127.0.0.1:4318/v1/traces"),
            ("http://otel:4318/", "http://otel:4318/v1/traces"),
            ("https://otel/shop/v1/traces", "https://otel/shop/v1/traces"),
            ("http://[::1]:4318", "http://[::1]:4318/v1/traces"),
        ] {
            let settings = of(&format!("otlp = \"{given}\"\n")).unwrap().otlp.unwrap();
            assert_eq!((&*settings.url, settings.one_in), (url, ONE_IN_DEFAULT));
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_what_can() {
        for (text, says) in [
            ("otlp = \"otel:4317\"\n", "give http://HOST:4318"),
            ("otlp = \"http://\"\n", "give http://HOST:4318"),
            ("otlp = \"http://otel 4318\"\n", "give http://HOST:4318"),
            ("otlp = \"http://user:hushhush@otel:4318\"\n", "OTEL_EXPORTER_OTLP_HEADERS"),
            ("otlp = \"http://otel:99999\"\n", "give http://HOST:4318"),
            ("otlp = \"http://[::1\"\n", "give http://HOST:4318"),
            ("otlp_one_in = 0\n", "not 0"),
        ] {
            let error = of(text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
