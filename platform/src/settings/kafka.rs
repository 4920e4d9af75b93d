//! How Kafka is reached: `kafka` or `[kafka]` of the file, `--kafka`, and properties in librdkafka's own names.
//! A property whose name ends in `.file` is the content of that file. It connects to nothing.

use super::error::SettingsError;
use super::secret_file::secret_of;
use crate::kafka::{KafkaProperties, canonical};
use crate::secret::Secret;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::path::Path;

/// Behind the name of a property: where its value stands.
const IN_FILE: &str = ".file";

/// What one place says of Kafka.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KafkaGiven {
    /// `HOST:PORT,…`
    pub brokers: Option<String>,
    /// By name, each perhaps with `.file` behind it.
    pub properties: BTreeMap<String, Secret>,
}

/// How Kafka is reached. No secret is in what this shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KafkaAccess {
    /// `HOST:PORT,…`
    pub brokers: String,
    /// What else its clients are told.
    pub properties: KafkaProperties,
}

/// `kafka = "HOST:PORT"`, or a table of properties, whose names may be written with or without quotation marks.
impl<'de> Deserialize<'de> for KafkaGiven {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut given = Self::default();
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(brokers) => given.brokers = Some(brokers),
            toml::Value::Table(table) => {
                flatten("", table, &mut given.properties).map_err(D::Error::custom)?;
                let brokers = given.properties.remove("bootstrap.servers");
                given.brokers = brokers.map(|brokers| brokers.expose().to_owned());
            }
            _ => return Err(D::Error::custom("kafka is \"HOST:PORT,…\" or a table of properties")),
        }
        Ok(given)
    }
}

/// `sasl.username = …` without quotation marks is a table in a table.
fn flatten(
    before: &str,
    table: toml::Table,
    properties: &mut BTreeMap<String, Secret>,
) -> Result<(), String> {
    for (name, value) in table {
        let name = format!("{before}{name}");
        let value = match value {
            toml::Value::Table(table) => {
                flatten(&format!("{name}."), table, properties)?;
                continue;
            }
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Float(number) => number.to_string(),
            toml::Value::Boolean(is_on) => is_on.to_string(),
            toml::Value::Array(_) | toml::Value::Datetime(_) => {
                return Err(format!("kafka property {name:?} is a text, a number, true or false"));
            }
        };
        if properties.insert(name.clone(), Secret::new(value)).is_some() {
            return Err(format!("kafka property {name:?} is given twice"));
        }
    }
    Ok(())
}

/// What a flag, a variable or the file says of Kafka; none where none says where it is.
pub(super) fn resolve(
    given: Option<&KafkaGiven>,
    file: Option<&KafkaGiven>,
) -> Result<Option<KafkaAccess>, SettingsError> {
    let brokers = [given, file].into_iter().find_map(|place| place?.brokers.clone());
    let Some(brokers) = brokers else {
        let has_any = [given, file].into_iter().flatten().any(|it| !it.properties.is_empty());
        let sentence = "properties of Kafka are given, but not where it is: give --kafka HOST:PORT, or \
                        bootstrap.servers in [kafka]";
        return if has_any { Err(SettingsError::Table(sentence.to_owned())) } else { Ok(None) };
    };
    let mut together = BTreeMap::new();
    for place in [file, given].into_iter().flatten() {
        put(&place.properties, &mut together)?;
    }
    let properties = together.into_iter().map(read).collect::<Result<_, _>>()?;
    Ok(Some(KafkaAccess { brokers, properties: KafkaProperties::checked(properties)? }))
}

/// The property that a name is of, whether its value or a file is given, and under whichever of its names.
fn stem(name: &str) -> &str {
    canonical(name.strip_suffix(IN_FILE).unwrap_or(name))
}

/// What is given nearer comes before what stands there of the same property, whichever of its names either has.
pub fn put_nearer(properties: &mut BTreeMap<String, Secret>, name: String, value: Secret) {
    properties.retain(|known, _| stem(known) != stem(&name));
    properties.insert(name, value);
}

/// Puts what one place gives before what stands there.
fn put(
    properties: &BTreeMap<String, Secret>,
    together: &mut BTreeMap<String, Secret>,
) -> Result<(), SettingsError> {
    for (name, value) in properties {
        let twice = properties.keys().find(|other| *other != name && stem(other) == stem(name));
        if let Some(other) = twice {
            let sentence = format!("kafka properties {name:?} and {other:?} are both given");
            return Err(SettingsError::Table(sentence));
        }
        put_nearer(together, name.clone(), value.clone());
    }
    Ok(())
}

fn read((name, value): (String, Secret)) -> Result<(String, Secret), SettingsError> {
    let Some(stem) = name.strip_suffix(IN_FILE) else { return Ok((name, value)) };
    let path = Path::new(value.expose());
    let content = secret_of(&name, path)?;
    if content.expose().is_empty() {
        return Err(SettingsError::EmptySecret(path.to_owned()));
    }
    Ok((stem.to_owned(), content))
}

#[cfg(test)]
mod tests {
    use super::super::{Given, Settings, cause, of_file};
    use super::*;
    use crate::kafka::PropertyError;

    const REDIS: &str = "redis = \"redis://r\"\n";

    fn of(text: &str) -> Result<KafkaAccess, SettingsError> {
        of_file(&format!("{REDIS}{text}")).map(|settings| settings.servers.unwrap().kafka)
    }

    fn properties(pairs: &[(&str, &str)]) -> KafkaProperties {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value)));
        KafkaProperties::checked(pairs.collect()).unwrap()
    }

    #[test]
    fn the_brokers_stand_alone_or_among_properties() {
        let alone = of("kafka = \"k:9092\"").unwrap();
        assert_eq!((alone.brokers.as_str(), alone.properties), ("k:9092", properties(&[])));
        let quoted = "\"bootstrap.servers\" = \"k:9092\"\n\"sasl.username\" = \"shop\"";
        let bare = "bootstrap.servers = \"k:9092\"\nsasl.username = \"shop\"";
        for text in [quoted, bare] {
            let access = of(&format!("[kafka]\n{text}\n\"linger.ms\" = 20\n")).unwrap();
            assert_eq!(access.brokers, "k:9092");
            let expected = properties(&[("sasl.username", "shop"), ("linger.ms", "20")]);
            assert_eq!(access.properties, expected, "{text}");
        }
        assert!(of("kafka = 9092").unwrap_err().to_string().contains("HOST:PORT"));
        let list = of("[kafka]\nbootstrap.servers = [\"k:9092\"]").unwrap_err().to_string();
        assert!(list.contains("bootstrap.servers"), "{list}");
    }

    #[test]
    fn what_is_nearer_to_the_command_comes_first_property_by_property() {
        let dir = tempfile::tempdir().unwrap();
        let (path, secret) = (dir.path().join("goldstream.toml"), dir.path().join("password"));
        std::fs::write(&secret, "of the file\n").unwrap();
        let table = format!(
            "{REDIS}[kafka]\nbootstrap.servers = \"k:9092\"\nsasl.username = \"shop\"\n\
             sasl.password.file = {:?}\n",
            secret.display()
        );
        std::fs::write(&path, table).unwrap();
        let given = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value)));
            let kafka = KafkaGiven { brokers: None, properties: pairs.collect() };
            Given { kafka: Some(kafka), ..Given::default() }
        };
        let access = |given| {
            let settings = Settings::resolve(given, Some(&path)).unwrap();
            settings.servers.unwrap().kafka.properties
        };
        let of_file = [("sasl.username", "shop"), ("sasl.password", "of the file")];
        assert_eq!(access(given(&[])), properties(&of_file));
        let nearer = properties(&[("sasl.username", "shop"), ("sasl.password", "nearer")]);
        assert_eq!(access(given(&[("sasl.password", "nearer")])), nearer);
        for two in [["sasl.password", "sasl.password.file"], ["sasl.mechanism", "sasl.mechanisms"]]
        {
            let both = given(&two.map(|name| (name, "PLAIN")));
            let refused = cause(Settings::resolve(both, Some(&path)));
            assert!(matches!(refused, Err(SettingsError::Table(_))), "{two:?}");
        }
        std::fs::write(&secret, "\n").unwrap();
        let empty = cause(Settings::resolve(given(&[]), Some(&path)));
        assert!(matches!(empty, Err(SettingsError::EmptySecret(_))));
        std::fs::remove_file(&secret).unwrap();
        let missing = cause(Settings::resolve(given(&[]), Some(&path)));
        assert!(matches!(missing, Err(SettingsError::UnreadableFile { .. })));
    }

    #[test]
    fn properties_of_no_kafka_are_refused() {
        let lost = of_file("[kafka]\nsecurity.protocol = \"PLAINTEXT\"").unwrap_err().to_string();
        assert!(lost.contains("--kafka"), "{lost}");
    }

    #[test]
    fn what_the_laws_fix_and_what_nobody_knows_is_refused() {
        let table = |line: &str| of(&format!("[kafka]\nbootstrap.servers = \"k:1\"\n{line}\n"));
        let fixed = cause(table("acks = 1")).unwrap_err();
        assert!(matches!(fixed, SettingsError::Kafka(PropertyError::Fixed { .. })), "{fixed}");
        let unknown = cause(table("sasl.pasword = \"hushhush\"")).unwrap_err();
        assert!(matches!(unknown, SettingsError::Kafka(PropertyError::Invalid { .. })));
        assert!(!format!("{unknown} {unknown:?}").contains("hushhush"));
    }
}
