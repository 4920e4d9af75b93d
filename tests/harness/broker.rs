//! Topics as other programs see them: through the tools of Kafka's own Java client, which share no
//! code with goldstream.

use goldstream_platform::conformance::servers;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// One record as the Java client prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ForeignRecord {
    pub(crate) partition: u32,
    pub(crate) key: Option<String>,
    pub(crate) headers: String,
    pub(crate) value: String,
}

/// A tool of the Java client, not started yet.
fn tool(class: &str) -> Command {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/kafka-tool.sh");
    let mut command = Command::new(script);
    command.arg(class).env("GOLDSTREAM_TEST_KAFKA", servers::kafka());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn output(mut command: Command, input: &str) -> String {
    let mut child = command.spawn().expect("scripts/kafka-tool.sh can be run");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// The first `count` records of a topic.
pub(crate) fn consume(topic: &str, count: u64) -> Vec<ForeignRecord> {
    let mut command = tool("console-consumer");
    command.args(["--topic", topic, "--from-beginning", "--max-messages", &count.to_string()]);
    for property in ["print.partition", "print.headers", "print.key"] {
        command.args(["--formatter-property", &format!("{property}=true")]);
    }
    let printed = output(command, "");
    printed.lines().map(record).collect()
}

/// `Partition:0\tHEADERS\tKEY\tVALUE`
fn record(line: &str) -> ForeignRecord {
    let fields: Vec<_> = line.splitn(4, '\t').collect();
    let [partition, headers, key, value] = fields[..] else { panic!("no record: {line}") };
    ForeignRecord {
        partition: partition.trim_start_matches("Partition:").parse().unwrap(),
        key: (key != "null").then(|| key.to_owned()),
        headers: headers.to_owned(),
        value: value.to_owned(),
    }
}

/// Appends records with the Java client's default partitioner: `(key, value)`.
pub(crate) fn produce(topic: &str, records: &[(String, String)]) {
    let mut command = tool("console-producer");
    command.args(["--topic", topic]);
    for property in ["parse.key=true", "key.separator=\t"] {
        command.args(["--reader-property", property]);
    }
    let lines: String = records.iter().map(|(key, value)| format!("{key}\t{value}\n")).collect();
    output(command, &lines);
}

/// Makes the four topics of a prefix as an administrator may have, each with these settings.
pub(crate) fn make_topics(prefix: &str, partitions: u32, settings: &[&str]) {
    for name in ["bronze.customers", "bronze.purchases", "silver", "quarantine"] {
        let mut command = tool("topics");
        command.args(["--create", "--topic", &format!("{prefix}.{name}")]);
        command.args(["--partitions", &partitions.to_string()]);
        for setting in settings {
            command.args(["--config", setting]);
        }
        output(command, "");
    }
}

/// The topics of a prefix.
pub(crate) fn topics(prefix: &str) -> BTreeSet<String> {
    let mut command = tool("topics");
    command.arg("--list");
    let listed = output(command, "");
    listed
        .lines()
        .filter(|name| name.starts_with(&format!("{prefix}.")))
        .map(str::to_owned)
        .collect()
}

/// Gives a topic another number of partitions.
pub(crate) fn set_partitions(topic: &str, partitions: u32) {
    let mut command = tool("topics");
    command.args(["--alter", "--topic", topic, "--partitions", &partitions.to_string()]);
    output(command, "");
}

/// Gives a topic another setting, `KEY=VALUE`.
pub(crate) fn set(topic: &str, setting: &str) {
    let mut command = tool("configs");
    command.args(["--alter", "--entity-type", "topics", "--entity-name", topic]);
    command.args(["--add-config", setting]);
    output(command, "");
}

/// Deletes one topic.
pub(crate) fn delete_topic(topic: &str) {
    let mut command = tool("topics");
    command.args(["--delete", "--topic", topic]);
    output(command, "");
}

/// Deletes all topics of a prefix.
pub(crate) fn delete_topics(prefix: &str) {
    let mut command = tool("topics");
    command.args(["--delete", "--topic", &format!("{prefix}\\..*")]);
    output(command, "");
}

/// Deletes the records of a partition before an offset, as a retention would.
pub(crate) fn delete_records(topic: &str, partition: u32, before: u64) {
    let mut command = tool("delete-records");
    command.args(["--offset-json-file", "/dev/stdin"]);
    let place = format!(r#"{{"topic":"{topic}","partition":{partition},"offset":{before}}}"#);
    output(command, &format!(r#"{{"partitions":[{place}],"version":1}}"#));
}

/// How far a group is behind in each partition of each topic: `(position, end)` as it told Kafka.
pub(crate) fn lags(group: &str) -> Vec<(u64, u64)> {
    let mut command = tool("consumer-groups");
    command.args(["--describe", "--offsets", "--group", group]);
    let printed = output(command, "");
    // GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG …
    let lines = printed.lines().filter(|line| line.starts_with(group));
    let told = lines.map(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        (fields[3].parse().unwrap_or(0), fields[4].parse().unwrap())
    });
    told.collect()
}

/// The members of a group with what they hold, a line each.
pub(crate) fn members(group: &str) -> BTreeSet<String> {
    let mut command = tool("consumer-groups");
    command.args(["--describe", "--members", "--verbose", "--group", group]);
    let printed = output(command, "");
    let lines = printed.lines().filter(|line| line.starts_with(group));
    lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}
