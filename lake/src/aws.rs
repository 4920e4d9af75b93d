//! What the tools of AWS keep in files: `~/.aws/credentials` and `~/.aws/config`. The client that is used reads the
//! environment alone.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// What a profile says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Profile(BTreeMap<String, String>);

impl Profile {
    /// The one that `AWS_PROFILE` names, or `default`; empty where there is none.
    pub(crate) fn of_files() -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let home = variable("HOME").map(|home| PathBuf::from(home).join(".aws"));
        let file = |variable: Option<String>, name: &str| {
            let path = variable.map(PathBuf::from).or_else(|| Some(home.as_ref()?.join(name)))?;
            std::fs::read_to_string(path).ok()
        };
        let profile = variable("AWS_PROFILE").unwrap_or_else(|| "default".to_owned());
        let config = file(variable("AWS_CONFIG_FILE"), "config").unwrap_or_default();
        let credentials =
            file(variable("AWS_SHARED_CREDENTIALS_FILE"), "credentials").unwrap_or_default();
        let mut found = Self::parse(&config, &profile);
        found.0.extend(Self::parse(&credentials, &profile).0);
        found
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    fn parse(text: &str, profile: &str) -> Self {
        let mut is_it = false;
        let mut found = BTreeMap::new();
        for line in text.lines() {
            let line = line.trim_end();
            if let Some(name) = line.trim().strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
                let name = name.trim();
                is_it = name == profile
                    || name.strip_prefix("profile ").map(str::trim) == Some(profile);
            } else if is_it
                // Behind a blank at its beginning a line belongs to the one before.
                && !line.starts_with([' ', '\t', '#', ';'])
                && let Some((key, value)) = line.split_once('=')
            {
                found.insert(key.trim().to_owned(), value.trim().to_owned());
            }
        }
        Self(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_read_as_the_tools_write_it() {
        let text = "[default]\naws_access_key_id = A\n\n# mine\n[profile shop]\nregion=eu-west-3\ns3 =\n  max = 1\n\
                    aws_access_key_id = B = C\n[other]\nregion = x\n";
        let shop = Profile::parse(text, "shop");
        assert_eq!((shop.get("region"), shop.get("max")), (Some("eu-west-3"), None));
        assert_eq!(shop.get("aws_access_key_id"), Some("B = C"));
        assert_eq!(Profile::parse(text, "default").get("aws_access_key_id"), Some("A"));
        assert_eq!(Profile::parse(text, "none"), Profile::default());
    }
}
