//! Roles without an API answer to who watches over them.

use crate::harness::home::Home;
use crate::harness::http;
use crate::harness::process::Running;
use crate::harness::shop::write;
use crate::harness::wait::eventually;

/// Where it says that it answers.
pub(super) fn address(running: &mut Running) -> String {
    running.says("metrics: http://");
    let said = running.said();
    let (_, rest) = said.split_once("metrics: http://").unwrap();
    rest.split_once("/metrics").unwrap().0.to_owned()
}

fn has(address: &str, lines: &[&str]) {
    eventually(&format!("{lines:?} are counted"), || {
        let (_, text) = http::get(&format!("http://{address}/metrics"))?;
        let has = |begin: &&str| text.lines().any(|line| line.starts_with(*begin));
        if lines.iter().all(has) { Ok(()) } else { Err(text) }
    });
}

#[test]
fn every_role_without_an_api_tells_prometheus_and_probes_how_it_is() {
    let home = Home::on_servers("watched");
    write(&home, 20, 200);
    let start = |line: &str| home.start(&format!("{line} --metrics 127.0.0.1:0"));
    let mut roles = ["consume all", "produce shop --follow", "lake --lake lake"].map(start);
    let [consuming, producing, lake] = roles.each_mut().map(address);
    has(
        &consuming,
        &[
            "goldstream_commit_seconds_count{stage=\"gold\"} ",
            "goldstream_append_seconds_count{stage=\"silver\"} ",
            "goldstream_ingested_to_commit_seconds_count{stage=\"gold\"} ",
            "goldstream_assigned_partitions{generation=\"0\",stage=\"gold\"} 4",
            "goldstream_position{generation=\"0\",partition=\"0\",stage=\"gold\",topic=\"silver\"} ",
            "goldstream_rebalances_total{stage=\"silver\"} 1",
            "goldstream_stage_rows{fate=\"accepted_purchases\",generation=\"0\",partition=\"0\",reason=\"\",stage=\"gold\",topic=\"silver\"} ",
            "goldstream_stage_rows{fate=\"duplicate_purchases\",generation=\"0\",partition=\"0\",reason=\"\",stage=\"silver\",topic=\"bronze.purchases\"} 0",
            "goldstream_troubles 0",
            "goldstream_build_info{version=",
            "process_resident_memory_bytes ",
        ],
    );
    has(&producing, &["goldstream_input_state{source=\"file:", "goldstream_input_behind_bytes"]);
    has(&lake, &["goldstream_lake_lag_records ", "goldstream_lake_files "]);
    for address in [&consuming, &producing, &lake] {
        for path in ["healthz", "readyz"] {
            assert_eq!(http::get(&format!("http://{address}/{path}")).unwrap().0, 200, "{path}");
        }
        assert_eq!(http::get(&format!("http://{address}/api/v1/gold")).unwrap().0, 404);
    }
    for role in roles {
        assert_eq!(role.end("TERM"), Some(0));
    }
}

#[test]
fn beyond_this_machine_its_numbers_are_for_who_knows_the_token() {
    let home = Home::on_servers("watched-token");
    let refused = home.ask("consume all --metrics 0.0.0.0:0").expect(2);
    refused.says(&["--insecure-listen", "--token-file"]);
    let token = "a-token-that-nobody-guesses-0123456789";
    home.write("token", token);
    let mut running = home.start("consume all --metrics 0.0.0.0:0 --token-file token");
    let address = address(&mut running).replace("0.0.0.0", "127.0.0.1");
    let (status, told) = http::get(&format!("http://{address}/metrics")).unwrap();
    assert!(status == 401 && !told.contains("goldstream_"), "{status} {told}");
    assert_eq!(http::get(&format!("http://{address}/healthz")).unwrap().0, 200);
    let bearer = format!("Bearer {token}");
    let url = format!("http://{address}/metrics");
    eventually("who knows it reads them", || {
        match http::get_with(&url, ("authorization", &bearer))? {
            (200, text) if text.contains("goldstream_troubles") => Ok(()),
            other => Err(format!("{other:?}")),
        }
    });
    assert_eq!(running.end("TERM"), Some(0));
}
