//! What is in deploy/: chart, rules and board against schemas, flags and pods' containers, and every question of board and
//! rules to a real Prometheus.

use goldstream_platform::conformance::servers;
use std::path::Path;
use std::process::Command;

/// A script of deploy/, told of the binary and of the servers.
fn passes(script: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(script);
    let mut command = Command::new(path);
    command.arg(env!("CARGO_BIN_EXE_goldstream"));
    command.env("GOLDSTREAM_TEST_KAFKA", servers::kafka());
    command.env("GOLDSTREAM_TEST_REDIS", servers::redis());
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = String::from_utf8_lossy(&output.stderr);
    let last: Vec<_> = told.lines().rev().take(5).collect();
    assert!(output.status.success(), "{script}: {last:#?} {said}");
    told
}

#[test]
fn the_chart_the_rules_and_the_board_are_as_they_should_be_and_each_check_can_fail() {
    let told = passes("check.sh");
    for planted in ["planted", "helm lint", "knows"] {
        assert!(told.contains(planted), "{told}");
    }
}

#[test]
fn a_real_prometheus_answers_every_question_of_the_board_and_the_rules() {
    let told = passes("live-check.sh");
    assert!(told.contains("a killed consumer is seen"), "{told}");
}
