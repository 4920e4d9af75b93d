//! What a person should know about the server before trusting it: eviction, persistence, version.
//! Nothing is changed here.

use super::link::Link;
use super::links::Links;
use super::reply;
use crate::store::StoreError;
use ::redis::cmd;

/// The first version that refuses a script before it begins where memory is short.
const VERSION_MIN: u32 = 7;

/// How much a [`Finding`] matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// State may be lost or stand still.
    Warning,
    /// Numbers stay right, but it may cost time, or it could not be looked at.
    Note,
}

/// Something about the server that a person should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What it is and what mends it.
    pub sentence: String,
}

impl Finding {
    fn new(severity: Severity, sentence: impl Into<String>) -> Self {
        Self { severity, sentence: sentence.into() }
    }
}

/// The settings that matter, none where the server does not tell them.
#[derive(Debug, Default)]
struct Settings {
    maxmemory: Option<String>,
    maxmemory_policy: Option<String>,
    appendonly: Option<String>,
    save: Option<String>,
}

/// The server's version, none where it may not be asked for.
pub(super) async fn version(link: &Link) -> Result<Option<String>, StoreError> {
    // A server that is away is an error; one that refuses to tell is not.
    link.query(&cmd("PING")).await?;
    let info = link.ask(cmd("INFO").arg("server")).await.ok().and_then(reply::text);
    let line = |info: &str| {
        let line = info.lines().find_map(|line| line.strip_prefix("redis_version:"));
        line.map(|version| version.trim().to_owned())
    };
    Ok(info.as_deref().and_then(line))
}

/// Whether a server of this version can hold a store.
pub(super) fn is_new_enough(version: &str) -> bool {
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    major.is_none_or(|major| major >= VERSION_MIN)
}

/// Looks at the settings of every server that has keys, and whether every slot has one.
pub(super) async fn findings(links: &Links) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    for link in links.all().await? {
        link.query(&cmd("PING")).await?;
        let settings = Settings {
            maxmemory: setting(&link, "maxmemory").await,
            maxmemory_policy: setting(&link, "maxmemory-policy").await,
            appendonly: setting(&link, "appendonly").await,
            save: setting(&link, "save").await,
        };
        let name = if links.is_cluster() {
            format!("redis at {}", link.server().address())
        } else {
            "redis".to_owned()
        };
        findings.extend(judge(&name, &settings));
    }
    findings.extend(coverage(links.site().slots_without_node()));
    Ok(findings)
}

fn coverage(slots_without_node: usize) -> Option<Finding> {
    (slots_without_node > 0).then(|| {
        Finding::new(
            Severity::Warning,
            format!(
                "{slots_without_node} slots of the redis cluster have no node: shards that lie there \
                 stand still; `redis-cli --cluster fix` gives them one"
            ),
        )
    })
}

async fn setting(link: &Link, name: &str) -> Option<String> {
    let answer = link.ask(cmd("CONFIG").arg("GET").arg(name)).await.ok()?;
    reply::pairs(answer)?.next().and_then(|(_, value)| reply::text(value))
}

fn judge(name: &str, settings: &Settings) -> Vec<Finding> {
    [eviction(name, settings), persistence(name, settings)].into_iter().flatten().collect()
}

fn eviction(name: &str, settings: &Settings) -> Option<Finding> {
    let (Some(maxmemory), Some(policy)) = (&settings.maxmemory, &settings.maxmemory_policy) else {
        return Some(Finding::new(
            Severity::Note,
            format!(
                "{name} does not tell its settings: see to it that maxmemory-policy is noeviction \
                 and that it keeps an append-only file"
            ),
        ));
    };
    // Only keys with a time to live are evicted by a volatile policy, and no key of ours has one.
    let harmless = maxmemory == "0" || policy == "noeviction" || policy.starts_with("volatile-");
    (!harmless).then(|| {
        Finding::new(
            Severity::Warning,
            format!(
                "{name} throws keys away when it is full (maxmemory-policy {policy}): a table, a \
                 dedupe set or a position may vanish, and its shard then stops until it is folded \
                 again; `CONFIG SET maxmemory-policy noeviction`, also in redis.conf"
            ),
        )
    })
}

fn persistence(name: &str, settings: &Settings) -> Option<Finding> {
    let (Some(appendonly), Some(save)) = (&settings.appendonly, &settings.save) else {
        return None;
    };
    if appendonly == "yes" {
        return None;
    }
    let kept = if save.is_empty() { "nothing" } else { "only snapshots now and then" };
    Some(Finding::new(
        Severity::Note,
        format!(
            "{name} keeps {kept} on disk: after a restart of it what is missing is folded from the \
             log again, which takes time, but the numbers stay right; `CONFIG SET appendonly yes`, \
             also in redis.conf"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(maxmemory: &str, policy: &str, appendonly: &str, save: &str) -> Vec<Severity> {
        let some = |text: &str| Some(text.to_owned());
        let settings = Settings {
            maxmemory: some(maxmemory),
            maxmemory_policy: some(policy),
            appendonly: some(appendonly),
            save: some(save),
        };
        judge("redis", &settings).into_iter().map(|finding| finding.severity).collect()
    }

    #[test]
    fn eviction_is_a_warning_where_it_can_happen() {
        assert_eq!(judged("100", "allkeys-lru", "yes", ""), [Severity::Warning]);
        assert_eq!(judged("0", "allkeys-lru", "yes", ""), []);
        assert_eq!(judged("100", "noeviction", "yes", "3600 1"), []);
        assert_eq!(judged("100", "volatile-ttl", "yes", ""), []);
    }

    #[test]
    fn a_server_that_forgets_is_noted_with_what_mends_it() {
        assert_eq!(judged("0", "noeviction", "no", ""), [Severity::Note]);
        assert_eq!(judged("0", "noeviction", "no", "3600 1"), [Severity::Note]);
        let settings = Settings::default();
        let sentence = &judge("redis", &settings)[0].sentence;
        assert!(sentence.contains("does not tell"), "{sentence}");
    }

    #[test]
    fn slots_without_a_node_are_a_warning() {
        assert_eq!(coverage(0), None);
        assert!(coverage(7).unwrap().sentence.contains("7 slots"));
    }

    #[test]
    fn servers_before_scripts_with_a_shebang_are_too_old() {
        assert!(is_new_enough("7.0.15") && is_new_enough("255.255.255"));
        assert!(!is_new_enough("6.2.14"));
    }
}
